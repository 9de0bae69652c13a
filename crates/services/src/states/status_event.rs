//! `Step Functions Execution Status Change`: what AWS puts on the event bus when an execution's status changes.

use serde_json::{Map, Value, json};
use stepward_engine::ExecutionDescription;
use stepward_types::Timestamp;

pub(crate) const SOURCE: &str = "aws.states";
pub(crate) const DETAIL_TYPE: &str = "Step Functions Execution Status Change";
/// AWS: input and output that are larger together are left out.
const DATA_BYTES_MAX: usize = 248 * 1_024;

/// An event for the default bus of the account.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusEvent {
    pub account: String,
    pub region: String,
    /// ARN of the execution.
    pub resource: String,
    pub time: Timestamp,
    pub source: &'static str,
    pub detail_type: &'static str,
    pub detail: Value,
    /// The execution role, in whose name a backend is asked.
    pub role_arn: String,
    pub machine_arn: String,
}

impl StatusEvent {
    /// With a key of the customer the event tells no data (AWS).
    pub(crate) fn new(execution: &ExecutionDescription, role_arn: &str, hides_data: bool) -> Self {
        let part = |index: usize| execution.arn.split(':').nth(index).unwrap_or_default().to_owned();
        Self {
            account: part(4),
            region: part(3),
            resource: execution.arn.clone(),
            time: execution.stopped.or(execution.redriven).unwrap_or(execution.started),
            source: SOURCE,
            detail_type: DETAIL_TYPE,
            detail: Value::Object(detail(execution, hides_data)),
            role_arn: role_arn.to_owned(),
            machine_arn: execution.machine_arn.clone(),
        }
    }
}

fn detail(execution: &ExecutionDescription, hides_data: bool) -> Map<String, Value> {
    let output = execution.output.as_deref();
    let bytes = execution.input.len() + output.map_or(0, str::len);
    let is_included = !hides_data && bytes <= DATA_BYTES_MAX;
    let included = json!({"included": is_included});
    let error = execution.error.as_ref().filter(|_| !hides_data);
    let cause = execution.cause.as_ref().filter(|_| !hides_data);
    let detail = json!({
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "stateMachineVersionArn": execution.version_arn,
        "stateMachineAliasArn": execution.alias_arn,
        "name": execution.name,
        "status": execution.status.as_str(),
        "startDate": execution.started.millis(),
        "stopDate": execution.stopped.map(Timestamp::millis),
        "input": is_included.then_some(&*execution.input),
        "inputDetails": included,
        "output": output.filter(|_| is_included),
        "outputDetails": output.map(|_| included.clone()),
        "error": error,
        "cause": cause,
        "redriveCount": execution.redrive_count,
        "redriveDate": execution.redriven.map(Timestamp::millis),
        "redriveStatus": execution.redrive_status,
        "redriveStatusReason": execution.redrive_status_reason,
    });
    // AWS: what there is not is null.
    match detail {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use stepward_engine::ExecutionStatus;

    use super::*;

    fn execution(input: &str) -> ExecutionDescription {
        ExecutionDescription {
            arn: "arn:aws:states:us-east-1:123456789012:execution:Orders:one".to_owned(),
            machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:Orders".to_owned(),
            version_arn: None,
            alias_arn: None,
            name: "one".to_owned(),
            status: ExecutionStatus::Failed,
            started: Timestamp::from_millis(1_000),
            stopped: Some(Timestamp::from_millis(2_000)),
            input: Arc::from(input),
            output: None,
            error: Some("E".to_owned()),
            cause: Some("why".to_owned()),
            trace_header: None,
            map_run_arn: None,
            redrive_count: 0,
            redriven: None,
            redrive_status: "REDRIVABLE",
            redrive_status_reason: None,
        }
    }

    #[test]
    fn an_event_tells_the_execution_as_it_is() {
        let event = StatusEvent::new(&execution("{}"), "", false);
        assert_eq!((event.account.as_str(), event.time.millis()), ("123456789012", 2_000));
        assert_eq!((&event.detail["status"], &event.detail["input"]), (&json!("FAILED"), &json!("{}")));
        assert_eq!(event.detail["stopDate"], json!(2_000));
        assert_eq!(event.detail["inputDetails"], json!({"included": true}));
    }

    #[test]
    fn data_that_is_too_large_or_encrypted_is_left_out() {
        let large = StatusEvent::new(&execution(&"x".repeat(DATA_BYTES_MAX + 1)), "", false);
        assert_eq!((&large.detail["input"], &large.detail["error"]), (&Value::Null, &json!("E")));
        assert_eq!(large.detail["inputDetails"], json!({"included": false}));
        let encrypted = StatusEvent::new(&execution("{}"), "", true);
        assert_eq!((&encrypted.detail["input"], &encrypted.detail["cause"]), (&Value::Null, &Value::Null));
    }
}
