//! What each command records.

use crate::command::{Command, MapRunLimits, TaskOutcome};
use crate::effect::{Effect, TaskId, TimerId, TimerKind};
use crate::event::{Bookkeeping, ErrorDetails, ExecutionStarted, HistoryEventBody, TaskEnd, TaskLabel};
use crate::failure::Failure;
use crate::resource::TaskResource;
use crate::run::{Frame, FrameId, Phase, RunStatus, TaskStage};
use crate::states::exit::PAYLOAD_BYTES_MAX;
use crate::step::Step;

use stepward_query::Payload;

pub(super) fn accept(step: &mut Step<'_>, command: Command) {
    match command {
        Command::Start { input } if step.run.event_count == 0 => start(step, input),
        Command::Redrive if is_redrivable(step) => redrive(step),
        _ if step.run.status != RunStatus::Running => {}
        Command::Start { .. } | Command::Redrive => {}
        Command::Continue => step.wake_all(),
        Command::TaskStarted { task, worker_name } => task_started(step, task, worker_name),
        Command::TaskSubmitted { task, output } => task_submitted(step, task, output),
        Command::TaskEnded { task, outcome } => task_ended(step, task, end_of(outcome)),
        Command::UpdateMapRun { map_run_arn, limits } => update_map_run(step, &map_run_arn, limits),
        Command::Heartbeat { task } => heartbeat(step, task),
        Command::TimerFired { timer } => timer_fired(step, timer),
        // AWS: ExecutionAborted follows nothing: its previousEventId is 0.
        Command::Stop { error, cause } => {
            step.end(0, HistoryEventBody::ExecutionAborted(ErrorDetails { error, cause }));
        }
    }
    step.end_if_full();
}

fn start(step: &mut Step<'_>, input: Payload) {
    let info = step.run.info().clone();
    let started = ExecutionStarted {
        input,
        role_arn: info.role_arn,
        state_machine_alias_arn: info.state_machine_alias_arn,
        state_machine_version_arn: info.state_machine_version_arn,
    };
    step.record_after(FrameId::ROOT, 0, HistoryEventBody::ExecutionStarted(Box::new(started)));
    start_execution_timer(step);
    step.wake(FrameId::ROOT);
}

fn is_redrivable(step: &Step<'_>) -> bool {
    matches!(step.run.status, RunStatus::Failed | RunStatus::TimedOut | RunStatus::Aborted)
}

fn redrive(step: &mut Step<'_>) {
    let redrive_count = step.run.redrive_count + 1;
    let map_runs: Vec<_> = step.run.frames().filter_map(|(id, frame)| redriven_map_run(id, frame)).collect();
    step.record(FrameId::ROOT, HistoryEventBody::ExecutionRedriven { redrive_count });
    for (frame, redriven) in map_runs {
        step.record(frame, redriven);
    }
    start_execution_timer(step);
    step.wake_all();
}

/// The Map Run of a frame that did not succeed: it goes on with the execution.
fn redriven_map_run(id: FrameId, frame: &Frame) -> Option<(FrameId, HistoryEventBody)> {
    let children =
        frame.children.as_deref().filter(|_| matches!(frame.phase, Phase::Failed | Phase::Aborted))?;
    let map_run_arn = children.map_run.clone()?;
    let redrive_count = children.map_run_redrives + 1;
    Some((id, HistoryEventBody::MapRunRedriven { map_run_arn, redrive_count }))
}

fn start_execution_timer(step: &mut Step<'_>) {
    if let Some(effect) = step.run.execution_timer(step.machine) {
        step.effect(effect);
    }
}

/// An activity's worker took the task; every other task starts by itself.
fn task_started(step: &mut Step<'_>, task: TaskId, worker_name: Option<String>) {
    let Some(open) = step.run.open_task(task) else { return };
    let is_activity = matches!(open.request.resource, TaskResource::Activity(_));
    if is_activity && open.stage == TaskStage::Scheduled {
        start_task(step, task, HistoryEventBody::ActivityStarted { worker_name });
    }
}

/// Records that a task started, and starts its clocks (AWS: they run from the started event).
pub(super) fn start_task(step: &mut Step<'_>, task: TaskId, body: HistoryEventBody) {
    let Some(&frame) = step.run.tasks.get(&task) else { return };
    step.record(frame, body);
    let timers: Vec<Effect> =
        step.run.open_task(task).map(|open| open.timers(step.now).collect()).unwrap_or_default();
    for timer in timers {
        step.effect(timer);
    }
}

fn task_submitted(step: &mut Step<'_>, task: TaskId, output: Payload) {
    let Some(open) = step.run.open_task(task) else { return };
    if open.stage != TaskStage::Started {
        return;
    }
    let label = TaskLabel::of(&open.request.resource);
    if let (Some(&frame), TaskLabel::Service { .. }) = (step.run.tasks.get(&task), &label) {
        step.record(frame, HistoryEventBody::TaskSubmitted { label, output });
    }
}

