//! StopExecution: Standard executions only.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_engine::ExecutionError;

use super::StatesError;
use super::arn::ExecutionArn;
use super::rights::on_execution;
use crate::{Operation, Services};

pub(crate) struct StopExecution;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    execution_arn: String,
    error: Option<String>,
    cause: Option<String>,
}

impl Operation for StopExecution {
    const NAME: &'static str = "StopExecution";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_execution("states:StopExecution", &ExecutionArn::parse(&input.execution_arn)?, at).await
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        if ExecutionArn::parse(&call.execution_arn)?.is_express {
            return Err(StatesError::StateMachineTypeNotSupported);
        }
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let stopped =
            engine.stop_execution(&call.execution_arn, call.error.clone(), call.cause.clone()).await?;
        Ok(json!({"stopDate": stopped.epoch_seconds()}))
    }
}

impl From<ExecutionError> for StatesError {
    fn from(error: ExecutionError) -> Self {
        match error {
            ExecutionError::DoesNotExist(arn) => Self::ExecutionDoesNotExist(arn),
            ExecutionError::NotRedrivable(reason) => Self::ExecutionNotRedrivable(reason),
            ExecutionError::Throttled => Self::Throttling,
            ExecutionError::Fault(fault) => Self::fault(fault),
        }
    }
}
