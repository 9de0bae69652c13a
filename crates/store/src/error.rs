//! What can go wrong with the disk.

use std::path::PathBuf;

/// Why the store did not do what was asked. Nothing of a refused change is kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An entity that must not exist does.
    #[error("'{0}' exists already")]
    Exists(String),
    /// Too many changes wait: try again later.
    #[error("too many changes wait for the disk")]
    Busy,
    #[error("the disk is full: nothing was changed; free space and try again")]
    Full,
    #[error("the store is closed")]
    Closed,
    #[error("'{}' is in use by another server", .0.display())]
    InUse(PathBuf),
    #[error("'{}' was written by a newer version (schema {found}; this version knows {known})", .path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("'{}' is no whole copy of a store", .0.display())]
    NoStore(PathBuf),
    #[error("the disk failed")]
    Io(#[source] std::io::Error),
    #[error("the database failed")]
    Database(#[source] rusqlite::Error),
    /// A change that shared a commit with a failed one.
    #[error("the commit failed: {0}")]
    Commit(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Database(error),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}
