//! `events:putEvents`. Every event names the execution and the state machine among its resources, and one event that
//! is not taken fails the task.

use serde_json::{Map, Value, json};

use super::{Action, Optimized, with_token};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::task::Task;

pub(super) struct Events;

impl Optimized for Events {
    fn name(&self) -> &'static str {
        "events"
    }

    fn service(&self) -> &'static str {
        "events"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 {
            prefix: "EventBridge",
            service: "AmazonEventBridge",
            exception: "AmazonEventBridgeException",
        }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_token("putEvents", "PutEvents")] }
    }

    fn prepare(&self, task: &Task, arguments: &mut Map<String, Value>) -> Result<(), TaskFailure> {
        let entries = arguments.get_mut("Entries").and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten().filter_map(Value::as_object_mut) {
            let resources = entry.entry("Resources").or_insert_with(|| json!([]));
            if let Some(resources) = resources.as_array_mut() {
                resources.extend([json!(task.execution_arn), json!(task.state_machine_arn)]);
            }
        }
        Ok(())
    }

    fn finish(&self, _: &Task, result: Value) -> Result<Value, TaskFailure> {
        let failed = result.get("FailedEntryCount").and_then(Value::as_u64).unwrap_or_default();
        if failed == 0 {
            return Ok(result);
        }
        // AWS: the cause is what the service answered.
        Err(TaskFailure::new("EventBridge.FailedEntry", result.to_string()))
    }
}
