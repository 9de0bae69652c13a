//! What workers outside say of their tasks: activities and task tokens.

use std::sync::Arc;
use std::time::Duration;

use stepward_asl::{Command, TaskId, TaskOutcome, read_token};
use stepward_query::Payload;

use crate::shard::{Order, Unanswered};
use crate::{ActivityTask, Engine, PollError, TokenError};

/// AWS: GetActivityTask waits this long for a task.
const POLL: Duration = Duration::from_secs(60);

impl Engine {
    /// SendTaskSuccess; `output` is JSON text. Only tokens of the account's own executions are taken.
    pub async fn task_succeeded(&self, account: &str, token: &str, output: &str) -> Result<(), TokenError> {
        // AWS looks at the token first.
        own_token(account, token)?;
        let output = Payload::parse(output).map_err(|error| TokenError::InvalidOutput(error.to_string()))?;
        self.with_token(account, token, |task| ended(task, TaskOutcome::Succeeded { output })).await
    }

    /// SendTaskFailure.
    pub async fn task_failed(
        &self,
        account: &str,
        token: &str,
        error: Option<String>,
        cause: Option<String>,
    ) -> Result<(), TokenError> {
        let error = error.unwrap_or_default();
        self.with_token(account, token, |task| ended(task, TaskOutcome::Failed { error, cause })).await
    }

    /// SendTaskHeartbeat.
    pub async fn task_heartbeat(&self, account: &str, token: &str) -> Result<(), TokenError> {
        self.with_token(account, token, |task| Command::Heartbeat { task }).await
    }

    async fn with_token(
        &self,
        account: &str,
        token: &str,
        command: impl FnOnce(TaskId) -> Command,
    ) -> Result<(), TokenError> {
        let (arn, task) = own_token(account, token)?;
        let row = self.shared.store.execution(&arn).await?.ok_or(TokenError::Invalid)?;
        if row.stopped_ms.is_some() {
            return Err(TokenError::TimedOut);
        }
        let order = Order::WithToken { task, token: Arc::from(token), command: command(task) };
        match self.ask(row.id, order).await.map_err(|_| TokenError::Throttled)? {
            Ok(_) => Ok(()),
            Err(Unanswered::Fault(fault)) => Err(TokenError::Fault(fault)),
            Err(Unanswered::Closed | Unanswered::NoTask | Unanswered::NotRedrivable(_)) => {
                Err(TokenError::TimedOut)
            }
        }
    }

    /// GetActivityTask: waits up to 60 seconds for a task of the activity; it has started when this returns it.
    pub async fn activity_task(
        &self,
        activity_arn: &str,
        worker: Option<&str>,
    ) -> Result<Option<ActivityTask>, PollError> {
        let poller = self.shared.activities.poll(activity_arn).ok_or(PollError::WorkerLimitExceeded)?;
        let deadline = tokio::time::Instant::now() + POLL;
        while let Ok(queued) = tokio::time::timeout_at(deadline, poller.next()).await {
            let command = Command::TaskStarted { task: queued.task, worker_name: worker.map(str::to_owned) };
            let order = Order::WithToken { task: queued.task, token: Arc::clone(&queued.token), command };
            match self.ask(queued.execution, order).await {
                Ok(Ok(_)) => {
                    let input = queued.input.text().to_string();
                    return Ok(Some(ActivityTask { token: queued.token.to_string(), input }));
                }
                // The event is written as soon as the disk can; this worker does not get the task, and the next one does.
                Ok(Err(Unanswered::Fault(fault))) => {
                    self.shared.activities.add(activity_arn, queued);
                    return Err(PollError::Fault(fault));
                }
                // Its task is over, by a timeout or a stop: the next one.
                Ok(Err(_)) => {}
                Err(_) => {
                    self.shared.activities.add(activity_arn, queued);
                    return Err(PollError::Throttled);
                }
            }
        }
        Ok(None)
    }
}

/// The execution's ARN and the task of a token. AWS: tokens are taken from principals of the same account only.
fn own_token(account: &str, token: &str) -> Result<(String, TaskId), TokenError> {
    let (arn, task) = read_token(token).ok_or(TokenError::Invalid)?;
    if arn.split(':').nth(4) != Some(account) {
        return Err(TokenError::Invalid);
    }
    Ok((arn, task))
}

fn ended(task: TaskId, outcome: TaskOutcome) -> Command {
    Command::TaskEnded { task, outcome }
}
