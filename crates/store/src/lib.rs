//! Durable entities, executions, histories and due times, in one SQLite file.
//!
//! Owns what is on disk and when it is safe there. Refuses to decide anything: it keeps bytes by key, and rows by
//! execution, and knows nothing of what they mean.
//!
//! One writer thread commits what many callers ask for together (group commit); a call returns when its change
//! is durable. Reads go to connections of their own and never wait for a write.
#![allow(clippy::disallowed_methods, reason = "this crate is the one that reads and writes the disk")]

mod checkpoint;
mod copy;
mod entity;
mod error;
mod execution;
mod migration;
mod place;
mod reader;
mod schema;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

pub use entity::{Entity, EntityWrite};
pub use error::StoreError;
pub use execution::{
    EventPlace, EventRow, ExecutionChange, ExecutionFilter, ExecutionInsert, ExecutionRow, ExecutionUpdate,
    Listed, Stopped,
};

use place::Place;
use reader::Readers;
use writer::{Job, Waits, Work};

/// How many changes may wait for the writer; more are refused rather than kept in memory.
const QUEUE_MAX: usize = 100_000;
/// And of how many bytes.
const QUEUE_BYTES_MAX: usize = 128 * 1024 * 1024;

/// The store of one data folder.
pub struct Store {
    writer: mpsc::SyncSender<Job>,
    waits: Waits,
    readers: Readers,
    next_execution: AtomicI64,
    threads: std::sync::Mutex<Vec<std::thread::JoinHandle<()>>>,
    /// Ends the checkpointer when it is dropped.
    checkpointing: Option<mpsc::Sender<()>>,
    /// Held for as long as the store is open: two servers on one folder would lose each other's writes.
    _lock: std::fs::File,
}

impl Store {
    /// Opens the store in a folder, which is made if it is not there.
    pub fn open(folder: &Path) -> Result<Arc<Self>, StoreError> {
        Self::open_through(folder, None)
    }

    /// Opens the store like `open`, through one of SQLite's file layers (`VFS`) instead of the system's: how tests put
    /// a disk under it that fails.
    pub fn open_through(folder: &Path, vfs: Option<&str>) -> Result<Arc<Self>, StoreError> {
        let lock = schema::lock(folder)?;
        let place = Place::new(folder, vfs);
        let connection = schema::open(&place)?;
        let next_execution = schema::last_execution(&connection)? + 1;
        let readers = Readers::open(&place)?;
        let (writer, jobs) = mpsc::sync_channel(QUEUE_MAX);
        let (checkpointing, open) = mpsc::channel();
        let checkpointer = checkpoint::open(&place)?;
        let threads = vec![
            thread("store-writer", move || writer::run(connection, &jobs))?,
            thread("store-checkpointer", move || checkpoint::run(&checkpointer, &place, &open))?,
        ];
        Ok(Arc::new(Self {
            writer,
            waits: Waits::default(),
            readers,
            next_execution: AtomicI64::new(next_execution),
            threads: std::sync::Mutex::new(threads),
            checkpointing: Some(checkpointing),
            _lock: lock,
        }))
    }

    /// The number of a new execution; numbers are never used again while the store is open.
    pub fn next_execution(&self) -> i64 {
        self.next_execution.fetch_add(1, Ordering::Relaxed)
    }

    /// The bytes of an entity.
    pub async fn get(&self, kind: &str, account: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (kind, account, key) = (kind.to_owned(), account.to_owned(), key.to_owned());
        self.readers.read(move |connection| entity::get(connection, &kind, &account, &key)).await
    }

