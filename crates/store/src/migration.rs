//! The version of the tables, and how older files become newer ones.

use rusqlite::Connection;

use crate::StoreError;
use crate::place::Place;
use crate::schema::TABLES;

/// The version of `TABLES`; a file with a higher one is not touched.
pub(crate) const VERSION: i64 = 2;

/// What makes version 2 of version 1, and so on. What a release has written stays readable: a step is never changed
/// once it was released, and what it makes is what `TABLES` makes.
const STEPS: [&str; 1] = [
    // 2: the page of a history is found by the ids of its events.
    "DROP INDEX events_execution;
     CREATE INDEX events_execution ON events (execution, last, id);",
];

/// Brings the file to `VERSION`, all at once or not at all; makes the tables of a new one.
pub(crate) fn migrate(connection: &Connection, place: &Place) -> Result<(), StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(StoreError::Newer { path: place.path.clone(), found, known: VERSION });
    }
    if found == VERSION {
        return Ok(());
    }
    let mut script = String::from("BEGIN IMMEDIATE; ");
    if found == 0 {
        script.push_str(TABLES);
    } else {
        tracing::info!(from = found, to = VERSION, "the store is brought to the present version");
        let done = usize::try_from(found - 1).unwrap_or_default();
        STEPS.iter().skip(done).for_each(|step| script.push_str(step));
    }
    script.push_str(&format!(" PRAGMA user_version = {VERSION}; COMMIT;"));
    Ok(connection.execute_batch(&script)?)
}
