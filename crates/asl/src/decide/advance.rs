//! One turn of one frame: from what it does now to where it has to wait or has left a state.

use std::sync::Arc;

use stepward_query::Payload;

use super::command::start_task;
use super::failing;
use crate::effect::{Effect, TaskId};
use crate::event::{Bookkeeping, HistoryEventBody, IterationEnd, StateType, TaskLabel};
use crate::failure::Failure;
use crate::machine::Kind;
use crate::run::{FrameId, Phase};
use crate::states;
use crate::step::Step;

/// What a frame has to do, taken from its phase.
enum Turn {
    Enter,
    Execute,
    Waited,
    StartTask(TaskId),
    Children,
    Complete(Payload),
    Fail(Failure),
    Close(Payload),
}

/// Lets the frame go on once.
pub(super) fn advance(step: &mut Step<'_>, id: FrameId) {
    let Some(turn) = turn(step, id) else { return };
    let result = match turn {
        Turn::Enter => {
            enter(step, id);
            execute(step, id)
        }
        Turn::Execute => execute(step, id),
        Turn::Waited => states::wait::waited(step, id),
        Turn::StartTask(task) => {
            begin_task(step, id, task);
            Ok(())
        }
        Turn::Children => states::children::go_on(step, id),
        Turn::Complete(result) => complete(step, id, result),
        Turn::Fail(failure) => Err(failure),
        Turn::Close(output) => {
            close(step, id, output);
            return;
        }
    };
    if let Err(failure) = result {
        failing::fail(step, id, failure);
    }
    if step.frame(id).is_some_and(crate::run::Frame::is_ready) {
        step.wake(id);
    }
}

fn turn(step: &Step<'_>, id: FrameId) -> Option<Turn> {
    let frame = step.frame(id)?;
    // A run of another machine than this one stands still.
    step.state(id)?;
    match &frame.phase {
        Phase::Entering => Some(Turn::Enter),
        Phase::Entered => Some(Turn::Execute),
        Phase::Waited => Some(Turn::Waited),
        Phase::Task(open) => open.is_ready().then_some(Turn::StartTask(open.task)),
        Phase::Children => frame.is_ready().then_some(Turn::Children),
        Phase::Result(result) => Some(Turn::Complete(result.clone())),
        Phase::Failing(failure) => Some(Turn::Fail(Failure::clone(failure))),
        Phase::Ended(output) => Some(Turn::Close(output.clone())),
        Phase::Waiting { .. } | Phase::Retrying { .. } | Phase::Closed | Phase::Failed | Phase::Aborted => {
            None
        }
    }
}

fn enter(step: &mut Step<'_>, id: FrameId) {
    let Some(frame) = step.frame(id) else { return };
    let Some(state) = step.machine.state(frame.state) else { return };
    let body = HistoryEventBody::StateEntered {
        state_type: state.state_type,
        state: frame.state,
        name: Arc::clone(&state.name),
        input: frame.input.clone(),
    };
    step.record(id, body);
}

fn execute(step: &mut Step<'_>, id: FrameId) -> Result<(), Failure> {
    let Some(state) = step.state(id) else { return Ok(()) };
    match &state.kind {
        Kind::Pass { result } => states::pass::execute(step, id, state, result.as_ref()),
        Kind::Task(task) => states::task::execute(step, id, state, task),
        Kind::Choice(choice) => states::choice::execute(step, id, state, choice),
        Kind::Wait(wait) => states::wait::execute(step, id, state, wait),
        Kind::Succeed => states::succeed::execute(step, id, state),
        Kind::Fail(fail) => states::fail::execute(step, id, state, fail),
        Kind::Parallel(_) => states::parallel::execute(step, id, state),
        Kind::Map(map) => states::map::execute(step, id, state, map),
    }
}

/// Every task but an activity's starts as soon as it is scheduled.
fn begin_task(step: &mut Step<'_>, id: FrameId, task: TaskId) {
    let Some(open) = step.run.open_task(task) else { return };
    let request = Arc::clone(&open.request);
    start_task(step, task, HistoryEventBody::TaskStarted(TaskLabel::of(&request.resource)));
    if step.frame(id).is_some_and(|frame| !frame.is_ready()) {
        step.effect(Effect::StartTask(request));
    }
}

fn complete(step: &mut Step<'_>, id: FrameId, result: Payload) -> Result<(), Failure> {
    let Some(state) = step.state(id) else { return Ok(()) };
    states::exit::with_result(step, id, state, result)
}

/// The frame's last state exited.
fn close(step: &mut Step<'_>, id: FrameId, output: Payload) {
    let Some(frame) = step.frame(id) else { return };
    let (index, last_event) = (frame.index, frame.last_event);
    let Some(parent) = frame.parent else {
        step.end(last_event, HistoryEventBody::ExecutionSucceeded { output });
        return;
    };
    let Some(state) = step.state(parent) else { return };
    if state.state_type == StateType::Map {
        let (end, name) = (IterationEnd::Succeeded, Arc::clone(&state.name));
        step.record(id, HistoryEventBody::MapIterationEnded { end, name, index });
    } else {
        step.note(Bookkeeping::BranchEnded { frame: id });
    }
    if step.frame(parent).is_some_and(crate::run::Frame::is_ready) {
        step.wake(parent);
    }
}
