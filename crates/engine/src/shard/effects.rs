//! What is done once a decision is durable.

use std::sync::Arc;

use stepward_asl::{Command, Effect, TaskId, TaskOutcome, TaskRequest, TaskResource};
use tokio::sync::mpsc;

use super::live::Live;
use super::message::{Ask, Order};
use crate::activities::Queued;
use crate::shared::Shared;
use crate::task::{Performed, Progress, TaskCall};

/// Starts the task of an execution, unless it is up to others how it goes on.
pub(crate) fn start_task(shared: &Arc<Shared>, live: &mut Live, request: Arc<TaskRequest>) {
    // A task that was given up in the commit that began it is not begun.
    if live.run.task(request.task).is_none() {
        return;
    }
    if live.is_handed_over(request.task) || live.performing.contains_key(&request.task) {
        return;
    }
    if let (TaskResource::Activity(activity), Some(token)) = (&request.resource, &request.token) {
        let (execution, task, input) = (live.id, request.task, request.arguments.clone());
        return shared.activities.add(activity, Queued { execution, task, token: Arc::clone(token), input });
    }
    let task = request.task;
    let submission = live.run.submission(task);
    let call = TaskCall { execution: live.run.info().clone(), request, submission, trace: None };
    let handle = tokio::spawn(perform(Arc::clone(shared), live.id, call));
    live.performing.insert(task, handle.abort_handle());
}

/// Tells the execution that its task failed if the one who performs it panics.
struct Guard {
    shared: Arc<Shared>,
    execution: i64,
    task: TaskId,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(execution = self.execution, "the performer of a task panicked");
            let (error, cause) =
                ("States.TaskFailed".to_owned(), Some("An internal error occurred.".to_owned()));
            let outcome = TaskOutcome::Failed { error, cause };
            self.shared.ask(Ask::command(self.execution, Command::TaskEnded { task: self.task, outcome }));
        }
    }
}

/// Performs a task and tells its execution what comes of it.
async fn perform(shared: Arc<Shared>, execution: i64, call: TaskCall) {
    let task = call.request.task;
    let _guard = Guard { shared: Arc::clone(&shared), execution, task };
    let (submitted, mut told) = mpsc::unbounded_channel();
    let mut performing = shared.performer.perform(call, Progress { submitted });
    let performed = loop {
        tokio::select! {
            biased;
            Some(output) = told.recv() => {
                shared.deliver(Ask::command(execution, Command::TaskSubmitted { task, output })).await;
            }
            performed = &mut performing => break performed,
        }
    };
    while let Ok(output) = told.try_recv() {
        shared.deliver(Ask::command(execution, Command::TaskSubmitted { task, output })).await;
    }
    let order = match performed {
        Performed::Ended(outcome) => Order::Command(Command::TaskEnded { task, outcome }),
        Performed::Waiting => Order::Waits(task),
    };
    shared.deliver(Ask::of(execution, order)).await;
}

/// Carries out an effect on the execution alone; what concerns the shard is the shard's.
pub(crate) fn carry_out(shared: &Arc<Shared>, live: &mut Live, effect: Effect) {
    match effect {
        Effect::StartTask(request) => start_task(shared, live, request),
        Effect::CancelTask(task) => {
            if let Some(performing) = live.performing.remove(&task) {
                performing.abort();
            }
        }
        Effect::StartTimer { timer, due } => drop(live.timers.insert(timer, due)),
        Effect::CancelTimer(timer) => drop(live.timers.remove(&timer)),
        Effect::Continue => shared.ask(Ask::command(live.id, Command::Continue)),
        Effect::Finish(_) => finish(shared, live),
    }
}

/// Tells whoever waits for the end.
fn finish(shared: &Shared, live: &mut Live) {
    if !live.is_express() {
        shared.open.remove(live.account());
    }
    let description = live.describe(shared.clock.now());
    let began = live.run.redriven_at().unwrap_or(live.started);
    let millis = description.stopped.map_or(0, |stopped| stopped.millis() - began.millis());
    shared.metrics.ended(live.is_express(), description.status, millis);
    if let Some(ended) = live.ended.take() {
        // A caller that no longer waits has nothing to be told.
        let _ = ended.send(description);
    } else if !live.is_express() {
        shared.recent.keep(description);
    }
    shared.watchers.closed(&live.arn);
}
