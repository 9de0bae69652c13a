//! The one place where failures are retried, caught, or end what they happened in.

use std::sync::Arc;

use crate::effect::{Effect, TimerId, TimerKind};
use crate::errors::{self, matches_any};
use crate::event::{Bookkeeping, ErrorDetails, EvaluationFailed, HistoryEventBody, IterationEnd, StateType};
use crate::failure::Failure;
use crate::machine::State;
use crate::run::{FrameId, Phase};
use crate::states;
use crate::step::Step;

/// The state of a frame failed. Goes up through the frames around it until something handles the failure.
pub(super) fn fail(step: &mut Step<'_>, id: FrameId, failure: Failure) {
    let (first, mut id, mut failure) = (id, id, failure);
    loop {
        record_evaluation(step, id, &mut failure);
        if !failure.is_final {
            if retried(step, id, &failure) {
                return;
            }
            match caught(step, id, &failure) {
                Ok(true) => {
                    // The frame that failed first is woken by its own turn.
                    if id != first {
                        step.wake(id);
                    }
                    return;
                }
                Ok(false) => {}
                Err(while_catching) => failure = while_catching,
            }
            record_evaluation(step, id, &mut failure);
        }
        match give_up(step, id, &mut failure) {
            Some(parent) => id = parent,
            None => return,
        }
    }
}

/// JSONata failures have an event of their own.
fn record_evaluation(step: &mut Step<'_>, id: FrameId, failure: &mut Failure) {
    let Some(location) = failure.evaluation.take() else { return };
    let (Some(frame), Some(state)) = (step.frame(id), step.state(id)) else { return };
    // AWS: recorded so; the evaluation of a Wait or a Task follows the entered event, the others what came before it.
    let previous = match state.state_type {
        StateType::Wait | StateType::Task => frame.last_event,
        _ if frame.last_event == frame.entered_event => frame.before_entered,
        _ => frame.last_event,
    };
    let body = EvaluationFailed {
        error: failure.error.clone().unwrap_or_default(),
        cause: failure.cause.clone().unwrap_or_default(),
        location,
        state: Arc::clone(&state.name),
    };
    step.record_after(id, previous, HistoryEventBody::EvaluationFailed(Box::new(body)));
}

fn retried(step: &mut Step<'_>, id: FrameId, failure: &Failure) -> bool {
    let (Some(frame), Some(state)) = (step.frame(id), step.state(id)) else { return false };
    let found =
        state.retry.iter().enumerate().find(|(_, retrier)| matches_any(&retrier.error_equals, failure));
    let Some((index, retrier)) = found else { return false };
    let used = frame.retries_of(index);
    if used >= retrier.max_attempts {
        return false;
    }
    let delay = errors::delay_millis(retrier, used, step.random());
    let (due, event_id) = (step.now.plus_millis(delay), frame.last_event);
    abort_children(step, id);
    let retrier = u32::try_from(index).unwrap_or(u32::MAX);
    step.note(Bookkeeping::RetryScheduled { frame: id, retrier, due });
    step.effect(Effect::StartTimer { timer: TimerId { kind: TimerKind::Retry, event_id }, due });
    true
}

fn caught(step: &mut Step<'_>, id: FrameId, failure: &Failure) -> Result<bool, Failure> {
    let Some(state) = step.state(id) else { return Ok(false) };
    let Some(catcher) = state.catch.iter().find(|catcher| matches_any(&catcher.error_equals, failure)) else {
        return Ok(false);
    };
    abort_children(step, id);
    record_state_failed(step, id, state, failure);
    states::exit::by_catcher(step, id, state, catcher, failure)?;
    Ok(true)
}

