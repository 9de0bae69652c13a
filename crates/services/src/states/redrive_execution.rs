//! RedriveExecution: from the state that did not succeed.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::ExecutionArn;
use super::rights::on_execution;
use crate::{Operation, Services};

pub(crate) struct RedriveExecution;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    execution_arn: String,
    client_token: Option<String>,
}

impl Operation for RedriveExecution {
    const NAME: &'static str = "RedriveExecution";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_execution("states:RedriveExecution", &ExecutionArn::parse(&input.execution_arn)?, at).await
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        if ExecutionArn::parse(&call.execution_arn)?.is_express {
            return Err(StatesError::StateMachineTypeNotSupported);
        }
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let redriven = engine.redrive_execution(&call.execution_arn, call.client_token.as_deref()).await?;
        Ok(json!({"redriveDate": redriven.epoch_seconds()}))
    }
}
