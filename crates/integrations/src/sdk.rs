//! `aws-sdk:<service>:<action>`: any operation of any service, as the SDK for Java, version 2, calls it.

use serde_json::Value;
use stepward_models::integration;
use stepward_wire::client::{NameStyle, to_result};

use crate::failure::{ErrorStyle, TaskFailure};
use crate::task::Task;

/// Performs `aws-sdk:<service>:<action>`.
pub async fn perform(task: &Task, service: &str) -> Result<Value, TaskFailure> {
    let Some((integration, operation)) =
        integration(service).and_then(|found| Some((found, found.operation(&task.action)?)))
    else {
        let cause = format!("The resource 'aws-sdk:{service}:{}' is not recognized.", task.action);
        return Err(TaskFailure::new("States.Runtime", cause));
    };
    let Some(name) = integration.service else {
        let cause = format!("The service '{service}' has no model here.");
        return Err(TaskFailure::new("States.Runtime", cause));
    };
    let style = ErrorStyle::V2 { prefix: integration.error_prefix };
    let answer = task.request((name, &operation.name), &task.arguments, (NameStyle::V2, style)).await?;
    let model = stepward_models::service(name);
    Ok(model.map_or(Value::Null, |model| to_result(model, operation.output, &answer.output, NameStyle::V2)))
}
