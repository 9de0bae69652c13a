//! The writer: takes all changes that wait, commits them together, answers each caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::entity::{self, EntityWrite};
use crate::execution::{self, ExecutionChange};
use crate::{StoreError, schema};

/// How many callers share a commit at most: bounds the time that the first of them waits.
const COMMIT_JOBS_MAX: usize = 2_000;

/// A change and who waits for it.
pub(crate) struct Job {
    pub(crate) work: Work,
    /// Its part of what waits, until it was answered.
    pub(crate) waiting: Waiting,
    /// Called with the outcome.
    pub(crate) then: Box<dyn FnOnce(Answer) + Send>,
}

impl Job {
    /// Gives its part of what waits back, then tells whoever waits for it.
    fn answer(self, answer: Answer) {
        drop((self.waiting, self.work));
        (self.then)(answer);
    }
}

/// The numbers of refused executions, once all else is durable.
pub(crate) type Answer = Result<Vec<i64>, StoreError>;

pub(crate) enum Work {
    Entities(Vec<EntityWrite>),
    Executions(Arc<[ExecutionChange]>),
    Remove(Vec<i64>),
    Limit(Option<u64>),
}

impl Work {
    fn bytes(&self) -> usize {
        match self {
            Self::Entities(writes) => writes.iter().map(EntityWrite::bytes).sum(),
            Self::Executions(changes) => changes.iter().map(ExecutionChange::bytes).sum(),
            Self::Remove(ids) => size_of_val(ids.as_slice()),
            Self::Limit(_) => 0,
        }
    }
}

/// The bytes of all changes that wait for the writer, or are being written.
#[derive(Clone, Default)]
pub(crate) struct Waits(Arc<AtomicUsize>);

/// A change's part of them, until it is dropped.
pub(crate) struct Waiting {
    all: Waits,
    bytes: usize,
}

impl Waits {
    /// Counts a change in, unless too many bytes wait. One that is larger than all may be has its turn alone.
    pub(crate) fn add(&self, work: &Work, bytes_max: usize) -> Option<Waiting> {
        let bytes = work.bytes();
        let add = |all: usize| {
            (all == 0 || all.saturating_add(bytes) <= bytes_max).then(|| all.saturating_add(bytes))
        };
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).ok()?;
        Some(Waiting { all: self.clone(), bytes })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.all.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Commits until every sender is gone.
pub(crate) fn run(mut connection: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        while batch.len() < COMMIT_JOBS_MAX
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        commit(&mut connection, batch);
    }
}

fn commit(connection: &mut Connection, batch: Vec<Job>) {
    let outcomes = write_all(connection, &batch);
    let error = match outcomes {
        Ok(outcomes) => {
            return batch.into_iter().zip(outcomes).for_each(|(job, outcome)| job.answer(outcome));
        }
        Err(error) => error,
    };
    tracing::error!(%error, changes = batch.len(), "a commit failed; none of its changes was kept");
    let is_full = matches!(error, StoreError::Full);
    let text = error.to_string();
    for job in batch {
        job.answer(Err(if is_full { StoreError::Full } else { StoreError::Commit(text.clone()) }));
    }
}

/// Writes the whole batch in one transaction; an error leaves nothing of it.
fn write_all(connection: &mut Connection, batch: &[Job]) -> Result<Vec<Answer>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for job in batch {
        outcomes.push(match write(&transaction, &job.work) {
            // Refused before it wrote anything: the others go on.
            Err(error @ StoreError::Exists(_)) => Err(error),
            other => Ok(other?),
        });
    }
    transaction.commit()?;
    Ok(outcomes)
}

fn write(transaction: &Transaction<'_>, work: &Work) -> Answer {
    match work {
        Work::Entities(writes) => {
            entity::check(transaction, writes)?;
            entity::apply(transaction, writes)?;
            Ok(Vec::new())
        }
        Work::Executions(changes) => execution::apply(transaction, changes),
        Work::Remove(ids) => {
            execution::remove(transaction, ids)?;
            Ok(Vec::new())
        }
        Work::Limit(bytes) => {
            schema::limit(transaction, *bytes)?;
            Ok(Vec::new())
        }
    }
}
