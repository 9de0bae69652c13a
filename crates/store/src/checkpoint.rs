//! The checkpointer: moves what was committed from the write-ahead log into the file, beside the writer.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

use crate::StoreError;
use crate::place::Place;

/// How large the log may become before it is moved.
const LOG_BYTES: u64 = 16 * 1024 * 1024;
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A connection that only checkpoints.
pub(crate) fn open(place: &Place) -> Result<Connection, StoreError> {
    let connection = place.connect()?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Checkpoints whenever the log is large, until the other end of `open` is gone.
pub(crate) fn run(connection: &Connection, place: &Place, open: &Receiver<()>) {
    let log = place.log();
    while open.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        let is_large = std::fs::metadata(&log).is_ok_and(|log| log.len() > LOG_BYTES);
        if !is_large {
            continue;
        }
        // Passive: waits for nobody, and leaves for the next time what is in use.
        let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
        let moved: rusqlite::Result<(i64, i64)> =
            connection.query_row(checkpoint, [], |row| Ok((row.get(1)?, row.get(2)?)));
        if let Err(error) = moved {
            tracing::warn!(%error, "the log could not be moved into the file");
        }
    }
}
