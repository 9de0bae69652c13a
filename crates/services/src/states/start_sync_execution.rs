//! StartSyncExecution: an Express execution from its start to its end.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::StateMachineArn;
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
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = StateMachineArn::parse(&input.state_machine_arn)?;
        let needs = on_machine("states:StartSyncExecution", &arn, at).await?;
        let record = at.states.find(&arn.account, &arn.name).await?;
        Ok(with_data(needs, record.as_deref(), input.included_data.as_deref()))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
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
        let stopped = ended.stopped.unwrap_or(ended.started);
        let took = (stopped.millis() - ended.started.millis()).max(1);
        let with_data = call.included_data.as_deref() != Some("METADATA_ONLY");
        Ok(json!({
            "executionArn": ended.arn,
            "stateMachineArn": ended.machine_arn,
            "name": ended.name,
            "startDate": ended.started.epoch_seconds(),
            "stopDate": stopped.epoch_seconds(),
            "status": ended.status.as_str(),
            "error": ended.error,
            "cause": ended.cause,
            "input": with_data.then_some(&*ended.input),
            "inputDetails": {"included": with_data},
            "output": ended.output.as_deref().filter(|_| with_data),
            "outputDetails": {"included": with_data},
            "traceHeader": ended.trace_header,
            "billingDetails": {
                "billedDurationInMilliseconds": (took + BILLED_MILLIS - 1) / BILLED_MILLIS * BILLED_MILLIS,
                "billedMemoryUsedInMB": BILLED_MEGABYTES,
            },
        }))
    }
}
