//! The only way a run changes.

mod children;
mod ending;
mod tasks;

use std::sync::Arc;

use stepward_query::{Payload, Variables};

use crate::event::{Bookkeeping, Event, HistoryEvent, HistoryEventBody, StateExited};
use crate::machine::{Machine, StateId};
use crate::run::{Frame, FrameId, Phase, Run};

/// Applies one event to the run it was recorded for. An event that does not fit changes nothing but the count.
pub fn evolve(machine: &Machine, run: &mut Run, event: &Event) {
    match event {
        Event::History(event) => {
            run.event_count = event.id;
            apply(machine, run, event);
        }
        Event::Child(event) => {
            run.child_event_count += 1;
            apply(machine, run, event);
        }
        Event::Private(bookkeeping) => note(run, bookkeeping),
    }
}

fn apply(machine: &Machine, run: &mut Run, event: &HistoryEvent) {
    use HistoryEventBody as Body;
    match &event.body {
        Body::ExecutionStarted(started) => execution_started(machine, run, event, &started.input),
        Body::ExecutionSucceeded { .. }
        | Body::ExecutionFailed(_)
        | Body::ExecutionTimedOut(_)
        | Body::ExecutionAborted(_) => ending::ended(run, event),
        Body::ExecutionRedriven { redrive_count } => ending::redriven(run, event, *redrive_count),
        Body::StateEntered { state, name, input, .. } => {
            state_entered(run, event, entered(machine, *state, name), input);
        }
        Body::StateExited(exited) => state_exited(machine, run, event, exited),
        Body::ParallelStateStarted { input } => children::parallel_started(machine, run, event, input),
        Body::MapStateStarted(started) => children::map_started(run, event, started),
        Body::MapIterationStarted { index, input, .. } => {
            children::iteration_started(machine, run, event, *index, input);
        }
        Body::MapIterationEnded { end, .. } => children::iteration_ended(run, event, *end),
        Body::MapRunStarted { map_run_arn } => {
            follow(run, event);
            children::map_run_started(run, event, map_run_arn);
        }
        Body::TaskScheduled(task) => tasks::scheduled(machine, run, event, task),
        Body::TaskStarted(_) | Body::ActivityStarted { .. } => tasks::started(run, event),
        Body::TaskSubmitted { output, .. } => tasks::submitted(run, event, output),
        Body::TaskEnded { end, .. } => tasks::ended(run, event, end),
        // AWS: the exited event of a Parallel or a Map does not follow its succeeded event, but what came before.
        Body::StateSucceeded(_) => {}
        Body::StateAborted(_)
        | Body::StateFailed(_)
        | Body::EvaluationFailed(_)
        | Body::MapRunSucceeded
        | Body::MapRunFailed(_)
        | Body::MapRunAborted => follow(run, event),
        Body::MapRunRedriven { redrive_count, .. } => {
            follow(run, event);
            children::map_run_redriven(run, event, *redrive_count);
        }
    }
}

fn note(run: &mut Run, bookkeeping: &Bookkeeping) {
    match bookkeeping {
        Bookkeeping::Waiting { frame, due } => set_phase(run, *frame, Phase::Waiting { due: *due }),
        Bookkeeping::WaitEnded { frame } => set_phase(run, *frame, Phase::Waited),
        Bookkeeping::RetryScheduled { frame, retrier, due } => {
            children::free_children(run, *frame);
            if let Some(frame) = run.frame_mut(*frame) {
                frame.count_retry(*retrier);
                frame.phase = Phase::Retrying { due: *due };
            }
        }
        Bookkeeping::RetryStarted { frame } => set_phase(run, *frame, Phase::Entered),
        Bookkeeping::FrameAborted { frame } => children::aborted(run, *frame),
        Bookkeeping::BranchEnded { frame } => children::branch_ended(run, *frame),
        Bookkeeping::FrameFailed { frame } => children::failed(run, *frame),
        Bookkeeping::MapRunUpdated { frame, limits } => children::map_run_updated(run, *frame, *limits),
    }
}

fn set_phase(run: &mut Run, frame: FrameId, phase: Phase) {
    if let Some(frame) = run.frame_mut(frame) {
        frame.phase = phase;
    }
}

/// The event is what the frame's next event follows.
fn follow(run: &mut Run, event: &HistoryEvent) {
    if let Some(frame) = run.frame_mut(event.frame) {
        frame.last_event = event.id;
    }
}

fn execution_started(machine: &Machine, run: &mut Run, event: &HistoryEvent, input: &Payload) {
    run.input = Some(input.clone());
    run.started_at = Some(event.timestamp);
    // AWS: previousEventId is 0 for the first two events.
    let root = Frame::new(None, 0, machine.start(), input.clone(), Variables::default(), 0);
    run.frames = vec![Some(root)];
    run.free.clear();
}

/// Which state an event is about. Positions in a definition are of the build that recorded the event; the name decides.
fn entered(machine: &Machine, state: StateId, name: &str) -> StateId {
    match machine.state(state) {
        Some(found) if &*found.name == name => state,
        _ => machine.state_named(name).unwrap_or(state),
    }
}

/// Where a state goes: as recorded, unless it cannot go there, so that the build that recorded it counted otherwise.
fn next_of(machine: &Machine, state: StateId, next: StateId) -> StateId {
    let Some(state) = machine.state(state) else { return next };
    if state.next == Some(next) || state.targets().any(|target| target == next) {
        return next;
    }
    state.targets().next().unwrap_or(next)
}

fn state_entered(run: &mut Run, event: &HistoryEvent, state: StateId, input: &Payload) {
    let Some(frame) = run.frame_mut(event.frame) else { return };
    frame.state = state;
    frame.input = input.clone();
    frame.before_entered = frame.last_event;
    frame.entered_event = event.id;
    frame.entered_at = event.timestamp;
    frame.last_event = event.id;
    frame.retries.clear();
    frame.phase = Phase::Entered;
}

fn state_exited(machine: &Machine, run: &mut Run, event: &HistoryEvent, exited: &StateExited) {
    children::free_children(run, event.frame);
    let Some(frame) = run.frame_mut(event.frame) else { return };
    frame.last_event = event.id;
    frame.entered_event = 0;
    for (name, value) in exited.assigned.iter().flat_map(|assigned| assigned.iter()) {
        frame.variables.assign(Arc::clone(name), value.clone());
    }
    match exited.next {
        Some(next) => {
            frame.state = next_of(machine, frame.state, next);
            frame.input = exited.output.clone();
            frame.phase = Phase::Entering;
        }
        None => frame.phase = Phase::Ended(exited.output.clone()),
    }
}
