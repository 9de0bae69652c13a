//! Files of earlier versions become files of this one.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on fails"
)]

use std::path::Path;

use rusqlite::Connection;
use stepward_store::{Store, StoreError};

const VERSION_1: &str = include_str!("../../../tests/golden/store/schema-1.sql");

fn older(folder: &Path) {
    Connection::open(folder.join("stepward.db")).unwrap().execute_batch(VERSION_1).unwrap();
}

fn schema(folder: &Path) -> (i64, Vec<String>) {
    let connection = Connection::open(folder.join("stepward.db")).unwrap();
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name").unwrap();
    let tables = statement.query_map([], |row| row.get(0)).unwrap();
    (version, tables.collect::<Result<_, _>>().unwrap())
}

#[tokio::test]
async fn an_older_file_becomes_what_a_new_one_is_and_keeps_what_it_has() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    older(old.path());
    let store = Store::open(old.path()).unwrap();
    let arn = "arn:aws:states:us-east-1:123456789012:execution:m:waits";
    let waits = store.execution(arn).await.unwrap().unwrap();
    assert!(store.last_event(waits.id).await.unwrap() > 2);
    assert!(waits.wake_ms.is_some());
    drop(store);
    drop(Store::open(new.path()).unwrap());
    assert_eq!(schema(old.path()), schema(new.path()));
    // Once is enough.
    drop(Store::open(old.path()).unwrap());
}

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    older(folder.path());
    let connection = Connection::open(folder.path().join("stepward.db")).unwrap();
    connection.execute_batch("DROP INDEX events_execution").unwrap();
    drop(connection);
    let before = schema(folder.path());
    assert!(matches!(Store::open(folder.path()).err(), Some(StoreError::Database(_))));
    assert_eq!(schema(folder.path()), before);
}

#[test]
fn a_file_of_a_newer_version_is_refused_with_both_versions_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let connection = Connection::open(folder.path().join("stepward.db")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let refused = Store::open(folder.path()).err().unwrap().to_string();
    assert!(
        refused.ends_with("was written by a newer version (schema 99; this version knows 2)"),
        "{refused}"
    );
    assert_eq!(schema(folder.path()).0, 99);
}
