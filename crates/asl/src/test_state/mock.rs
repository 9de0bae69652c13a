//! Whether a mock fits the state, and the outcome it stands for.

use stepward_query::Payload;

use super::schema::{self, MockSchema};
use super::{TestStateError, TestStateInput};
use crate::command::TaskOutcome;
use crate::machine::{Kind, State};
use crate::resource::{Pattern, TaskResource};

/// What is wrong before the definition is looked at. AWS gives the rules; its words are known for the first two.
pub(super) fn check_form(input: &TestStateInput) -> Result<(), TestStateError> {
    let Some(mock) = &input.mock else {
        return match input.context {
            Some(_) => Err(invalid("context can only be specified together with a mock.")),
            None => Ok(()),
        };
    };
    match (&mock.result, &mock.error_output) {
        (Some(_), Some(_)) => {
            Err(invalid("A test mock should have only one of the following fields: [result, errorOutput]."))
        }
        _ if input.reveal_secrets => {
            Err(invalid("TestState does not support RevealSecrets when a mock is specified."))
        }
        (None, None) => {
            Err(invalid("A test mock should have one of the following fields: [result, errorOutput]."))
        }
        (None, Some((None, _))) => {
            Err(invalid("The field 'error' is required in the errorOutput of a mock."))
        }
        _ => Ok(()),
    }
}

fn invalid(message: &str) -> TestStateError {
    TestStateError::Validation(message.to_owned())
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
    let text = mock.result.as_deref().unwrap_or("null");
    let result = Payload::parse(text).map_err(|_| invalid("Mocked result must be valid JSON"))?;
    match &state.kind {
        Kind::Task(task) if is_checked(&task.resource) => {
            schema::check(schema, &task.resource, result.value(), mock.field_validation_mode)?;
        }
        // AWS: results that are exported leave the place that they were written to.
        Kind::Map(map) if map.writer.as_ref().is_some_and(|writer| writer.resource.is_some()) => {
            result.value().as_object().ok_or_else(|| invalid("Mocked result must be an object."))?;
        }
        Kind::Map(_) => {
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
        Kind::Task(task) if needs_mock(&task.resource) => Err(invalid(&format!(
            "A mock must be specified when testing a Task state with the resource '{}'",
            task.written.resource
        ))),
        _ => Ok(()),
    }
}

fn needs_mock(resource: &TaskResource) -> bool {
    matches!(resource, TaskResource::Activity(_)) || resource.pattern() != Pattern::RequestResponse
}
