//! StartSyncExecution: an Express execution from its start to its end.

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_engine::ExecutionDescription;

use super::StatesError;
use super::arn::StateMachineArn;
use super::describe_execution::{Included, Members};
use super::encryption::{check_role, with_data};
use super::rights::on_machine;
use super::start::{Wanted, request};
use crate::{Operation, Services};

/// AWS: billed in steps of 100 ms and of 64 MB.
const BILLED_MILLIS: i64 = 100;
const BILLED_MEGABYTES: u32 = 64;

pub(crate) struct StartSyncExecution;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    state_machine_arn: String,
    name: Option<String>,
    input: Option<String>,
    trace_header: Option<String>,
    included_data: Option<String>,
}

impl Operation for StartSyncExecution {
    const NAME: &'static str = "StartSyncExecution";
    type Input = Input;
    type Output = Ended;
    type Error = StatesError;
    const IS_AS_SENT: bool = true;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = StateMachineArn::parse(&input.state_machine_arn)?;
        let needs = on_machine("states:StartSyncExecution", &arn, at).await?;
        let record = at.states.find(&arn.account, &arn.name).await?;
        Ok(with_data(needs, record.as_deref(), input.included_data.as_deref()))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Ended, StatesError> {
        let wanted = Wanted {
            state_machine_arn: &call.state_machine_arn,
            name: call.name.as_deref(),
            input: call.input.as_deref(),
            trace_header: call.trace_header.as_deref(),
        };
        let (request, is_express) = request(&wanted, at).await?;
        if !is_express {
            return Err(StatesError::StateMachineTypeNotSupported);
        }
        let machine = &request.machine;
        check_role(&machine.encryption, &machine.role_arn, &machine.arn, true, at)?;
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let ended = engine.start_sync_execution(request).await?;
        Ok(Ended { execution: ended, with_data: call.included_data.as_deref() != Some("METADATA_ONLY") })
    }
}

/// An execution as StartSyncExecution shows it.
pub(crate) struct Ended {
    execution: ExecutionDescription,
    with_data: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BillingDetails {
    #[serde(rename = "billedMemoryUsedInMB")]
    memory_megabytes: u32,
    billed_duration_in_milliseconds: i64,
}

impl Serialize for Ended {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (ended, included) = (&self.execution, Included { included: self.with_data });
        let stopped = ended.stopped.unwrap_or(ended.started);
        let took = (stopped.millis() - ended.started.millis()).max(1);
        let billing = BillingDetails {
            memory_megabytes: BILLED_MEGABYTES,
            billed_duration_in_milliseconds: (took + BILLED_MILLIS - 1) / BILLED_MILLIS * BILLED_MILLIS,
        };
        let mut members = Members(serializer.serialize_map(None)?);
        members.add("executionArn", Some(&ended.arn))?;
        members.add("stateMachineArn", Some(&ended.machine_arn))?;
        members.add("name", Some(&ended.name))?;
        members.add("startDate", Some(&ended.started.epoch_seconds()))?;
        members.add("stopDate", Some(&stopped.epoch_seconds()))?;
        members.add("status", Some(ended.status.as_str()))?;
        members.add("error", ended.error.as_ref())?;
        members.add("cause", ended.cause.as_ref())?;
        members.add("input", self.with_data.then_some(&*ended.input))?;
        members.add("inputDetails", Some(&included))?;
        members.add("output", ended.output.as_deref().filter(|_| self.with_data))?;
        members.add("outputDetails", Some(&included))?;
        members.add("traceHeader", ended.trace_header.as_ref())?;
        members.add("billingDetails", Some(&billing))?;
        members.0.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::describe_execution::tests::{bare, check_as_sent, full};
    use super::*;

    #[test]
    fn it_is_written_as_the_model_has_it() {
        for with_data in [true, false] {
            check_as_sent::<StartSyncExecution>(&Ended { execution: full(), with_data });
            check_as_sent::<StartSyncExecution>(&Ended { execution: bare(), with_data });
        }
    }
}
