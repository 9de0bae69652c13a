//! Copies of the whole store: made while it is in use, and put in the place of one that was lost.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::migration::VERSION;
use crate::place::{Place, log_of};
use crate::{StoreError, schema};

/// Writes a consistent copy into a file that must not exist: as of now, whatever is written meanwhile. Only its owner
/// may read it. When this returns the copy is durable; when it fails, nothing of it is left.
pub(crate) fn backup(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    if file.exists() {
        return Err(StoreError::Exists(file.display().to_string()));
    }
    let partial = partial(file);
    remove(&partial)?;
    // SQLite writes into a file that is there and empty: nobody else may read it from the first byte on.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    let copied = connection.execute("VACUUM INTO ?1", [partial.to_string_lossy().as_ref()]);
    let settled = copied.map_err(StoreError::from).and_then(|_| settle(&partial, file));
    if settled.is_err() {
        remove(&partial)?;
    }
    settled
}

/// Makes a copy the store of a folder that has none.
pub(crate) fn restore(file: &Path, folder: &Path) -> Result<(), StoreError> {
    check(file)?;
    let _lock = schema::lock(folder)?;
    let place = Place::new(folder, None);
    // A log that another store left would be taken for that of the copy, and written into it.
    for left in [place.path.clone(), place.log()] {
        if left.exists() {
            return Err(StoreError::Exists(left.display().to_string()));
        }
    }
    let partial = partial(&place.path);
    remove(&partial)?;
    let copied = std::fs::copy(file, &partial).map_err(StoreError::from);
    let settled = copied.and_then(|_| settle(&partial, &place.path));
    if settled.is_err() {
        remove(&partial)?;
    }
    settled
}

/// Refuses what is no whole store, or one of a newer version.
fn check(file: &Path) -> Result<(), StoreError> {
    let broken = || StoreError::NoStore(file.to_owned());
    File::open(file).map_err(StoreError::from)?;
    // The file of a store that was not closed: a part of it is in its log, and would stay behind.
    if std::fs::metadata(log_of(file)).is_ok_and(|log| log.len() > 0) {
        return Err(broken());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    let found = version.map_err(|_| broken())?;
    if found > VERSION {
        return Err(StoreError::Newer { path: file.to_owned(), found, known: VERSION });
    }
    let health: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|_| broken())?;
    let has_tables = connection.prepare("SELECT 1 FROM entities, executions, events LIMIT 0").is_ok();
    if found < 1 || health != "ok" || !has_tables { Err(broken()) } else { Ok(()) }
}

/// Makes a file durable and gives it its name.
fn settle(partial: &Path, file: &Path) -> Result<(), StoreError> {
    let settle = || {
        let written = OpenOptions::new().write(true).mode(0o600).open(partial)?;
        written.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        written.sync_all()?;
        std::fs::rename(partial, file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    settle().map_err(StoreError::from)
}

fn partial(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

fn remove(partial: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(partial) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