/// Nothing handles the failure in this frame: the parent whose state fails with it, if there is one.
fn give_up(step: &mut Step<'_>, id: FrameId, failure: &mut Failure) -> Option<FrameId> {
    let state = step.state(id)?;
    let is_child_execution = step.frame(id)?.is_child_execution;
    if failure.is_final && !is_child_execution {
        fail_execution(step, id, failure);
        return None;
    }
    abort_children(step, id);
    record_state_failed(step, id, state, failure);
    let frame = step.frame(id)?;
    let (parent, index) = (frame.parent, frame.index);
    let Some(parent) = parent else {
        fail_execution(step, id, failure);
        return None;
    };
    let parent_state = step.state(parent)?;
    if parent_state.state_type == StateType::Map {
        let (end, name) = (IterationEnd::Failed, Arc::clone(&parent_state.name));
        step.record(id, HistoryEventBody::MapIterationEnded { end, name, index });
    } else {
        step.note(Bookkeeping::FrameFailed { frame: id });
    }
    if states::map::tolerates(step, parent) {
        step.wake(parent);
        return None;
    }
    if is_child_execution && parent_state.is_distributed_map() {
        *failure = map_run_failed(step, parent);
    } else {
        failure.is_of_task.get_or_insert(state.state_type == StateType::Task);
    }
    Some(parent)
}

/// The Map Run of a Distributed Map failed.
fn map_run_failed(step: &mut Step<'_>, map: FrameId) -> Failure {
    let failure = states::map::threshold_exceeded();
    abort_children(step, map);
    let details = ErrorDetails { error: failure.error.clone(), cause: failure.cause.clone() };
    step.record(map, HistoryEventBody::MapRunFailed(details));
    failure
}

/// AWS: a Map or a Parallel that fails has an event; one that `States.Runtime` ends has none.
fn record_state_failed(step: &mut Step<'_>, id: FrameId, state: &State, failure: &Failure) {
    if matches!(state.state_type, StateType::Map | StateType::Parallel) && !failure.is_final {
        step.record(id, HistoryEventBody::StateFailed(state.state_type));
    }
}

fn fail_execution(step: &mut Step<'_>, id: FrameId, failure: &Failure) {
    let previous = step.frame(id).map(|frame| frame.last_event).unwrap_or_default();
    let details = ErrorDetails { error: failure.error.clone(), cause: failure.cause.clone() };
    step.end(previous, HistoryEventBody::ExecutionFailed(details));
}

/// Stops what still runs below a frame, deepest first.
fn abort_children(step: &mut Step<'_>, id: FrameId) {
    for child in open_below(step, id) {
        abort(step, child);
    }
}

/// The open frames below a frame: parents before their children, so reversed.
fn open_below(step: &Step<'_>, id: FrameId) -> Vec<FrameId> {
    let mut order = Vec::new();
    let mut open = vec![id];
    while let Some(next) = open.pop() {
        let children = step.frame(next).and_then(|frame| frame.children.as_ref());
        for child in children.into_iter().flat_map(|children| children.frames.iter().rev().flatten()) {
            let is_open = step
                .frame(*child)
                .is_some_and(|frame| !matches!(frame.phase, Phase::Closed | Phase::Failed | Phase::Aborted));
            if is_open {
                open.push(*child);
                order.push(*child);
            }
        }
    }
    order.reverse();
    order
}

fn abort(step: &mut Step<'_>, id: FrameId) {
    step.cancel(id);
    let (Some(frame), Some(state)) = (step.frame(id), step.state(id)) else { return };
    let (index, parent) = (frame.index, frame.parent);
    let is_inside = frame.entered_event != 0;
    let waits =
        matches!(state.state_type, StateType::Task | StateType::Wait | StateType::Parallel | StateType::Map);
    if is_inside && waits {
        step.record(id, HistoryEventBody::StateAborted(state.state_type));
    }
    let parent_state = parent.and_then(|parent| step.state(parent));
    match parent_state {
        Some(parent_state) if parent_state.state_type == StateType::Map => {
            let (end, name) = (IterationEnd::Aborted, Arc::clone(&parent_state.name));
            step.record(id, HistoryEventBody::MapIterationEnded { end, name, index });
        }
        _ => step.note(Bookkeeping::FrameAborted { frame: id }),
    }
}
