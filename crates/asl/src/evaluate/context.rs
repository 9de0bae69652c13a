//! The context object (`$$`, `$states.context`).

use serde_json::{Map, Value, json};

use super::Data;
use crate::event::StateType;
use crate::machine::MachineType;
use crate::run::{Frame, MapItem, Run};
use crate::step::Step;

/// Makes the context object of the state that a frame is in.
pub(super) fn object(step: &Step<'_>, data: &Data) -> Value {
    let mut context = Map::new();
    context.insert("Execution".to_owned(), execution(step));
    let info = step.run.info();
    context.insert(
        "StateMachine".to_owned(),
        json!({ "Id": &*info.state_machine_arn, "Name": &*info.state_machine_name }),
    );
    if let Some(frame) = step.frame(data.id) {
        context.insert("State".to_owned(), state(step, frame));
        if let Some(item) = item(step.run, frame, data) {
            context.insert("Map".to_owned(), item.context());
        }
    }
    if let Some(token) = &data.token {
        context.insert("Task".to_owned(), json!({ "Token": &**token }));
    }
    Value::Object(context)
}

fn execution(step: &Step<'_>) -> Value {
    let (run, info) = (&step.run, step.run.info());
    let mut execution = Map::new();
    execution.insert("Id".to_owned(), (*info.execution_arn).into());
    execution.insert("Input".to_owned(), run.input().map(|input| input.value().clone()).unwrap_or_default());
    let started_at = run.started_at().unwrap_or(step.now);
    execution.insert("StartTime".to_owned(), started_at.to_rfc3339_millis().into());
    execution.insert("Name".to_owned(), (*info.execution_name).into());
    execution.insert("RoleArn".to_owned(), (*info.role_arn).into());
    // AWS: the context of an Express execution has no redrive count.
    if step.machine.machine_type() == MachineType::Standard {
        execution.insert("RedriveCount".to_owned(), run.redrive_count().into());
    }
    if let Some(at) = run.redriven_at() {
        execution.insert("RedriveTime".to_owned(), at.to_rfc3339_millis().into());
    }
    Value::Object(execution)
}

fn state(step: &Step<'_>, frame: &Frame) -> Value {
    let Some(definition) = step.machine.state(frame.state) else { return Value::Null };
    let mut state = json!({ "Name": &*definition.name, "EnteredTime": frame.entered_at.to_rfc3339_millis() });
    // AWS: only states that can be tried again have a RetryCount.
    let can_retry = matches!(definition.state_type, StateType::Task | StateType::Parallel | StateType::Map);
    if let (Some(fields), true) = (state.as_object_mut(), can_retry) {
        fields.insert("RetryCount".to_owned(), frame.retry_count().into());
    }
    state
}

/// The item of the iteration that is being started, or that the frame is in, or its nearest ancestor is in.
fn item<'a>(run: &'a Run, frame: &'a Frame, data: &'a Data) -> Option<&'a MapItem> {
    if let Some(item) = &data.item {
        return Some(item);
    }
    let mut frame = frame;
    loop {
        if let Some(item) = &frame.item {
            return Some(item);
        }
        frame = run.frame(frame.parent?)?;
    }
}