    /// Entities of a kind and account whose key starts with `prefix`, after the key `after`, in the order of keys.
    pub async fn list(
        &self,
        kind: &str,
        account: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entity>, StoreError> {
        let (kind, account, prefix) = (kind.to_owned(), account.to_owned(), prefix.to_owned());
        let after = after.map(str::to_owned);
        self.readers
            .read(move |connection| {
                entity::list(connection, (&kind, &account, &prefix), after.as_deref(), limit)
            })
            .await
    }

    /// All entities of a kind, in every account.
    pub async fn all(&self, kind: &str) -> Result<Vec<Entity>, StoreError> {
        let kind = kind.to_owned();
        self.readers.read(move |connection| entity::all(connection, &kind)).await
    }

    /// Writes entities, all or none; returns when they are durable.
    pub async fn write(&self, writes: Vec<EntityWrite>) -> Result<(), StoreError> {
        self.submit(Work::Entities(writes)).await.map(drop)
    }

    /// Writes changes of executions; returns when they are durable. Gives the numbers of the new executions whose
    /// ARN exists already: nothing of those was written.
    pub async fn commit(&self, changes: impl Into<Arc<[ExecutionChange]>>) -> Result<Vec<i64>, StoreError> {
        self.submit(Work::Executions(changes.into())).await
    }

    /// Writes changes of executions like `commit`, and calls `then` with the outcome, on the writer's thread: it must
    /// be quick.
    pub fn commit_then(
        &self,
        changes: Arc<[ExecutionChange]>,
        then: impl FnOnce(Result<Vec<i64>, StoreError>) + Send + 'static,
    ) {
        self.queue(Work::Executions(changes), then);
    }

    /// Removes executions with their events.
    pub async fn remove(&self, executions: Vec<i64>) -> Result<(), StoreError> {
        self.submit(Work::Remove(executions)).await.map(drop)
    }

    /// Limits how large the file may grow, or lifts the limit: beyond it writes are refused as on a full disk.
    pub async fn limit_bytes(&self, bytes: Option<u64>) -> Result<(), StoreError> {
        self.submit(Work::Limit(bytes)).await.map(drop)
    }

    async fn submit(&self, work: Work) -> Result<Vec<i64>, StoreError> {
        let (answer, answered) = oneshot::channel();
        // A caller that no longer waits has nothing to be told.
        self.queue(work, move |outcome| drop(answer.send(outcome)));
        answered.await.map_err(|_| StoreError::Closed)?
    }

    fn queue(&self, work: Work, then: impl FnOnce(writer::Answer) + Send + 'static) {
        let Some(waiting) = self.waits.add(&work, QUEUE_BYTES_MAX) else {
            return then(Err(StoreError::Busy));
        };
        match self.writer.try_send(Job { work, waiting, then: Box::new(then) }) {
            Ok(()) => {}
            Err(mpsc::TrySendError::Full(job)) => (job.then)(Err(StoreError::Busy)),
            Err(mpsc::TrySendError::Disconnected(job)) => (job.then)(Err(StoreError::Closed)),
        }
    }

    /// The row of an execution by its ARN.
    pub async fn execution(&self, arn: &str) -> Result<Option<ExecutionRow>, StoreError> {
        let arn = arn.to_owned();
        self.readers.read(move |connection| execution::by_arn(connection, &arn)).await
    }

    /// The row of an execution by its number.
    pub async fn execution_by_id(&self, id: i64) -> Result<Option<ExecutionRow>, StoreError> {
        self.readers.read(move |connection| execution::by_id(connection, id)).await
    }

    /// Executions, newest first.
    pub async fn executions(&self, filter: ExecutionFilter) -> Result<Vec<ExecutionRow>, StoreError> {
        self.readers.read(move |connection| execution::list(connection, &filter)).await
    }

    /// Up to `limit` numbers above `after` of executions that are neither closed nor asleep.
    pub async fn awake_executions(&self, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
        self.readers.read(move |connection| execution::awake(connection, after, limit)).await
    }

    /// How many executions of each account are not closed.
    pub async fn open_by_account(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.readers.read(execution::open_by_account).await
    }

    /// Executions that stopped before the time (milliseconds), from the number `after` on; looks at `limit` of them.
    pub async fn stopped_before(
        &self,
        after: i64,
        before_ms: i64,
        limit: usize,
    ) -> Result<Stopped, StoreError> {
        self.readers.read(move |connection| execution::stopped(connection, after, before_ms, limit)).await
    }

    /// How many executions of a state machine are not closed.
    pub async fn count_open(&self, machine: &str) -> Result<u64, StoreError> {
        let machine = machine.to_owned();
        self.readers.read(move |connection| execution::count_open(connection, &machine)).await
    }

    /// Batches of events of an execution that touch the ids `from..=to`, in order.
    pub async fn events(&self, execution: i64, from: u64, to: u64) -> Result<Vec<EventRow>, StoreError> {
        self.readers.read(move |connection| execution::events(connection, execution, from, to)).await
    }

    /// Up to `limit` batches of events of an execution in order, each with its place; `after` is the place of the
    /// last one seen.
    pub async fn events_after(
        &self,
        execution: i64,
        after: EventPlace,
        limit: usize,
    ) -> Result<Vec<(EventPlace, EventRow)>, StoreError> {
        self.readers
            .read(move |connection| execution::events_after(connection, execution, after, limit))
            .await
    }

    /// The id of the last event of an execution; 0 when it has none.
    pub async fn last_event(&self, execution: i64) -> Result<u64, StoreError> {
        self.readers.read(move |connection| execution::last_event(connection, execution)).await
    }

    /// Due time (milliseconds) and number of sleeping executions that come after `after` (a due time and a number)
    /// and are due at `until_ms` at the latest, earliest first.
    pub async fn due(
        &self,
        after: (i64, i64),
        until_ms: i64,
        limit: usize,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        self.readers.read(move |connection| execution::due(connection, after, until_ms, limit)).await
    }

    /// Copies the whole store into a new file while it is in use.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        let file = file.to_owned();
        self.readers.read(move |connection| copy::backup(connection, &file)).await
    }
}

/// Copies the store of a folder into a new file, whether a server has it open or not.
pub fn backup(folder: &Path, file: &Path) -> Result<(), StoreError> {
    copy::backup(&Place::new(folder, None).connect_reader()?, file)
}

/// Makes a copy the store of a folder that has none; a copy of an earlier version is brought to this one when the
/// store is opened.
pub fn restore(file: &Path, folder: &Path) -> Result<(), StoreError> {
    copy::restore(file, folder)
}

impl Drop for Store {
    /// Waits until the writer has committed what it was given.
    fn drop(&mut self) {
        self.readers.close();
        let (closed, _) = mpsc::sync_channel(1);
        self.writer = closed;
        self.checkpointing = None;
        let threads = self.threads.get_mut().map(std::mem::take).unwrap_or_default();
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store ended with a panic");
            }
        }
    }
}

fn thread(
    name: &str,
    run: impl FnOnce() + Send + 'static,
) -> Result<std::thread::JoinHandle<()>, StoreError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(StoreError::Io)
}

#[cfg(test)]
mod tests;
