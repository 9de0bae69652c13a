//! The writer: takes all changes that wait, commits them together, answers each caller.

use std::sync::Arc;
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
    /// Called with the outcome.
    pub(crate) then: Box<dyn FnOnce(Answer) + Send>,
}

/// The numbers of refused executions, once all else is durable.
pub(crate) type Answer = Result<Vec<i64>, StoreError>;

pub(crate) enum Work {
    Entities(Vec<EntityWrite>),
    Executions(Arc<[ExecutionChange]>),
    Remove(Vec<i64>),
    Limit(Option<u64>),
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
            return batch.into_iter().zip(outcomes).for_each(|(job, outcome)| (job.then)(outcome));
        }
        Err(error) => error,
    };
    tracing::error!(%error, changes = batch.len(), "a commit failed; none of its changes was kept");
    let is_full = matches!(error, StoreError::Full);
    let text = error.to_string();
    for job in batch {
        (job.then)(Err(if is_full { StoreError::Full } else { StoreError::Commit(text.clone()) }));
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
