//! Task: makes its request and schedules the task. Its outcome comes as a command.

use std::sync::Arc;

use stepward_query::Payload;

use crate::effect::{Effect, TaskId};
use crate::evaluate::Data;
use crate::event::{HistoryEventBody, TaskScheduled};
use crate::failure::Failure;
use crate::machine::{Number, QueryLanguage, State, Task};
use crate::resource::TaskResource;
use crate::run::FrameId;
use crate::step::Step;
use crate::token::new_token;

/// AWS: the longest timeout, in seconds.
const TIMEOUT_SECONDS_MAX: f64 = 99_999_999.0;

pub(crate) fn execute(step: &mut Step<'_>, id: FrameId, state: &State, task: &Task) -> Result<(), Failure> {
    let mut data = Data::of(step, id)?;
    if task.resource.has_token() {
        // The task's id is that of its scheduled event, which is the next one.
        let task_id = TaskId(step.next_event_id(id));
        data.token = Some(new_token(&step.run.info.execution_arn, task_id, step.seed));
    }
    let effective = data.effective_input(step, state)?;
    let parameters = data.arguments(step, state, effective)?;
    if let Some(why) = step.machine.task_check.and_then(|check| check(&task.resource, parameters.value())) {
        return Err(data.runtime(step, state, &not_used(state, &parameters, &why)));
    }
    let scheduled = TaskScheduled {
        resource: task.resource.clone(),
        region: Arc::clone(&step.run.info.region),
        parameters,
        timeout_seconds: seconds(step, state, task.timeout_seconds.as_ref(), &data, "TimeoutSeconds")?,
        heartbeat_seconds: seconds(step, state, task.heartbeat_seconds.as_ref(), &data, "HeartbeatSeconds")?,
        credentials_role_arn: credentials(step, state, task, &data)?,
        token: data.token.clone(),
    };
    step.record(id, HistoryEventBody::TaskScheduled(Box::new(scheduled)));
    if let (TaskResource::Activity(_), Some(request)) = (&task.resource, step.run.request_of(id)) {
        step.effect(Effect::StartTask(request));
    }
    Ok(())
}

/// AWS: the task is not even scheduled.
fn not_used(state: &State, parameters: &Payload, why: &str) -> String {
    let field = if state.language == QueryLanguage::JsonPath { "Parameters" } else { "Arguments" };
    format!("The {field} '{}' could not be used to start the Task: [{why}]", parameters.value())
}

fn seconds(
    step: &Step<'_>,
    state: &State,
    number: Option<&Number>,
    data: &Data,
    field: &'static str,
) -> Result<Option<u64>, Failure> {
    let Some(number) = number else { return Ok(None) };
    let seconds = data.number(step, state, number, field)?.floor();
    if !(0.0..=TIMEOUT_SECONDS_MAX).contains(&seconds) {
        return Err(data.runtime(step, state, &format!("{field} must be between 1 and 99999999.")));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let seconds = seconds as u64;
    Ok(Some(seconds))
}

fn credentials(
    step: &Step<'_>,
    state: &State,
    task: &Task,
    data: &Data,
) -> Result<Option<Arc<str>>, Failure> {
    let Some(selector) = &task.credentials else { return Ok(None) };
    let value = data.select(step, state, selector, None)?;
    let role = value.value().get("RoleArn").and_then(|role| role.as_str());
    role.map(|role| Some(Arc::from(role)))
        .ok_or_else(|| data.runtime(step, state, "The RoleArn of the field 'Credentials' must be a string."))
}
