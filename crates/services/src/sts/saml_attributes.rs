//! What a SAML assertion says to STS: audience, roles, session name, tags, condition keys
//! (AWS: configure SAML assertions for the authentication response; available keys for SAML-based federation).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use stepward_saml::Assertion;

use super::claims::ClaimedTags;
use super::error::StsError;
use super::saml::is_duration;
use super::{Tag, session_tags as checked_tags};

const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";
const SECONDS_DEFAULT: u32 = 3_600;
const FORMATS: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// The keys that stay with the session.
pub(crate) const SESSION_KEYS: [&str; 3] = ["saml:namequalifier", "saml:sub", "saml:sub_type"];

/// Attributes that are condition keys (AWS: attributes of eduPerson, eduOrg, Active Directory and X.500).
const KEYS: [(&str, &str); 29] = [
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "eduPersonAffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "eduPersonNickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "eduPersonOrgDN"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "eduPersonOrgUnitDN"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "eduPersonPrimaryAffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "eduPersonEntitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "eduPersonPrimaryOrgUnitDN"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "eduPersonScopedAffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "eduPersonTargetedID"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "eduPersonAssurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "eduOrgHomePageURI"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "eduOrgIdentityAuthNPolicyURI"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "eduOrgLegalName"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "eduOrgSuperiorURI"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "eduOrgWhitePagesURI"),
    ("urn:oid:2.5.4.3", "cn"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "name"),
    ("http://schemas.xmlsoap.org/claims/CommonName", "commonName"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "givenName"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "surname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "mail"),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "primaryGroupSID"),
    ("urn:oid:2.5.4.4", "surname"),
    ("urn:oid:2.5.4.42", "givenName"),
    ("urn:oid:2.5.4.45", "x500UniqueIdentifier"),
    ("urn:oid:0.9.2342.19200300.100.1.1", "uid"),
    ("urn:oid:0.9.2342.19200300.100.1.3", "mail"),
    ("urn:oid:0.9.2342.19200300.100.1.45", "organizationStatus"),
];

fn invalid(text: &str) -> StsError {
    StsError::InvalidIdentityToken(text.to_owned())
}

/// Refuses an assertion for somebody else: AWS is its audience and its recipient.
pub(crate) fn check_audience(assertion: &Assertion) -> Result<(), StsError> {
    let is_aws = |audience: &String| audience == "urn:amazon:webservices" || is_sign_in(audience);
    let audiences = &assertion.audiences;
    if audiences.is_empty() || !audiences.iter().all(|any| any.iter().any(is_aws)) {
        return Err(invalid("Response does not contain the required audience."));
    }
    if !is_sign_in(&assertion.recipient) {
        return Err(invalid("The Recipient of the assertion is not the sign-in endpoint of AWS."));
    }
    Ok(())
}

/// `https://signin.aws.amazon.com/saml`, the same of a Region, or with the id of a provider.
fn is_sign_in(url: &str) -> bool {
    let Some((host, path)) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let region = match host.strip_suffix("signin.aws.amazon.com") {
        Some("") => Some(""),
        Some(region) => region.strip_suffix('.'),
        None => None,
    };
    let is_region = |region: &str| region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    region.is_some_and(is_region) && (path == "saml" || path.starts_with("saml/acs/"))
}

/// Refuses a role that the assertion does not name together with the provider.
pub(crate) fn check_role(assertion: &Assertion, role: &str, provider: &str) -> Result<(), StsError> {
    let name = format!("{ATTRIBUTES}Role");
    let is_pair = |value: &str| {
        let Some((one, other)) = value.split_once(',') else { return false };
        let pair = (one.trim(), other.trim());
        pair == (role, provider) || pair == (provider, role)
    };
    if assertion.values(&name).any(is_pair) {
        return Ok(());
    }
    Err(StsError::AccessDenied("Not authorized to perform sts:AssumeRoleWithSAML".to_owned()))
}

fn one<'a>(assertion: &'a Assertion, attribute: &str) -> Option<&'a str> {
    let name = format!("{ATTRIBUTES}{attribute}");
    let found = assertion.attributes.iter().find(|(known, _)| *known == name);
    found.and_then(|(_, values)| values.first()).map(String::as_str).filter(|value| !value.is_empty())
}

fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (2..=64).contains(&text.len()) && text.bytes().all(is_part)
}

