//! Branches of a Parallel and iterations of a Map.

use std::sync::Arc;

use stepward_query::{Payload, Variables};

use crate::command::MapRunLimits;
use crate::event::{HistoryEvent, IterationEnd, MapStateStarted};
use crate::machine::{Kind, Machine, StateId};
use crate::run::{Children, Frame, FrameId, Phase, Run};

pub(super) fn parallel_started(machine: &Machine, run: &mut Run, event: &HistoryEvent, input: &Payload) {
    let Some(frame) = run.frame_mut(event.frame) else { return };
    frame.last_event = event.id;
    let Some(Kind::Parallel(parallel)) = machine.state(frame.state).map(|state| &state.kind) else { return };
    frame.phase = Phase::Children;
    frame.children = Some(Box::new(Children::new(parallel.branches.len(), event.id, None)));
    for (index, branch) in (0_u32..).zip(&parallel.branches) {
        open_child(run, event.frame, index, machine.scope_start(*branch), input.clone(), event.id);
    }
}

pub(super) fn map_started(run: &mut Run, event: &HistoryEvent, started: &MapStateStarted) {
    let Some(frame) = run.frame_mut(event.frame) else { return };
    frame.last_event = event.id;
    frame.phase = Phase::Children;
    let length = usize::try_from(started.length).unwrap_or_default();
    frame.children = Some(Box::new(Children::new(length, event.id, Some(Box::new(started.clone())))));
}

pub(super) fn map_run_started(run: &mut Run, event: &HistoryEvent, arn: &Arc<str>) {
    let children = run.frame_mut(event.frame).and_then(|frame| frame.children.as_deref_mut());
    if let Some(children) = children {
        children.map_run = Some(Arc::clone(arn));
        children.map_run_redrives = 0;
    }
}

pub(super) fn map_run_redriven(run: &mut Run, event: &HistoryEvent, redrive_count: u32) {
    let children = run.frame_mut(event.frame).and_then(|frame| frame.children.as_deref_mut());
    if let Some(children) = children {
        children.map_run_redrives = redrive_count;
    }
}

pub(super) fn map_run_updated(run: &mut Run, frame: FrameId, limits: MapRunLimits) {
    let children = run.frame_mut(frame).and_then(|frame| frame.children.as_deref_mut());
    let Some(map) = children.and_then(|children| children.map.as_deref_mut()) else { return };
    map.max_concurrency = limits.max_concurrency.unwrap_or(map.max_concurrency);
    map.tolerated_failure_count = limits.tolerated_failure_count.or(map.tolerated_failure_count);
    map.tolerated_failure_percentage =
        limits.tolerated_failure_percentage.or(map.tolerated_failure_percentage);
}

/// The event is recorded on the Map's own frame; the new frame follows it.
pub(super) fn iteration_started(
    machine: &Machine,
    run: &mut Run,
    event: &HistoryEvent,
    index: u32,
    input: &Payload,
) {
    let Some(frame) = run.frame_mut(event.frame) else { return };
    let Some(Kind::Map(map)) = machine.state(frame.state).map(|state| &state.kind) else { return };
    let item = frame.children.as_ref().and_then(|children| children.map_item(index, map.is_distributed));
    let (start, is_distributed) = (machine.scope_start(map.processor), map.is_distributed);
    let child = open_child(run, event.frame, index, start, input.clone(), event.id);
    if let Some(child) = run.frame_mut(child) {
        child.item = item;
        if is_distributed {
            // AWS: a child execution does not see the variables around its Map.
            child.is_child_execution = true;
            child.variables = Variables::default();
        }
    }
}

/// The event is recorded on the iteration's frame.
pub(super) fn iteration_ended(run: &mut Run, event: &HistoryEvent, end: IterationEnd) {
    match end {
        IterationEnd::Succeeded => close(run, event.frame, event.id),
        // AWS: what a failed iteration leads to follows the iteration's last event, not MapIterationFailed.
        IterationEnd::Failed => failed(run, event.frame),
        IterationEnd::Aborted => aborted(run, event.frame),
    }
}

