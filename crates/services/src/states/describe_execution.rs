//! DescribeExecution.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_engine::ExecutionDescription;

use super::StatesError;
use super::arn::ExecutionArn;
use super::encryption::with_execution_data;
use super::rights::on_execution;
use crate::{Operation, Services};

pub(crate) struct DescribeExecution;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    execution_arn: String,
    included_data: Option<String>,
}

impl Operation for DescribeExecution {
    const NAME: &'static str = "DescribeExecution";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = ExecutionArn::parse(&input.execution_arn)?;
        let needs = on_execution("states:DescribeExecution", &arn, at).await?;
        with_execution_data(needs, &arn, input.included_data.as_deref(), at).await
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        ExecutionArn::parse(&call.execution_arn)?.check_standard()?;
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let described = engine.describe_execution(&call.execution_arn).await?;
        Ok(shown(&described, call.included_data.as_deref() != Some("METADATA_ONLY")))
    }
}

/// An execution as DescribeExecution shows it.
pub(crate) fn shown(execution: &ExecutionDescription, with_data: bool) -> Value {
    let output = execution.output.as_deref();
    json!({
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "stateMachineVersionArn": execution.version_arn,
        "stateMachineAliasArn": execution.alias_arn,
        "name": execution.name,
        "status": execution.status.as_str(),
        "startDate": execution.started.epoch_seconds(),
        "stopDate": execution.stopped.map(|at| at.epoch_seconds()),
        "input": with_data.then_some(&*execution.input),
        "inputDetails": {"included": with_data},
        "output": output.filter(|_| with_data),
        "outputDetails": output.map(|_| json!({"included": with_data})),
        "error": execution.error,
        "cause": execution.cause,
        "traceHeader": execution.trace_header,
        "mapRunArn": execution.map_run_arn,
        "redriveCount": execution.redrive_count,
        "redriveDate": execution.redriven.map(|at| at.epoch_seconds()),
        "redriveStatus": execution.redrive_status,
        "redriveStatusReason": execution.redrive_status_reason,
    })
}
