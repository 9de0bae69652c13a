//! The commit pipeline: what a batch of decisions writes, and what follows once it is durable.

use std::sync::Arc;

use stepward_asl::{Effect, Event};
use stepward_store::{EntityWrite, EventRow, ExecutionChange, ExecutionInsert, ExecutionUpdate, StoreError};
use stepward_types::Timestamp;
use tokio::sync::oneshot;

use super::live::Journal;
use super::message::{Answer, Notice, Refused, Unanswered};
use super::{COMMITS_MAX, Shard};
use crate::error::Fault;
use crate::shared::Shared;
use crate::{Started, codec};

/// How long a failed commit waits before it is tried again.
const RETRY_MS: i64 = 500;

/// Decisions that become durable together.
#[derive(Default)]
pub(crate) struct Batch {
    changes: Vec<Pending>,
    after: Vec<After>,
}

/// What the decisions of one execution write.
pub(crate) struct Pending {
    pub(crate) id: i64,
    pub(crate) insert: Option<ExecutionInsert>,
    pub(crate) update: Option<ExecutionUpdate>,
    pub(crate) events: Vec<Event>,
    /// The id of the last event of the history.
    pub(crate) last: u64,
    pub(crate) entities: Vec<EntityWrite>,
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
    /// Whether it ends with it.
    pub(crate) ends: bool,
}

/// Who is told.
pub(crate) enum Told {
    Nobody,
    Caller(Answer, Result<Timestamp, Unanswered>),
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

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Adds what a decision writes to what earlier ones of the execution do, if there are any at `place`. Gives where.
    pub(crate) fn add(&mut self, place: Option<usize>, decision: Pending, after: After) -> usize {
        self.after.push(after);
        match place.and_then(|place| Some((place, self.changes.get_mut(place)?))) {
            Some((place, pending)) => {
                pending.join(decision);
                place
            }
            None => {
                self.changes.push(decision);
                self.changes.len() - 1
            }
        }
    }

    /// Tells something once all that is in the batch is durable.
    pub(crate) fn tell_after(
        &mut self,
        execution: i64,
        answer: Answer,
        outcome: Result<Timestamp, Unanswered>,
    ) {
        let told = Told::Caller(answer, outcome);
        self.after.push(After { execution, effects: Vec::new(), told, observed: Observed::default() });
    }
}

impl Pending {
    /// Takes a later decision of the same execution in.
    fn join(&mut self, later: Self) {
        if let Some(mut update) = later.update {
            let earlier = self.update.take().and_then(|earlier| earlier.record);
            update.record = update.record.or(earlier);
            self.update = Some(update);
        }
        self.events.extend(later.events);
        self.last = later.last;
        self.entities.extend(later.entities);
    }

    fn into_change(self) -> Result<ExecutionChange, Fault> {
        let ids = self.events.iter().filter_map(|event| event.history().map(|event| event.id));
        let first = ids.min().unwrap_or(self.last + 1);
        let events = Some(EventRow { first, last: self.last, body: codec::encode(&self.events)? });
        let Self { id, insert, update, entities, .. } = self;
        Ok(ExecutionChange { id, insert, update, events, entities })
    }
}

impl Shard {
    /// Hands the batch to the store; the shard goes on meanwhile.
    pub(super) fn flush(&mut self) {
        if self.batch.is_empty() || self.commits >= COMMITS_MAX {
            return;
        }
        let Batch { changes: pending, mut after } = std::mem::take(&mut self.batch);
        let mut changes = Vec::with_capacity(pending.len());
        for pending in pending {
            let id = pending.id;
            if let Some(live) = self.runs.get_mut(&id) {
                live.journal = Journal::Committing;
            }
            match pending.into_change() {
                Ok(change) => changes.push(change),
                Err(fault) => {
                    let (gone, rest) = after.into_iter().partition(|after| after.execution == id);
                    after = rest;
                    self.unwritable(id, gone, &fault);
                }
            }
        }
        self.submit(changes.into(), after);
    }

    fn submit(&mut self, changes: Arc<[ExecutionChange]>, after: Vec<After>) {
        if changes.is_empty() {
            return;
        }
        self.commits += 1;
        self.commit_bytes += bytes_of(&changes);
        submit(&self.shared, changes, after);
    }

    pub(super) fn written(&mut self, written: Written) {
        self.commits = self.commits.saturating_sub(1);
        self.commit_bytes = self.commit_bytes.saturating_sub(bytes_of(&written.changes));
        self.shared.metrics.committed(written.took, written.outcome.is_ok());
        let refused = match written.outcome {
            Ok(refused) => refused,
            Err(error) => return self.not_written(written.changes, written.after, &error),
        };
        for after in written.after {
            if refused.contains(&after.execution) {
                self.forget_start(after, Refused::Exists);
            } else {
                self.follow(after);
            }
        }
        for change in written.changes.iter() {
            if let Some(live) = self.runs.get_mut(&change.id) {
                live.journal = Journal::Settled;
                self.go_on(change.id);
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
        self.commit_bytes += bytes_of(&kept);
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
            // Before anybody is told of the start: who asks at once finds it. What sleeps at once is asked for rarely.
            let is_watched = after.observed.is_start && !live.is_express() && live.wake_ms.is_none();
            if is_watched && !live.is_closed() {
                self.shared.recent.keep(live.describe(self.shared.clock.now()));
            }
            super::observe::tell(&self.shared, live, after.observed);
        }
        for effect in after.effects {
            self.carry_out(after.execution, effect);
        }
        match after.told {
            Told::Nobody => {}
            Told::Caller(answer, outcome) => drop(answer.send(outcome)),
            Told::Starter(answer, started) => drop(answer.send(Ok(started))),
        }
    }

    /// Decisions that cannot be written down: the execution leaves memory, where it is ahead of its journal.
    pub(super) fn unwritable(&mut self, execution: i64, after: Vec<After>, fault: &Fault) {
        tracing::error!(execution, %fault, "a decision cannot be written");
        if let Some(live) = self.runs.remove(&execution) {
            if after.iter().any(|after| matches!(after.told, Told::Starter(..))) {
                self.shared.open.remove(live.account());
            }
            live.leave();
        }
        let text = fault.to_string();
        for after in after {
            match after.told {
                Told::Nobody => {}
                Told::Caller(answer, _) => {
                    drop(answer.send(Err(Unanswered::Fault(Fault::new(text.clone())))));
                }
                Told::Starter(answer, _) => {
                    drop(answer.send(Err(Refused::Store(StoreError::Commit(text.clone())))));
                }
            }
        }
    }
}

fn bytes_of(changes: &[ExecutionChange]) -> usize {
    changes.iter().map(ExecutionChange::bytes).sum()
}

/// Gives changes to the store, which tells their shard what came of it.
fn submit(shared: &Arc<Shared>, changes: Arc<[ExecutionChange]>, after: Vec<After>) {
    let Some(execution) = changes.first().map(|change| change.id) else { return };
    let told = Arc::clone(shared);
    let written = Arc::clone(&changes);
    let submitted = std::time::Instant::now();
    shared.store.commit_then(changes, move |outcome| {
        let took = submitted.elapsed();
        told.notify(execution, Notice::Written(Written { changes: written, after, outcome, took }));
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
