//! The life of a task.

use std::sync::Arc;

use stepward_query::Payload;

use crate::effect::{TaskId, TaskRequest};
use crate::event::{ErrorDetails, HistoryEvent, TaskEnd, TaskScheduled};
use crate::failure::Failure;
use crate::machine::Machine;
use crate::resource::Pattern;
use crate::run::{OpenTask, Phase, Run, TaskStage};

pub(super) fn scheduled(machine: &Machine, run: &mut Run, event: &HistoryEvent, scheduled: &TaskScheduled) {
    let task = TaskId(event.id);
    let Some(frame) = run.frame_mut(event.frame) else { return };
    let Some(state) = machine.state(frame.state) else { return };
    let request = TaskRequest {
        task,
        state_name: Arc::clone(&state.name),
        resource: scheduled.resource.clone(),
        arguments: scheduled.parameters.clone(),
        credentials_role_arn: scheduled.credentials_role_arn.clone(),
        timeout_seconds: scheduled.timeout_seconds,
        heartbeat_seconds: scheduled.heartbeat_seconds,
        token: scheduled.token.clone(),
        retry_count: frame.retry_count(),
    };
    frame.last_event = event.id;
    frame.phase = Phase::Task(Box::new(OpenTask {
        task,
        request: Arc::new(request),
        stage: TaskStage::Scheduled,
        started_at: None,
        submission: None,
    }));
    run.tasks.insert(task, event.frame);
}

pub(super) fn started(run: &mut Run, event: &HistoryEvent) {
    let Some(frame) = run.frame_mut(event.frame) else { return };
    frame.last_event = event.id;
    if let Phase::Task(open) = &mut frame.phase {
        open.stage = TaskStage::Started;
        open.started_at = Some(event.timestamp);
    }
}

pub(super) fn submitted(run: &mut Run, event: &HistoryEvent, output: &Payload) {
    let Some(frame) = run.frame_mut(event.frame) else { return };
    frame.last_event = event.id;
    if let Phase::Task(open) = &mut frame.phase {
        open.stage = TaskStage::Submitted;
        let has_job = matches!(open.request.resource.pattern(), Pattern::Sync | Pattern::Sync2);
        open.submission = has_job.then(|| output.clone());
    }
}

pub(super) fn ended(run: &mut Run, event: &HistoryEvent, end: &TaskEnd) {
    let Some(frame) = run.frame_mut(event.frame) else { return };
    frame.last_event = event.id;
    let Phase::Task(open) = &frame.phase else { return };
    let task = open.task;
    frame.phase = match end {
        TaskEnd::Succeeded(output) => Phase::Result(output.clone()),
        TaskEnd::Failed(error)
        | TaskEnd::TimedOut(error)
        | TaskEnd::ScheduleFailed(error)
        | TaskEnd::StartFailed(error)
        | TaskEnd::SubmitFailed(error) => Phase::Failing(Box::new(failure(error))),
    };
    run.tasks.remove(&task);
}

fn failure(error: &ErrorDetails) -> Failure {
    Failure::of(error.error.clone(), error.cause.clone())
}
