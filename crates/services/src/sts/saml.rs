//! AssumeRoleWithSAML: a session for the bearer of a SAML response, which is verified with the keys in the metadata of
//! its provider. Nobody signs the call: the response authenticates, and the role's trust policy authorizes.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{AssumeRequest, Authenticated, Authorized, FederatedUser, Needs, SamlProvider};
use stepward_saml::{Assertion, Metadata, SamlError};
use stepward_types::Timestamp;

use super::assume_role::{check_duration, check_role_arn, role_account};
use super::error::StsError;
use super::policies::{PolicyDescriptor, checked, packed_percent};
use super::saml_attributes as attributes;
use super::{credentials, with};
use crate::{Operation, Services};

const ACTION: &str = "sts:AssumeRoleWithSAML";
/// AWS: how long after it was issued a response may be used.
const REDEEM_MILLIS: i64 = 5 * 60 * 1_000;
/// How far a provider's clock may be ahead.
const AHEAD_MILLIS: i64 = 5 * 60 * 1_000;
const SECONDS_MIN: i64 = 900;

pub(crate) struct AssumeRoleWithSaml;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_arn: String,
    principal_arn: String,
    #[serde(rename = "SAMLAssertion")]
    assertion: String,
    #[serde(default)]
    policy_arns: Vec<PolicyDescriptor>,
    policy: Option<String>,
    duration_seconds: Option<u32>,
}

impl Operation for AssumeRoleWithSaml {
    const NAME: &'static str = "AssumeRoleWithSAML";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    // The response has to be verified before it is known who asks: `handle` authorizes its bearer.
    async fn needs(input: &Input, _: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        check_role_arn(&input.role_arn)?;
        Ok(Needs::none())
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        answer(&call, at)
    }
}

fn answer(call: &Authorized<Input>, at: &Services) -> Result<Value, StsError> {
    let provider = find_provider(&call.principal_arn, at)?;
    if call.caller().now() >= provider.valid_until {
        let text = format!(
            "The metadata of the provider was valid until {} (validUntil): update it.",
            provider.valid_until.to_rfc3339_seconds()
        );
        return Err(StsError::InvalidIdentityToken(text));
    }
    let metadata = Metadata::parse(&provider.metadata).map_err(refused)?;
    let assertion = Assertion::verify(&call.assertion, &metadata).map_err(refused)?;
    check_times(&assertion, call.caller().now())?;
    attributes::check_audience(&assertion)?;
    attributes::check_role(&assertion, &call.role_arn, &call.principal_arn)?;

    let account = role_account(&call.role_arn);
    let tags = attributes::session_tags(&assertion)?;
    let mut request = AssumeRequest {
        role_arn: call.role_arn.clone(),
        session_name: attributes::session_name(&assertion)?,
        tags: tags.tags,
        transitive_tag_keys: tags.transitive,
        source_identity: attributes::source_identity(&assertion)?,
        policies: checked(call.policy.as_ref(), &call.policy_arns, account, &at.access)?,
        duration_seconds: attributes::duration_seconds(&assertion, call.duration_seconds)?,
        ..AssumeRequest::default()
    };
    check_duration(&request, call.caller(), account, &at.access)?;
    request.duration_seconds = within_session(&assertion, request.duration_seconds, call.caller().now())?;
    let percent = packed_percent(&request.policies, &request.tags)?;
    let qualifier = attributes::name_qualifier(&assertion.issuer, &provider.arn);
    let user = FederatedUser {
        action: ACTION,
        provider: provider.arn.clone(),
        subject: assertion.subject.name.clone(),
        context: attributes::condition_keys(&assertion, &provider.arn, &qualifier),
        session_keys: Some(&attributes::SESSION_KEYS),
        is_role_authorized_by_provider: None,
    };
    let session = at.access.assume_federated(&user, &request, call.caller())?;
    let answer = json!({
        "Credentials": credentials(&session)?,
        "AssumedRoleUser": {"AssumedRoleId": session.user_id(), "Arn": session.arn()},
        "Audience": assertion.recipient,
        "Issuer": assertion.issuer,
        "Subject": assertion.subject.name,
        "SubjectType": attributes::subject_type(&assertion),
        "NameQualifier": qualifier,
    });
    let answer = with(answer, "PackedPolicySize", percent.map(|percent| json!(percent)));
    Ok(with(answer, "SourceIdentity", session.source_identity().map(|identity| json!(identity))))
}

fn find_provider(arn: &str, at: &Services) -> Result<SamlProvider, StsError> {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let found = at.access.read(account, |account| {
        account.find::<SamlProvider>(arn).map(|provider| SamlProvider::clone(provider))
    });
    found.ok_or_else(|| StsError::InvalidIdentityToken("Specified provider doesn't exist".to_owned()))
}

// AWS says little of what is wrong with a response; its reason goes behind AWS's sentence.
fn refused(error: SamlError) -> StsError {
    match error {
        SamlError::Base64 => StsError::InvalidIdentityToken("Invalid base64 SAMLResponse".to_owned()),
        SamlError::Signature(reason) => {
            StsError::InvalidIdentityToken(format!("Response signature invalid: {reason}"))
        }
        SamlError::Issuer => {
            StsError::InvalidIdentityToken("Issuer not present in specified provider".to_owned())
        }
        SamlError::Status => {
            StsError::IdpRejectedClaim("The identity provider reported that authentication failed".to_owned())
        }
        SamlError::Xml(_) | SamlError::Metadata(_) | SamlError::Response(_) => {
            StsError::InvalidIdentityToken(format!("Invalid SAML response: {error}"))
        }
    }
}

fn check_times(assertion: &Assertion, now: Timestamp) -> Result<(), StsError> {
    if now > assertion.issued.plus_millis(REDEEM_MILLIS) || now >= assertion.ends {
        let text = "Token must be redeemed within 5 minutes of issuance";
        return Err(StsError::ExpiredToken(text.to_owned()));
    }
    let begins = assertion.begins.unwrap_or(assertion.issued).max(assertion.issued);
    if begins > now.plus_millis(AHEAD_MILLIS) {
        let text = format!("Token is not valid yet: it begins at {}.", begins.to_rfc3339_seconds());
        return Err(StsError::InvalidIdentityToken(text));
    }
    Ok(())
}

// AWS: the session ends with the user's session at the provider, if that is sooner.
fn within_session(assertion: &Assertion, seconds: u32, now: Timestamp) -> Result<u32, StsError> {
    let Some(ends) = assertion.session_ends else { return Ok(seconds) };
    let left = (ends.millis() - now.millis()).div_euclid(1_000);
    if left < 1 {
        let text = "The session with the identity provider has ended (SessionNotOnOrAfter).";
        return Err(StsError::ExpiredToken(text.to_owned()));
    }
    Ok(u32::try_from(left.min(i64::from(seconds))).unwrap_or(seconds))
}

/// Whether a duration is one that sessions can have.
pub(super) fn is_duration(seconds: i64) -> bool {
    (SECONDS_MIN..=43_200).contains(&seconds)
}
