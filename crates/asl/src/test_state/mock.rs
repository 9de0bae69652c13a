//! Whether a mock fits the state, and the outcome it stands for.

use stepward_query::Payload;

use super::schema::{self, MockSchema};
use super::{TestStateError, TestStateInput};
use crate::command::TaskOutcome;
use crate::machine::{Kind, State};
use crate::resource::{Pattern, TaskResource};

/// What is wrong before the definition is looked at.
pub(super) fn check_form(input: &TestStateInput) -> Result<(), TestStateError> {
    let Some(mock) = &input.mock else { return Ok(()) };
    let message = match (&mock.result, &mock.error_output) {
        (Some(_), Some(_)) => {
            "A test mock should have only one of the following fields: [result, errorOutput]."
        }
        _ if input.reveal_secrets => "TestState does not support RevealSecrets when a mock is specified.",
        _ => return Ok(()),
    };
    Err(TestStateError::Validation(message.to_owned()))
}

/// The outcome that the mock stands for; `None` without a mock.
pub(super) fn outcome(
    input: &TestStateInput,
    state: &State,
    schema: &dyn MockSchema,
) -> Result<Option<TaskOutcome>, TestStateError> {
    let Some(mock) = &input.mock else {
        return without_mock(input, state).map(|()| None);
    };
    if !matches!(&state.kind, Kind::Task(_) | Kind::Map(_) | Kind::Parallel(_)) {
        let message =
            format!("State type '{:?}' is not supported when a mock is specified", state.state_type);
        return Err(TestStateError::Validation(message));
    }
    if let Some((error, cause)) = &mock.error_output {
        let error = error.clone().unwrap_or_default();
        return Ok(Some(TaskOutcome::Failed { error, cause: cause.clone() }));
    }
    let invalid = |message: &str| TestStateError::Validation(message.to_owned());
    let text = mock.result.as_deref().unwrap_or("null");
    let result = Payload::parse(text).map_err(|_| invalid("Mocked result must be valid JSON"))?;
    match &state.kind {
        Kind::Task(task) if is_checked(&task.resource) => {
            schema::check(schema, &task.resource, result.value(), mock.field_validation_mode)?;
        }
        Kind::Map(map) if map.writer.is_none() => {
            result.value().as_array().ok_or_else(|| invalid("Mocked result must be an array."))?;
        }
        Kind::Parallel(parallel) => {
            let results =
                result.value().as_array().ok_or_else(|| invalid("Mocked result must be an array."))?;
            if results.len() != parallel.branches.len() {
                return Err(invalid(
                    "Mocked result must contain the same number of items as number of Parallel branches.",
                ));
            }
        }
        _ => {}
    }
    Ok(Some(TaskOutcome::Succeeded { output: result }))
}

/// AWS: what comes back with a token may be anything.
fn is_checked(resource: &TaskResource) -> bool {
    matches!(resource, TaskResource::Optimized { .. } | TaskResource::AwsSdk { .. })
        && resource.pattern() != Pattern::WaitForTaskToken
}

fn without_mock(input: &TestStateInput, state: &State) -> Result<(), TestStateError> {
    match &state.kind {
        Kind::Map(_) | Kind::Parallel(_) => Err(TestStateError::InvalidDefinition(
            "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]".to_owned(),
        )),
        Kind::Task(_) if input.role_arn.is_none() => {
            Err(TestStateError::Validation("RoleArn must be specified when testing a Task state".to_owned()))
        }
        Kind::Task(task) if needs_mock(&task.resource) => Err(TestStateError::Validation(format!(
            "A mock must be specified when testing a Task state with the resource {:?}",
            task.resource
        ))),
        _ => Ok(()),
    }
}

fn needs_mock(resource: &TaskResource) -> bool {
    matches!(resource, TaskResource::Activity(_)) || resource.pattern() != Pattern::RequestResponse
}
