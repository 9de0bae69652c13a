//! The file: its lock and its tables.

use std::path::Path;

use rusqlite::Connection;

use crate::StoreError;
use crate::migration::migrate;
use crate::place::Place;

/// What a new file has in it: the tables of `migration::VERSION`.
// Append-only tables are ordered by rowid and found through a secondary index: a commit touches few pages.
pub(crate) const TABLES: &str = "
CREATE TABLE entities (
    kind TEXT NOT NULL, account TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (kind, account, key)
) WITHOUT ROWID;
CREATE TABLE executions (
    id INTEGER PRIMARY KEY, arn TEXT NOT NULL, account TEXT NOT NULL, machine TEXT NOT NULL,
    qualifier TEXT, status TEXT NOT NULL, started INTEGER NOT NULL, stopped INTEGER, wake INTEGER,
    record BLOB NOT NULL
);
CREATE UNIQUE INDEX executions_arn ON executions (arn);
CREATE INDEX executions_machine ON executions (machine, id);
CREATE INDEX executions_qualifier ON executions (qualifier, id) WHERE qualifier IS NOT NULL;
CREATE INDEX executions_open ON executions (machine, id) WHERE stopped IS NULL;
CREATE INDEX executions_awake ON executions (id) WHERE stopped IS NULL AND wake IS NULL;
CREATE INDEX executions_wake ON executions (wake, id) WHERE wake IS NOT NULL;
CREATE INDEX executions_unlucky ON executions (machine, status, id) WHERE stopped IS NOT NULL AND status <> 'SUCCEEDED';
CREATE TABLE events (
    id INTEGER PRIMARY KEY, execution INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX events_execution ON events (execution, last, id);
";

/// SQLite: the highest number of a page.
const PAGES_MAX: u64 = 4_294_967_294;

/// How often, and how soon after each other, a folder is asked for that is in use.
const LOCK_TRIES: u32 = 20;
const LOCK_EVERY: std::time::Duration = std::time::Duration::from_millis(50);

/// Takes the folder for this process.
pub(crate) fn lock(folder: &Path) -> Result<std::fs::File, StoreError> {
    std::fs::create_dir_all(folder).map_err(StoreError::Io)?;
    let path = folder.join("lock");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(StoreError::Io)?;
    match lock_soon(&file) {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse(folder.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(StoreError::Io(error)),
    }
}

/// Locks the file, if need be a little later: a process that a killed server had begun to start holds the lock until it
/// runs its own program.
fn lock_soon(file: &std::fs::File) -> Result<(), std::fs::TryLockError> {
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_EVERY),
            locked => return locked,
        }
    }
    file.try_lock()
}

/// The connection of the writer; makes the tables on the first opening, and brings older ones to this version.
pub(crate) fn open(place: &Place) -> Result<Connection, StoreError> {
    place.settle_log()?;
    let connection = place.connect()?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The checkpointer moves most of the log beside the writer. The writer moves the rest when the log is this long
    // (64 MiB), so that it starts anew: writing over old blocks is made durable faster than adding new ones.
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    connection.pragma_update(None, "journal_size_limit", 128 * 1024 * 1024)?;
    connection.pragma_update(None, "cache_size", -32_000)?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(&connection, place)?;
    Ok(connection)
}

/// Limits the file to so many bytes, or to as many as SQLite can number.
pub(crate) fn limit(connection: &Connection, bytes: Option<u64>) -> Result<(), StoreError> {
    let page: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = bytes.map_or(PAGES_MAX, |bytes| (bytes / page.max(1)).clamp(1, PAGES_MAX));
    // SQLite answers with what it made of it: no less than the file has.
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    Ok(())
}

/// The highest number of an execution.
pub(crate) fn last_execution(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("SELECT coalesce(max(id), 0) FROM executions", [], |row| row.get(0))?)
}
