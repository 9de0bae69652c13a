//! GetDelegatedAccessToken: credentials for the token of an accepted delegation request. No such request can be made
//! here (IAM: CreateDelegationRequest), so that every token is one that nobody issued.

use serde::Deserialize;
use serde_json::Value;
use stepward_access::{Authenticated, Authorized, Needs};

use super::error::StsError;
use crate::{Operation, Services};

pub(crate) struct GetDelegatedAccessToken;

#[derive(Deserialize)]
pub(crate) struct Input {}

impl Operation for GetDelegatedAccessToken {
    const NAME: &'static str = "GetDelegatedAccessToken";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(_: &Input, _: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        Ok(Needs::one("sts:GetDelegatedAccessToken", "*"))
    }

    async fn handle(_: Authorized<Input>, _: &Services) -> Result<Value, StsError> {
        Err(StsError::Validation("The trade-in token is not valid.".to_owned()))
    }
}
