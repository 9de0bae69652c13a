//! GetSessionToken: temporary credentials of the caller itself, with a second factor if there is one.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Authenticated, Authorized, FederationRequest, Needs};

use super::assume_role::use_code;
use super::credentials;
use super::error::StsError;
use crate::{Operation, Services};

const SECONDS_DEFAULT: u32 = 43_200;
/// AWS: root's sessions last an hour at most.
const ROOT_SECONDS_MAX: u32 = 3_600;

pub(crate) struct GetSessionToken;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    duration_seconds: Option<u32>,
    serial_number: Option<String>,
    token_code: Option<String>,
}

impl Operation for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(_: &Input, caller: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        needs(caller)
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        answer(&call, &at.access).await
    }
}

// AWS: every user may, and no policy grants it.
pub(crate) fn needs(caller: &Authenticated) -> Result<Needs, StsError> {
    if caller.is_session() {
        let text = "Cannot call GetSessionToken with session credentials";
        return Err(StsError::AccessDenied(text.to_owned()));
    }
    Ok(Needs::none())
}

pub(crate) async fn answer(call: &Authorized<Input>, access: &Access) -> Result<Value, StsError> {
    let mfa = match (&call.serial_number, &call.token_code) {
        (Some(serial), Some(code)) => {
            use_code(call.caller(), serial, code, access).await?;
            true
        }
        _ => false,
    };
    let asked = call.duration_seconds.unwrap_or(SECONDS_DEFAULT);
    let duration_seconds = if call.caller().is_root() { asked.min(ROOT_SECONDS_MAX) } else { asked };
    let session = access
        .federate(call, &FederationRequest { duration_seconds, mfa, ..FederationRequest::default() })?;
    Ok(json!({"Credentials": credentials(&session)?}))
}
