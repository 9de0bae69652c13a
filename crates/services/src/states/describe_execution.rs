//! DescribeExecution.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
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
    type Output = Shown;
    type Error = StatesError;
    const IS_AS_SENT: bool = true;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = ExecutionArn::parse(&input.execution_arn)?;
        let needs = on_execution("states:DescribeExecution", &arn, at).await?;
        with_execution_data(needs, &arn, input.included_data.as_deref(), at).await
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Shown, StatesError> {
        ExecutionArn::parse(&call.execution_arn)?.check_standard()?;
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let execution = engine.describe_execution(&call.execution_arn).await?;
        Ok(Shown { execution, with_data: call.included_data.as_deref() != Some("METADATA_ONLY") })
    }
}

/// An execution as DescribeExecution shows it.
pub(crate) struct Shown {
    pub(crate) execution: Arc<ExecutionDescription>,
    pub(crate) with_data: bool,
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (execution, included) = (&*self.execution, Included { included: self.with_data });
        let output = execution.output.as_deref();
        let mut members = Members(serializer.serialize_map(None)?);
        members.add("executionArn", Some(&execution.arn))?;
        members.add("stateMachineArn", Some(&execution.machine_arn))?;
        members.add("name", Some(&execution.name))?;
        members.add("status", Some(execution.status.as_str()))?;
        members.add("startDate", Some(&execution.started.epoch_seconds()))?;
        members.add("stopDate", execution.stopped.map(|at| at.epoch_seconds()).as_ref())?;
        members.add("input", self.with_data.then_some(&*execution.input))?;
        members.add("inputDetails", Some(&included))?;
        members.add("output", output.filter(|_| self.with_data))?;
        members.add("outputDetails", output.map(|_| &included))?;
        members.add("traceHeader", execution.trace_header.as_ref())?;
        members.add("mapRunArn", execution.map_run_arn.as_ref())?;
        members.add("error", execution.error.as_ref())?;
        members.add("cause", execution.cause.as_ref())?;
        members.add("stateMachineVersionArn", execution.version_arn.as_ref())?;
        members.add("stateMachineAliasArn", execution.alias_arn.as_ref())?;
        members.add("redriveCount", Some(&execution.redrive_count))?;
        members.add("redriveDate", execution.redriven.map(|at| at.epoch_seconds()).as_ref())?;
        members.add("redriveStatus", Some(execution.redrive_status))?;
        members.add("redriveStatusReason", execution.redrive_status_reason)?;
        members.0.end()
    }
}

/// Whether inputs and outputs are shown.
#[derive(Serialize)]
pub(crate) struct Included {
    pub(crate) included: bool,
}

/// Members of an output; those that are absent are not sent.
pub(crate) struct Members<M>(pub(crate) M);

impl<M: SerializeMap> Members<M> {
    pub(crate) fn add<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: Option<&T>,
    ) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.0.serialize_entry(name, value))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use stepward_engine::ExecutionStatus;
    use stepward_types::Timestamp;
    use stepward_wire::encode;

    use super::*;

    /// An execution with everything that can be told of one.
    pub(crate) fn full() -> ExecutionDescription {
        let text = |text: &str| Some(text.to_owned());
        ExecutionDescription {
            arn: "arn:aws:states:us-east-1:123456789012:execution:M:e".to_owned(),
            machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:M".to_owned(),
            version_arn: text("arn:aws:states:us-east-1:123456789012:stateMachine:M:1"),
            alias_arn: text("arn:aws:states:us-east-1:123456789012:stateMachine:M:live"),
            name: "e \"é\"\n".to_owned(),
            status: ExecutionStatus::Failed,
            started: Timestamp::from_millis(1_700_000_000_123),
            stopped: Some(Timestamp::from_millis(1_700_000_001_000)),
            input: r#"{"a": 1.50}"#.into(),
            output: Some("null".into()),
            error: text("E"),
            cause: text("C"),
            trace_header: text("Root=1"),
            map_run_arn: text("arn:aws:states:us-east-1:123456789012:mapRun:M/L:u"),
            redrive_count: 2,
            redriven: Some(Timestamp::from_millis(1_700_000_000_500)),
            redrive_status: "NOT_REDRIVABLE",
            redrive_status_reason: Some("because"),
        }
    }

    /// The same with nothing that may be absent.
    pub(crate) fn bare() -> ExecutionDescription {
        ExecutionDescription {
            version_arn: None,
            alias_arn: None,
            stopped: None,
            output: None,
            error: None,
            cause: None,
            trace_header: None,
            map_run_arn: None,
            redriven: None,
            redrive_status_reason: None,
            ..full()
        }
    }

    /// Holds `Operation::IS_AS_SENT`: the text is the one that the model makes of the same members.
    pub(crate) fn check_as_sent<O: Operation>(output: &O::Output) {
        let service = stepward_models::service("stepfunctions").unwrap();
        let operation = &service.operations[O::NAME];
        let text = serde_json::to_string(output).unwrap();
        let members = serde_json::from_str(&text).unwrap();
        let encoded = encode(service, operation, &members, "id");
        assert_eq!(text, String::from_utf8(encoded.body).unwrap());
    }

    #[test]
    fn it_is_written_as_the_model_has_it() {
        for execution in [full(), bare()].map(Arc::new) {
            for with_data in [true, false] {
                let execution = Arc::clone(&execution);
                check_as_sent::<DescribeExecution>(&Shown { execution, with_data });
            }
        }
    }
}