pub(crate) fn session_name(assertion: &Assertion) -> Result<String, StsError> {
    let name = one(assertion, "RoleSessionName");
    let name = name.ok_or_else(|| invalid("RoleSessionName is required in AuthnResponse"))?;
    if is_name(name) {
        return Ok(name.to_owned());
    }
    Err(invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"))
}

pub(crate) fn source_identity(assertion: &Assertion) -> Result<Option<String>, StsError> {
    checked_source_identity(one(assertion, "SourceIdentity"))
}

/// Refuses a source identity that AssumeRole would not take.
pub(crate) fn checked_source_identity(identity: Option<&str>) -> Result<Option<String>, StsError> {
    match identity {
        Some(identity) if !is_name(identity) || identity.to_ascii_lowercase().starts_with("aws:") => {
            Err(invalid("Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\""))
        }
        identity => Ok(identity.map(str::to_owned)),
    }
}

/// As the call asks, else as the assertion says, else an hour.
pub(crate) fn duration_seconds(assertion: &Assertion, asked: Option<u32>) -> Result<u32, StsError> {
    if let Some(seconds) = asked {
        return Ok(seconds);
    }
    let Some(claimed) = one(assertion, "SessionDuration") else { return Ok(SECONDS_DEFAULT) };
    let seconds = claimed.parse().ok().filter(|seconds| is_duration(i64::from(*seconds)));
    seconds.ok_or_else(|| invalid("SessionDuration in AuthnResponse must be a number from 900 to 43200"))
}

/// The session tags that an assertion sets.
pub(crate) fn session_tags(assertion: &Assertion) -> Result<ClaimedTags, StsError> {
    let prefix = format!("{ATTRIBUTES}PrincipalTag:");
    let tag = |(name, values): &(String, Vec<String>)| {
        let key = name.strip_prefix(&prefix)?.to_owned();
        Some(Tag { key, value: values.first().cloned().unwrap_or_default() })
    };
    let tags: Vec<Tag> = assertion.attributes.iter().filter_map(tag).collect();
    let tags = checked_tags(&tags)?;
    let transitive: Vec<String> =
        assertion.values(&format!("{ATTRIBUTES}TransitiveTagKeys")).map(str::to_owned).collect();
    if !transitive.iter().all(|key| tags.keys().any(|known| known.eq_ignore_ascii_case(key))) {
        let text = "The specified transitive tag key must be included in the requested tags.";
        return Err(StsError::InvalidParameter(text.to_owned()));
    }
    Ok(ClaimedTags { tags, transitive })
}

/// `persistent`, `transient`, or the format as it is.
pub(crate) fn subject_type(assertion: &Assertion) -> String {
    let format = assertion.subject.format.as_deref().unwrap_or(UNSPECIFIED);
    format.strip_prefix(FORMATS).unwrap_or(format).to_owned()
}

/// AWS: `BASE64(SHA1(issuer + account + "/" + name of the provider))`.
pub(crate) fn name_qualifier(issuer: &str, provider: &str) -> String {
    let (account, name) = account_and_name(provider);
    let hashed = digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{issuer}{account}/{name}").as_bytes());
    BASE64.encode(hashed)
}

fn account_and_name(provider: &str) -> (&str, &str) {
    let account = provider.split(':').nth(4).unwrap_or_default();
    (account, provider.split_once('/').map_or("", |(_, name)| name))
}

/// The condition keys that the assertion fills.
pub(crate) fn condition_keys(
    assertion: &Assertion,
    provider: &str,
    qualifier: &str,
) -> BTreeMap<String, Vec<String>> {
    let (account, name) = account_and_name(provider);
    let mut keys = BTreeMap::from([
        ("saml:aud".to_owned(), vec![assertion.recipient.clone()]),
        ("saml:iss".to_owned(), vec![assertion.issuer.clone()]),
        ("saml:sub".to_owned(), vec![assertion.subject.name.clone()]),
        ("saml:sub_type".to_owned(), vec![subject_type(assertion)]),
        ("saml:doc".to_owned(), vec![format!("{account}/{name}")]),
        ("saml:namequalifier".to_owned(), vec![qualifier.to_owned()]),
    ]);
    for (attribute, key) in KEYS {
        let values: Vec<String> = assertion.values(attribute).map(str::to_owned).collect();
        if !values.is_empty() {
            keys.entry(format!("saml:{key}")).or_default().extend(values);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_endpoint_is_known_and_what_looks_like_one_is_not() {
        for url in [
            "https://signin.aws.amazon.com/saml",
            "https://eu-west-1.signin.aws.amazon.com/saml",
            "https://us-east-1.signin.aws.amazon.com/saml/acs/SAMLSPABC",
        ] {
            assert!(is_sign_in(url), "{url}");
        }
        for url in [
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com.evil.test/saml",
            "https://evil-signin.aws.amazon.com/saml",
            "https://evil.test/.signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com/samlx",
        ] {
            assert!(!is_sign_in(url), "{url}");
        }
    }

    // By hand: printf 'https://example.com/saml123456789012/MySAMLIdP' | openssl sha1 -binary | base64
    #[test]
    fn the_name_qualifier_is_aws_hash_of_issuer_account_and_name() {
        let provider = "arn:aws:iam::123456789012:saml-provider/MySAMLIdP";
        assert_eq!(name_qualifier("https://example.com/saml", provider), "1uAJanUnBc2XeUkHURMht+xam2c=");
    }
}
