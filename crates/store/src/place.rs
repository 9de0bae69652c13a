//! Where the database is, and how its files are reached.

use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;

/// How much of the log is read and written at once.
const CHUNK_BYTES: usize = 1024 * 1024;

/// The database file of a folder.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// SQLite's file layer: the system's when absent.
    vfs: Option<String>,
}

impl Place {
    pub(crate) fn new(folder: &Path, vfs: Option<&str>) -> Self {
        Self { path: folder.join("stepward.db"), vfs: vfs.map(str::to_owned) }
    }

    /// A connection that writes; makes the file when it is not there.
    pub(crate) fn connect(&self) -> Result<Connection, StoreError> {
        self.open(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// A connection that only reads.
    pub(crate) fn connect_reader(&self) -> Result<Connection, StoreError> {
        let connection = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }

    fn open(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, flags, vfs.as_str())?,
            None => Connection::open_with_flags(&self.path, flags)?,
        })
    }

    /// The write-ahead log.
    pub(crate) fn log(&self) -> PathBuf {
        log_of(&self.path)
    }

    /// Makes the log that a crash left durable before anybody believes what is in it.
    ///
    /// After an `fsync` that failed, Linux takes the pages for written that are not: the log reads well until the
    /// machine loses power. Only writing them again makes them durable, and a server that died meanwhile cannot know
    /// whether that is needed.
    pub(crate) fn settle_log(&self) -> Result<(), StoreError> {
        let log = match std::fs::OpenOptions::new().read(true).write(true).open(self.log()) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            log => log.map_err(StoreError::Io)?,
        };
        match write_again(&log) {
            // A file system that never writes in place. What is there can still be read.
            Err(error) if error.kind() == ErrorKind::StorageFull => {
                tracing::warn!(%error, "the log of the last run could not be written again");
                Ok(())
            }
            outcome => outcome.map_err(StoreError::Io),
        }
    }
}

/// The write-ahead log of a database file.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Writes all bytes of a file over themselves, and makes them durable.
fn write_again(file: &std::fs::File) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut offset = 0;
    loop {
        let read = file.read_at(&mut chunk, offset)?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        file.write_all_at(bytes, offset)?;
        offset = offset.saturating_add(u64::try_from(read).unwrap_or_default());
    }
    file.sync_all()
}
