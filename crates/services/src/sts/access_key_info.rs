//! GetAccessKeyInfo: the account of an access key.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs, access_key_account};

use super::error::StsError;
use crate::{Operation, Services};

pub(crate) struct GetAccessKeyInfo;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    access_key_id: String,
}

impl Operation for GetAccessKeyInfo {
    const NAME: &'static str = "GetAccessKeyInfo";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(_: &Input, _: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        Ok(Needs::one("sts:GetAccessKeyInfo", "*"))
    }

    async fn handle(call: Authorized<Input>, _: &Services) -> Result<Value, StsError> {
        answer(&call.access_key_id)
    }
}

/// The id itself carries the account.
pub(crate) fn answer(id: &str) -> Result<Value, StsError> {
    let invalid = || StsError::Validation(format!("Invalid access key id: {id}"));
    Ok(json!({"Account": access_key_account(id).ok_or_else(invalid)?}))
}
