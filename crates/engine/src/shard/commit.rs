//! The commit pipeline: what a batch of decisions writes, and what follows once it is durable.

use std::sync::Arc;

use stepward_asl::{Effect, Event};
use stepward_store::{ExecutionChange, StoreError};
use stepward_types::Timestamp;
use tokio::sync::oneshot;

use super::message::{Answer, Message, Refused, Unanswered};
use super::{COMMITS_MAX, Shard};
use crate::Started;
use crate::error::Fault;
use crate::shared::Shared;

/// How long a failed commit waits before it is tried again.
const RETRY_MS: i64 = 500;

/// Decisions that become durable together.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) changes: Vec<ExecutionChange>,
    pub(crate) after: Vec<After>,
}

/// What follows a decision once its events are durable.
pub(crate) struct After {
    pub(crate) execution: i64,
    pub(crate) effects: Vec<Effect>,
    pub(crate) told: Told,
    pub(crate) observed: Observed,
}

/// What an observer is told of a decision.
#[derive(Default)]
pub(crate) struct Observed {
    /// Only of state machines that keep a log.
    pub(crate) events: Vec<Event>,
    /// Whether the execution began with it.
    pub(crate) is_start: bool,
    /// Whether it goes on with it after its end.
    pub(crate) is_redrive: bool,
}

/// Who is told.
pub(crate) enum Told {
    Nobody,
    Caller(Answer, Timestamp),
    Starter(oneshot::Sender<Result<Started, Refused>>, Started),
}

/// A batch that was written, or was not.
pub(crate) struct Written {
    changes: Arc<[ExecutionChange]>,
    after: Vec<After>,
    outcome: Result<Vec<i64>, StoreError>,
    /// How long it took.
    took: std::time::Duration,
}

impl Shard {
    /// Hands the batch to the store; the shard goes on meanwhile. While too much is on its way the batch grows.
    pub(super) fn flush(&mut self) {
        if self.batch.changes.is_empty() || self.commits >= COMMITS_MAX {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        self.commits += 1;
        submit(&self.shared, batch.changes.into(), batch.after);
    }

    pub(super) fn written(&mut self, written: Written) {
        self.commits = self.commits.saturating_sub(1);
        self.shared.metrics.committed(written.took, written.outcome.is_ok());
        let refused = match written.outcome {
            Ok(refused) => refused,
            Err(error) => return self.not_written(written.changes, written.after, &error),
        };
        for after in written.after {
            if refused.contains(&after.execution) {
                self.forget_start(after, Refused::Exists);
            } else {
                let id = after.execution;
                if let Some(live) = self.runs.get_mut(&id) {
                    live.is_committing = false;
                }
                self.follow(after);
                self.go_on(id);
            }
        }
    }

    /// Executions that were to be started are not; all others try again, since what happened to them has happened.
    /// Callers are told of the fault at once.
    fn not_written(&mut self, changes: Arc<[ExecutionChange]>, after: Vec<After>, error: &StoreError) {
        if matches!(error, StoreError::Closed) {
            return;
        }
        let mut again = Vec::with_capacity(after.len());
        for mut after in after {
            match std::mem::replace(&mut after.told, Told::Nobody) {
                Told::Starter(answer, started) => {
                    after.told = Told::Starter(answer, started);
                    self.forget_start(after, Refused::Store(again_of(error)));
                }
                Told::Caller(answer, _) => {
                    // A caller that no longer waits has nothing to be told.
                    let _ = answer.send(Err(Unanswered::Fault(Fault::from(again_of(error)))));
                    again.push(after);
                }
                Told::Nobody => again.push(after),
            }
        }
        let kept: Arc<[ExecutionChange]> =
            changes.iter().filter(|change| change.insert.is_none()).cloned().collect();
        if kept.is_empty() {
            return;
        }
        self.commits += 1;
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            shared.clock.sleep_until(shared.clock.now().plus_millis(RETRY_MS)).await;
            submit(&shared, kept, again);
        });
    }

    /// An execution that was not started leaves no trace.
    fn forget_start(&mut self, after: After, why: Refused) {
        if let Some(live) = self.runs.remove(&after.execution) {
            self.shared.open.remove(live.account());
            live.waiting.into_iter().for_each(|ask| ask.refuse(Unanswered::Closed));
        }
        if let Told::Starter(answer, _) = after.told {
            let _ = answer.send(Err(why));
        }
    }

    /// Carries the effects out and answers.
    pub(super) fn follow(&mut self, after: After) {
        if let Some(live) = self.runs.get(&after.execution) {
            super::observe::tell(&self.shared, live, after.observed);
        }
        for effect in after.effects {
            self.carry_out(after.execution, effect);
        }
        match after.told {
            Told::Nobody => {}
            Told::Caller(answer, at) => drop(answer.send(Ok(at))),
            Told::Starter(answer, started) => drop(answer.send(Ok(started))),
        }
    }

    /// A decision that cannot be written down: the execution leaves memory, where it is ahead of its journal.
    pub(super) fn unwritable(&mut self, after: After, fault: Fault) {
        tracing::error!(execution = after.execution, %fault, "a decision cannot be written");
        if let Some(live) = self.runs.remove(&after.execution) {
            if matches!(after.told, Told::Starter(..)) {
                self.shared.open.remove(live.account());
            }
            live.leave();
        }
        match after.told {
            Told::Nobody => {}
            Told::Caller(answer, _) => drop(answer.send(Err(Unanswered::Fault(fault)))),
            Told::Starter(answer, _) => {
                drop(answer.send(Err(Refused::Store(StoreError::Commit(fault.to_string())))))
            }
        }
    }
}

/// Gives changes to the store, which tells their shard what came of it.
fn submit(shared: &Arc<Shared>, changes: Arc<[ExecutionChange]>, after: Vec<After>) {
    let Some(execution) = changes.first().map(|change| change.id) else { return };
    let told = Arc::clone(shared);
    let written = Arc::clone(&changes);
    let submitted = std::time::Instant::now();
    shared.store.commit_then(changes, move |outcome| {
        let took = submitted.elapsed();
        told.send(execution, Message::Written(Written { changes: written, after, outcome, took }));
    });
}

/// The same error for another caller.
fn again_of(error: &StoreError) -> StoreError {
    match error {
        StoreError::Full => StoreError::Full,
        StoreError::Busy => StoreError::Busy,
        error => StoreError::Commit(error.to_string()),
    }
}