fn end_of(outcome: TaskOutcome) -> TaskEnd {
    let details = |error, cause| ErrorDetails { error: Some(error), cause };
    match outcome {
        TaskOutcome::Succeeded { output } => TaskEnd::Succeeded(output),
        TaskOutcome::Failed { error, cause } => TaskEnd::Failed(details(error, cause)),
        TaskOutcome::ScheduleFailed { error, cause } => TaskEnd::ScheduleFailed(details(error, cause)),
        TaskOutcome::StartFailed { error, cause } => TaskEnd::StartFailed(details(error, cause)),
        TaskOutcome::SubmitFailed { error, cause } => TaskEnd::SubmitFailed(details(error, cause)),
        TaskOutcome::TimedOut { error, cause } => TaskEnd::TimedOut(details(error, cause)),
    }
}

fn task_ended(step: &mut Step<'_>, task: TaskId, end: TaskEnd) {
    let Some(open) = step.run.open_task(task) else { return };
    let (label, end) = (TaskLabel::of(&open.request.resource), limited(&open.request.resource, end));
    let timers: Vec<Effect> = open.timers(step.now).collect();
    let Some(&frame) = step.run.tasks.get(&task) else { return };
    step.cancel_timers(timers.into_iter());
    step.record(frame, HistoryEventBody::TaskEnded { label, end });
    step.wake(frame);
}

/// AWS: a result that is too large fails the task.
fn limited(resource: &TaskResource, end: TaskEnd) -> TaskEnd {
    match end {
        TaskEnd::Succeeded(output) if output.bytes() > PAYLOAD_BYTES_MAX => {
            let name = match resource {
                TaskResource::LambdaFunction(arn) | TaskResource::Activity(arn) => arn.to_string(),
                TaskResource::Optimized { service, .. } => service.to_string(),
                TaskResource::AwsSdk { service, .. } => format!("aws-sdk:{service}"),
            };
            let Failure { error, cause, .. } = Failure::data_limit(&name);
            TaskEnd::Failed(ErrorDetails { error, cause })
        }
        end => end,
    }
}

fn heartbeat(step: &mut Step<'_>, task: TaskId) {
    let timers: Vec<Effect> =
        step.run.open_task(task).map(|open| open.timers(step.now).collect()).unwrap_or_default();
    for effect in timers {
        if matches!(&effect, Effect::StartTimer { timer, .. } if timer.kind == TimerKind::Heartbeat) {
            step.effect(effect);
        }
    }
}

fn update_map_run(step: &mut Step<'_>, map_run_arn: &str, limits: MapRunLimits) {
    let Some(frame) = step.run.frame_of_map_run(map_run_arn) else { return };
    step.note(Bookkeeping::MapRunUpdated { frame, limits });
    step.wake(frame);
}

fn timer_fired(step: &mut Step<'_>, timer: TimerId) {
    match timer.kind {
        TimerKind::Execution => execution_timed_out(step),
        TimerKind::Wait | TimerKind::Retry => frame_timer_fired(step, timer),
        TimerKind::TaskTimeout => task_timed_out(step, TaskId(timer.event_id), "States.Timeout"),
        TimerKind::Heartbeat => task_timed_out(step, TaskId(timer.event_id), "States.HeartbeatTimeout"),
    }
}

fn execution_timed_out(step: &mut Step<'_>) {
    let is_due = matches!(
        step.run.execution_timer(step.machine),
        Some(Effect::StartTimer { due, .. }) if due <= step.now
    );
    if is_due {
        // AWS: a timed-out execution has neither error nor cause in its description.
        step.end(0, HistoryEventBody::ExecutionTimedOut(ErrorDetails::default()));
    }
}

fn task_timed_out(step: &mut Step<'_>, task: TaskId, error: &str) {
    if step.run.open_task(task).is_some_and(|open| open.started_at.is_some()) {
        let details = ErrorDetails { error: Some(error.to_owned()), cause: None };
        task_ended(step, task, TaskEnd::TimedOut(details));
        step.effect(Effect::CancelTask(task));
    }
}

fn frame_timer_fired(step: &mut Step<'_>, timer: TimerId) {
    let frame = step.run.frames().find_map(|(id, frame)| {
        let (of_frame, _) = frame.timer()?;
        (of_frame == timer).then_some((id, matches!(frame.phase, Phase::Waiting { .. })))
    });
    match frame {
        Some((frame, true)) => step.note(Bookkeeping::WaitEnded { frame }),
        Some((frame, false)) => step.note(Bookkeeping::RetryStarted { frame }),
        None => return,
    }
    if let Some((frame, _)) = frame {
        step.wake(frame);
    }
}
