//! AWS Security Token Service: temporary credentials.
//!
//! Owns what the STS operations do and answer (AWS: STS API reference). Refuses to make sessions itself: `access`
//! decides who may assume what, and makes the credentials.

mod access_key_info;
mod assume_role;
mod assume_root;
mod caller_identity;
mod claims;
mod decode_message;
mod delegated_access_token;
mod error;
mod federation;
mod policies;
mod saml;
mod saml_attributes;
mod session_token;
mod web_identity;
mod web_identity_token;

use serde_json::{Value, json};
use stepward_access::{AccessError, Session};

use crate::Operations;
use error::StsError;

/// The operations of STS.
pub fn operations() -> Operations {
    Operations::default()
        .with::<assume_role::AssumeRole>()
        .with::<caller_identity::GetCallerIdentity>()
        .with::<session_token::GetSessionToken>()
        .with::<federation::GetFederationToken>()
        .with::<access_key_info::GetAccessKeyInfo>()
        .with::<decode_message::DecodeAuthorizationMessage>()
        .with::<web_identity::AssumeRoleWithWebIdentity>()
        .with::<saml::AssumeRoleWithSaml>()
        .with::<web_identity_token::GetWebIdentityToken>()
        .with::<assume_root::AssumeRoot>()
        .with::<delegated_access_token::GetDelegatedAccessToken>()
}

/// Credentials as every operation answers them.
fn credentials(session: &Session) -> Result<Value, AccessError> {
    let made = session.credentials()?;
    Ok(json!({
        "AccessKeyId": made.access_key_id, "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
        "Expiration": made.expiration.map(|at| at.millis().div_euclid(1_000)),
    }))
}

/// Adds a member when there is something to answer.
fn with(mut answer: Value, member: &str, more: Option<Value>) -> Value {
    if let (Some(fields), Some(more)) = (answer.as_object_mut(), more) {
        fields.insert(member.to_owned(), more);
    }
    answer
}

/// Tags as they are sent.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Session tags: a key counts once, whatever its case.
fn session_tags(tags: &[Tag]) -> Result<stepward_access::Tags, StsError> {
    let mut checked = stepward_access::Tags::new();
    for tag in tags {
        if checked.keys().any(|key: &String| key.eq_ignore_ascii_case(&tag.key)) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(StsError::InvalidParameter(text.to_owned()));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            let text = "Tag keys that start with aws: are reserved for system use.";
            return Err(StsError::InvalidParameter(text.to_owned()));
        }
        checked.insert(tag.key.clone(), tag.value.clone());
    }
    Ok(checked)
}

#[cfg(test)]
mod tests;
