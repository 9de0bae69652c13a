//! GetCallerIdentity: who am I. Needs no permission, and no deny can forbid it.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::error::StsError;
use crate::{Operation, Services};

pub(crate) struct GetCallerIdentity;

#[derive(Deserialize)]
pub(crate) struct Input {}

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(_: &Input, _: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        Ok(Needs::none())
    }

    async fn handle(call: Authorized<Input>, _: &Services) -> Result<Value, StsError> {
        Ok(answer(call.caller()))
    }
}

pub(crate) fn answer(caller: &Authenticated) -> Value {
    json!({"UserId": caller.user_id(), "Account": caller.account(), "Arn": caller.arn()})
}
