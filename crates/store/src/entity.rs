//! Entities: bytes by kind, account and key.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::StoreError;

/// An entity that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    pub account: String,
    pub key: String,
    pub value: Vec<u8>,
}

/// One change of an entity.
#[derive(Clone, Debug)]
pub struct EntityWrite {
    kind: &'static str,
    account: String,
    key: String,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Put(Vec<u8>),
    Insert(Vec<u8>),
    Delete,
}

impl EntityWrite {
    /// Writes the entity, whether it exists or not.
    pub fn put(kind: &'static str, account: &str, key: &str, value: Vec<u8>) -> Self {
        Self { kind, account: account.to_owned(), key: key.to_owned(), change: Change::Put(value) }
    }

    /// Writes an entity that must not exist: else the whole write is refused with `StoreError::Exists`.
    pub fn insert(kind: &'static str, account: &str, key: &str, value: Vec<u8>) -> Self {
        Self { kind, account: account.to_owned(), key: key.to_owned(), change: Change::Insert(value) }
    }

    /// Removes the entity if it exists.
    pub fn delete(kind: &'static str, account: &str, key: &str) -> Self {
        Self { kind, account: account.to_owned(), key: key.to_owned(), change: Change::Delete }
    }

    /// How much of memory it takes until it is written, about.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.account.len() + self.key.len() + self.value().map_or(0, <[u8]>::len)
    }

    /// The value that this change leaves, for tests and logs.
    pub fn value(&self) -> Option<&[u8]> {
        match &self.change {
            Change::Put(value) | Change::Insert(value) => Some(value),
            Change::Delete => None,
        }
    }
}

/// Refuses the writes of one caller before any of them is made.
pub(crate) fn check(transaction: &Transaction<'_>, writes: &[EntityWrite]) -> Result<(), StoreError> {
    for write in writes.iter().filter(|write| matches!(write.change, Change::Insert(_))) {
        if get(transaction, write.kind, &write.account, &write.key)?.is_some() {
            return Err(StoreError::Exists(write.key.clone()));
        }
    }
    Ok(())
}

pub(crate) fn apply(transaction: &Transaction<'_>, writes: &[EntityWrite]) -> Result<(), StoreError> {
    for write in writes {
        match &write.change {
            Change::Put(value) | Change::Insert(value) => transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO entities (kind, account, key, value) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![write.kind, write.account, write.key, value])?,
            Change::Delete => transaction
                .prepare_cached("DELETE FROM entities WHERE kind = ?1 AND account = ?2 AND key = ?3")?
                .execute(params![write.kind, write.account, write.key])?,
        };
    }
    Ok(())
}

pub(crate) fn get(
    connection: &Connection,
    kind: &str,
    account: &str,
    key: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT value FROM entities WHERE kind = ?1 AND account = ?2 AND key = ?3")?;
    Ok(statement.query_row(params![kind, account, key], |row| row.get(0)).optional()?)
}

pub(crate) fn list(
    connection: &Connection,
    (kind, account, prefix): (&str, &str, &str),
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Entity>, StoreError> {
    // Every key with the prefix lies below the prefix followed by the highest character.
    let end = format!("{prefix}\u{10ffff}");
    let mut statement = connection.prepare_cached(
        "SELECT account, key, value FROM entities
         WHERE kind = ?1 AND account = ?2 AND key >= ?3 AND key > ?4 AND key < ?5 ORDER BY key LIMIT ?6",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows =
        statement.query_map(params![kind, account, prefix, after.unwrap_or_default(), end, limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn all(connection: &Connection, kind: &str) -> Result<Vec<Entity>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT account, key, value FROM entities WHERE kind = ?1 ORDER BY account, key")?;
    let rows = statement.query_map(params![kind], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Entity> {
    Ok(Entity { account: row.get(0)?, key: row.get(1)?, value: row.get(2)? })
}
