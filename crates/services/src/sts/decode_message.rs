//! DecodeAuthorizationMessage: what stands behind a denial.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::error::StsError;
use crate::{Operation, Services};

pub(crate) struct DecodeAuthorizationMessage;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    encoded_message: String,
}

impl Operation for DecodeAuthorizationMessage {
    const NAME: &'static str = "DecodeAuthorizationMessage";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(_: &Input, _: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        Ok(Needs::one("sts:DecodeAuthorizationMessage", "*"))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        let decoded = at.access.decode_message(&call.encoded_message, call.caller().account());
        Ok(json!({"DecodedMessage": decoded.ok_or(StsError::InvalidAuthorizationMessage)?}))
    }
}
