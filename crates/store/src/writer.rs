//! The writer: takes all changes that wait, commits them together, answers each caller.

use std::sync::mpsc::Receiver;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::entity::{self, EntityWrite};
use crate::execution::{self, ExecutionChange};
use crate::StoreError;

/// How many callers share a commit at most: bounds the time that the first of them waits.
const COMMIT_JOBS_MAX: usize = 2_000;

/// A change and who waits for it.
pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) answer: oneshot::Sender<Result<(), StoreError>>,
}

pub(crate) enum Work {
    Entities(Vec<EntityWrite>),
    Executions(Vec<ExecutionChange>),
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
    let mut applied = Vec::with_capacity(batch.len());
    let outcome = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from).and_then(
        |transaction| {
            for job in batch {
                match apply(&transaction, &job.work) {
                    Ok(()) => applied.push(job),
                    // Refused before it wrote anything: the others go on.
                    Err(error @ StoreError::Exists(_)) => answer(job, Err(error)),
                    Err(error) => {
                        applied.push(job);
                        return Err(error);
                    }
                }
            }
            transaction.commit().map_err(StoreError::from)
        },
    );
    match outcome {
        Ok(()) => applied.into_iter().for_each(|job| answer(job, Ok(()))),
        Err(error) => {
            tracing::error!(%error, changes = applied.len(), "a commit failed; none of its changes was kept");
            let is_full = matches!(error, StoreError::Full);
            let text = error.to_string();
            for job in applied {
                answer(job, Err(if is_full { StoreError::Full } else { StoreError::Commit(text.clone()) }));
            }
        }
    }
}

fn apply(transaction: &Transaction<'_>, work: &Work) -> Result<(), StoreError> {
    match work {
        Work::Entities(writes) => {
            entity::check(transaction, writes)?;
            entity::apply(transaction, writes)
        }
        Work::Executions(changes) => {
            execution::check(transaction, changes)?;
            execution::apply(transaction, changes)
        }
    }
}

fn answer(job: Job, outcome: Result<(), StoreError>) {
    // A caller that no longer waits has nothing to be told.
    let _ = job.answer.send(outcome);
}
