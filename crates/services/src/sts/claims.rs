//! What the claims of an OpenID Connect token say to STS: audience, condition keys, session tags.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stepward_access::{Jwt, Tags};

use super::error::StsError;
use super::saml_attributes::checked_source_identity;
use super::{Tag, session_tags as checked_tags};

const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
const ROLES: &str = "https://aws.amazon.com/roles";
/// Keys that every provider has (AWS: available keys for OIDC federation).
const COMMON: [&str; 2] = ["sub", "amr"];

/// Session tags of a token.
#[derive(Default)]
pub(crate) struct ClaimedTags {
    pub(crate) tags: Tags,
    pub(crate) transitive: Vec<String>,
}

pub(crate) fn missing(claim: &str) -> StsError {
    StsError::InvalidIdentityToken(format!("Missing a required claim: {claim}"))
}

/// A claim that must be there.
pub(crate) fn required<'t>(token: &'t Jwt, claim: &str) -> Result<&'t str, StsError> {
    token.text(claim).filter(|text| !text.is_empty()).ok_or_else(|| missing(claim))
}

/// Whom the token is for: the authorized party where it names one.
pub(crate) fn audiences(token: &Jwt) -> Vec<String> {
    match token.text("azp") {
        Some(party) => vec![party.to_owned()],
        None => texts(token.claims().get("aud")),
    }
}

/// A claim's value or values as text.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => values.iter().flat_map(|value| texts(Some(value))).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Bool(is)) => vec![is.to_string()],
        Some(Value::Null | Value::Object(_)) | None => Vec::new(),
    }
}

/// The condition keys that the token fills: `provider:claim`.
pub(crate) fn condition_keys(token: &Jwt, issuer: &str) -> BTreeMap<String, Vec<String>> {
    let provider = issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/');
    let mut keys = BTreeMap::from([(format!("{provider}:aud"), audiences(token))]);
    if token.text("azp").is_some() {
        keys.insert(format!("{provider}:oaud"), texts(token.claims().get("aud")));
    }
    for claim in COMMON.into_iter().chain(own_claims(provider)) {
        let values = texts(token.claims().get(claim));
        if !values.is_empty() {
            keys.insert(format!("{provider}:{claim}"), values);
        }
    }
    keys
}

/// The further claims that AWS takes from a provider, from the service authorization reference.
fn own_claims(provider: &str) -> Vec<&'static str> {
    let Some(authorization) = stepward_models::authorization("sts") else { return Vec::new() };
    let Some((_, action)) = authorization.action("AssumeRoleWithWebIdentity") else { return Vec::new() };
    let named = action.keys.iter().filter_map(|key| key.rsplit_once(':'));
    named.filter(|(pattern, _)| fits(pattern, provider)).map(|(_, claim)| claim).collect()
}

/// Whether a provider is what a pattern such as `token.actions.${Domain}.ghe.com` means.
fn fits(pattern: &str, provider: &str) -> bool {
    let Some((before, rest)) = pattern.split_once("${") else { return pattern == provider };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    let middle = provider.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    middle.is_some_and(|middle| !middle.is_empty())
}

/// The session tags that a token sets.
pub(crate) fn session_tags(token: &Jwt) -> Result<ClaimedTags, StsError> {
    let Some(claim) = token.claims().get(TAGS) else { return Ok(ClaimedTags::default()) };
    let principal = claim.get("principal_tags").and_then(Value::as_object);
    let tag = |(key, value): (&String, &Value)| {
        let value = texts(Some(value)).into_iter().next().unwrap_or_default();
        Tag { key: key.clone(), value }
    };
    let tags: Vec<Tag> = principal.unwrap_or(&Map::new()).iter().map(tag).collect();
    let tags = checked_tags(&tags)?;
    let transitive = texts(claim.get("transitive_tag_keys"));
    if !transitive.iter().all(|key| tags.keys().any(|known| known.eq_ignore_ascii_case(key))) {
        let text = "The specified transitive tag key must be included in the requested tags.";
        return Err(StsError::InvalidParameter(text.to_owned()));
    }
    Ok(ClaimedTags { tags, transitive })
}

pub(crate) fn source_identity(token: &Jwt) -> Result<Option<String>, StsError> {
    checked_source_identity(token.text(SOURCE_IDENTITY))
}

/// Whether the token names the role among those it is good for; none when it names no roles.
pub(crate) fn allows_role(token: &Jwt, role_arn: &str) -> Option<bool> {
    let roles = token.claims().get(ROLES)?;
    Some(texts(Some(roles)).iter().any(|role| role == role_arn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_fits_its_pattern() {
        assert!(fits("gitlab.com", "gitlab.com"));
        assert!(!fits("gitlab.com", "gitlab.com.evil.example"));
        assert!(fits("token.actions.${Domain}.ghe.com", "token.actions.acme.ghe.com"));
        assert!(!fits("token.actions.${Domain}.ghe.com", "token.actions.ghe.com"));
        assert!(own_claims("token.actions.githubusercontent.com").contains(&"repository"));
        assert!(own_claims("elsewhere.example").is_empty());
    }
}
