//! AWS Security Token Service: temporary credentials.
//!
//! Owns what the STS operations do and answer (AWS: STS API reference). Refuses to make sessions itself: `access`
//! decides who may assume what, and makes the credentials.

mod access_key_info;
mod assume_role;
mod caller_identity;
mod decode_message;
mod error;
mod federation;
mod policies;
mod session_token;

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