pub(super) fn branch_ended(run: &mut Run, child: FrameId) {
    let last_event = run.frame(child).map(|frame| frame.last_event).unwrap_or_default();
    close(run, child, last_event);
}

/// A child ended with an output: the parent keeps it, and goes on after `parent_follows`.
fn close(run: &mut Run, id: FrameId, parent_follows: u64) {
    let Some(child) = run.frame_mut(id) else { return };
    let (Some(parent), index, last_event) = (child.parent, child.index, child.last_event) else { return };
    let is_child_execution = child.is_child_execution;
    let Phase::Ended(output) = std::mem::replace(&mut child.phase, Phase::Closed) else { return };
    release(run, id);
    let Some(parent) = run.frame_mut(parent) else { return };
    if is_child_execution == parent.is_child_execution {
        parent.last_event = parent_follows;
    }
    if let Some(children) = parent.children.as_deref_mut() {
        children.closed(index, output, last_event);
    }
}

/// A state of the frame failed for good.
pub(super) fn failed(run: &mut Run, id: FrameId) {
    let Some(child) = run.frame_mut(id) else { return };
    child.phase = Phase::Failed;
    let (last_event, parent, is_child_execution) = (child.last_event, child.parent, child.is_child_execution);
    let Some(parent) = parent.and_then(|parent| run.frame_mut(parent)) else { return };
    if is_child_execution == parent.is_child_execution {
        parent.last_event = last_event;
    }
    if let Some(children) = parent.children.as_deref_mut() {
        children.running = children.running.saturating_sub(1);
        children.ended += 1;
        children.failed += 1;
        children.last_child_event = last_event;
    }
}

pub(super) fn aborted(run: &mut Run, id: FrameId) {
    let Some(child) = run.frame_mut(id) else { return };
    let phase = std::mem::replace(&mut child.phase, Phase::Aborted);
    let parent = child.parent;
    if let Phase::Task(open) = phase {
        run.tasks.remove(&open.task);
    }
    let children =
        parent.and_then(|parent| run.frame_mut(parent)).and_then(|frame| frame.children.as_deref_mut());
    if let Some(children) = children {
        children.running = children.running.saturating_sub(1);
        children.ended += 1;
    }
}

fn open_child(
    run: &mut Run,
    parent: FrameId,
    index: u32,
    start: StateId,
    input: Payload,
    last_event: u64,
) -> FrameId {
    let is_child_execution = run.frame(parent).is_some_and(|frame| frame.is_child_execution);
    let variables = run.frame(parent).map(|frame| frame.variables.inner()).unwrap_or_default();
    let frame = Frame::new(Some(parent), index, start, input, variables, last_event);
    let id = run.place(Frame { is_child_execution, ..frame });
    if let Some(children) = run.frame_mut(parent).and_then(|frame| frame.children.as_deref_mut()) {
        children.opened(index, id);
    }
    id
}

/// Gives the slot of an ended frame back.
fn release(run: &mut Run, id: FrameId) {
    if let Some(slot) = usize::try_from(id.0).ok().and_then(|slot| run.frames.get_mut(slot)) {
        *slot = None;
        run.free.push(id);
    }
}

/// Gives back everything below a frame, at any depth.
pub(super) fn free_children(run: &mut Run, id: FrameId) {
    let Some(children) = run.frame_mut(id).and_then(|frame| frame.children.take()) else { return };
    let mut open: Vec<FrameId> = children.frames.into_iter().flatten().collect();
    while let Some(id) = open.pop() {
        let below = run.frame_mut(id).and_then(|frame| frame.children.take());
        open.extend(below.into_iter().flat_map(|children| children.frames.into_iter().flatten()));
        if let Some(Phase::Task(task)) = run.frame(id).map(|frame| &frame.phase) {
            let task = task.task;
            run.tasks.remove(&task);
        }
        release(run, id);
    }
}
