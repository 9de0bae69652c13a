//! What a task is told when nothing was called for it.

use stepward_access::AssumeError;
use stepward_asl::{TaskOutcome, TaskResource};

use super::Failed;

/// AWS publishes no text for a role that stopped trusting Step Functions after its state machine was made: ours names
/// the error of the language and says what CreateStateMachine says.
pub(super) fn not_assumed(role: &str, error: &AssumeError) -> Failed {
    if let AssumeError::Fault(fault) = error {
        tracing::error!(%fault, role, "an execution role could not be assumed");
        return internal();
    }
    failed(
        "States.Permissions",
        format!(
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role. Role: {role}"
        ),
    )
}

/// AWS: the text for a state's `Credentials`.
pub(super) fn not_chained(role: &str, target: &str, error: &AssumeError) -> Failed {
    if let AssumeError::Fault(fault) = error {
        tracing::error!(%fault, target, "the role of a task could not be assumed");
        return internal();
    }
    failed(
        "States.TaskFailed",
        format!("The role {role} is not authorized to assume the task state's role, {target}."),
    )
}

/// A service that this server has no integration with.
pub(super) fn unsupported(resource: &TaskResource) -> Failed {
    let name = match resource {
        TaskResource::LambdaFunction(arn) | TaskResource::Activity(arn) => arn.to_string(),
        TaskResource::Optimized { service, action, pattern } => {
            format!("{service}:{action}{}", pattern.suffix())
        }
        TaskResource::AwsSdk { service, action, pattern } => {
            format!("aws-sdk:{service}:{action}{}", pattern.suffix())
        }
    };
    failed("States.Runtime", format!("This server has no integration '{name}'."))
}

pub(super) fn internal() -> Failed {
    failed("States.TaskFailed", "An internal error occurred.".to_owned())
}

fn failed(error: &str, cause: String) -> Failed {
    TaskOutcome::Failed { error: error.to_owned(), cause: Some(cause) }
}
