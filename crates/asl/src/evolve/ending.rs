//! The end of an execution, and its going on after a redrive.

use crate::event::{ErrorDetails, HistoryEvent, HistoryEventBody};
use crate::run::{FrameId, Phase, Run, RunStatus};

pub(super) fn ended(run: &mut Run, event: &HistoryEvent) {
    let (status, error) = match &event.body {
        HistoryEventBody::ExecutionSucceeded { output } => {
            run.output = Some(output.clone());
            (RunStatus::Succeeded, ErrorDetails::default())
        }
        HistoryEventBody::ExecutionFailed(error) => (RunStatus::Failed, error.clone()),
        HistoryEventBody::ExecutionTimedOut(error) => (RunStatus::TimedOut, error.clone()),
        HistoryEventBody::ExecutionAborted(error) => (RunStatus::Aborted, error.clone()),
        _ => return,
    };
    run.status = status;
    run.error = error;
    run.ended_at = Some(event.timestamp);
    run.tasks.clear();
    if status == RunStatus::Succeeded {
        run.frames.clear();
        run.free.clear();
        return;
    }
    // The frames stay: a redrive goes on with them.
    for frame in run.frames.iter_mut().flatten() {
        if !matches!(frame.phase, Phase::Closed | Phase::Failed) {
            frame.phase = Phase::Aborted;
        }
    }
    if let Some(root) = run.frame_mut(FrameId::ROOT) {
        root.last_event = event.id;
    }
}

pub(super) fn redriven(run: &mut Run, event: &HistoryEvent, redrive_count: u32) {
    run.status = RunStatus::Running;
    run.error = ErrorDetails::default();
    run.ended_at = None;
    run.redrive_count = redrive_count;
    run.redriven_at = Some(event.timestamp);
    for frame in run.frames.iter_mut().flatten() {
        if !matches!(frame.phase, Phase::Failed | Phase::Aborted) {
            continue;
        }
        frame.retries.clear();
        frame.last_event = event.id;
        frame.phase = match (&frame.children, frame.entered_event) {
            (Some(_), _) => Phase::Children,
            (None, 0) => Phase::Entering,
            (None, _) => Phase::Entered,
        };
        if let Some(children) = &mut frame.children {
            children.reopen(event.id);
        }
    }
}
