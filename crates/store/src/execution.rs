//! Executions and their events.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::StoreError;

/// An execution as it is stored. `record` is the caller's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionRow {
    pub id: i64,
    pub arn: String,
    pub account: String,
    /// The ARN of the state machine, without qualifier.
    pub machine: String,
    /// The version or alias that the execution was started with.
    pub qualifier: Option<String>,
    pub status: String,
    pub started_ms: i64,
    /// Absent as long as the execution is open.
    pub stopped_ms: Option<i64>,
    /// When a sleeping execution wants to be woken.
    pub wake_ms: Option<i64>,
    pub record: Vec<u8>,
}

/// A new execution.
#[derive(Clone, Debug)]
pub struct ExecutionInsert {
    pub arn: String,
    pub account: String,
    pub machine: String,
    pub qualifier: Option<String>,
    pub started_ms: i64,
    pub record: Vec<u8>,
}

/// What changes of an execution; what is `None` stays.
#[derive(Clone, Debug)]
pub struct ExecutionUpdate {
    pub status: &'static str,
    pub stopped_ms: Option<i64>,
    pub wake_ms: Option<i64>,
    pub record: Option<Vec<u8>>,
}

/// One commit's part of one execution: the row, and the events that were recorded.
#[derive(Clone, Debug)]
pub struct ExecutionChange {
    pub id: i64,
    pub insert: Option<ExecutionInsert>,
    pub update: Option<ExecutionUpdate>,
    pub events: Option<EventRow>,
}

/// Events `first..=last` of an execution, in the caller's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    pub first: u64,
    pub last: u64,
    pub body: Vec<u8>,
}

/// Which executions are listed.
#[derive(Clone, Debug)]
pub struct ExecutionFilter {
    pub of: Listed,
    pub status: Option<String>,
    /// Only executions with lower numbers: the page after the one that ended there.
    pub before: Option<i64>,
    pub limit: usize,
}

/// Whose executions are listed.
#[derive(Clone, Debug)]
pub enum Listed {
    /// All of a state machine, by its unqualified ARN.
    Machine(String),
    /// Those of a state machine that were started with one version or alias.
    Qualified(String, String),
}

const COLUMNS: &str = "id, arn, account, machine, qualifier, status, started, stopped, wake, record";

/// Refuses changes of one caller before any of them is made.
pub(crate) fn check(transaction: &Transaction<'_>, changes: &[ExecutionChange]) -> Result<(), StoreError> {
    for insert in changes.iter().filter_map(|change| change.insert.as_ref()) {
        let mut statement = transaction.prepare_cached("SELECT 1 FROM executions WHERE arn = ?1")?;
        if statement.exists(params![insert.arn])? {
            return Err(StoreError::Exists(insert.arn.clone()));
        }
    }
    Ok(())
}

pub(crate) fn apply(transaction: &Transaction<'_>, changes: &[ExecutionChange]) -> Result<(), StoreError> {
    for change in changes {
        match (&change.insert, &change.update) {
            (Some(insert), update) => insert_row(transaction, change.id, insert, update.as_ref())?,
            (None, Some(update)) => update_row(transaction, change.id, update)?,
            (None, None) => {}
        }
        if let Some(events) = &change.events {
            transaction
                .prepare_cached("INSERT INTO events (execution, first, last, body) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![change.id, signed(events.first), signed(events.last), events.body])?;
        }
    }
    Ok(())
}

fn insert_row(
    transaction: &Transaction<'_>,
    id: i64,
    insert: &ExecutionInsert,
    update: Option<&ExecutionUpdate>,
) -> Result<(), StoreError> {
    let record = update.and_then(|update| update.record.as_ref()).unwrap_or(&insert.record);
    transaction
        .prepare_cached(
            "INSERT INTO executions (id, arn, account, machine, qualifier, status, started, stopped, wake, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            id,
            insert.arn,
            insert.account,
            insert.machine,
            insert.qualifier,
            update.map_or("RUNNING", |update| update.status),
            insert.started_ms,
            update.and_then(|update| update.stopped_ms),
            update.and_then(|update| update.wake_ms),
            record
        ])?;
    Ok(())
}

fn update_row(transaction: &Transaction<'_>, id: i64, update: &ExecutionUpdate) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE executions SET status = ?2, stopped = ?3, wake = ?4, record = coalesce(?5, record) WHERE id = ?1",
        )?
        .execute(params![id, update.status, update.stopped_ms, update.wake_ms, update.record])?;
    Ok(())
}

pub(crate) fn by_arn(connection: &Connection, arn: &str) -> Result<Option<ExecutionRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM executions WHERE arn = ?1"))?;
    Ok(statement.query_row(params![arn], read).optional()?)
}

pub(crate) fn list(connection: &Connection, filter: &ExecutionFilter) -> Result<Vec<ExecutionRow>, StoreError> {
    let (machine, qualifier) = match &filter.of {
        Listed::Machine(machine) => (machine, None),
        Listed::Qualified(machine, qualifier) => (machine, Some(qualifier)),
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM executions WHERE machine = ?1 AND id < ?2 AND (?3 IS NULL OR qualifier = ?3)
         AND (?4 IS NULL OR status = ?4) ORDER BY id DESC LIMIT ?5"
    ))?;
    let before = filter.before.unwrap_or(i64::MAX);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![machine, before, qualifier, filter.status, limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn open(connection: &Connection, after: i64, limit: usize) -> Result<Vec<ExecutionRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM executions WHERE stopped IS NULL AND id > ?1 ORDER BY id LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![after, i64::try_from(limit).unwrap_or(i64::MAX)], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn count_open(connection: &Connection, machine: &str) -> Result<u64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT count(*) FROM executions WHERE machine = ?1 AND stopped IS NULL")?;
    let count: i64 = statement.query_row(params![machine], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

pub(crate) fn due(connection: &Connection, until_ms: i64, limit: usize) -> Result<Vec<ExecutionRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM executions WHERE wake IS NOT NULL AND wake <= ?1 ORDER BY wake LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![until_ms, i64::try_from(limit).unwrap_or(i64::MAX)], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn next_due(connection: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(connection.query_row("SELECT min(wake) FROM executions WHERE wake IS NOT NULL", [], |row| row.get(0))?)
}

pub(crate) fn events(connection: &Connection, execution: i64, from: u64, to: u64) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT first, last, body FROM events WHERE execution = ?1 AND last >= ?2 AND first <= ?3 ORDER BY id",
    )?;
    let rows = statement.query_map(params![execution, signed(from), signed(to)], |row| {
        Ok(EventRow { first: unsigned(row.get(0)?), last: unsigned(row.get(1)?), body: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<ExecutionRow> {
    Ok(ExecutionRow {
        id: row.get(0)?,
        arn: row.get(1)?,
        account: row.get(2)?,
        machine: row.get(3)?,
        qualifier: row.get(4)?,
        status: row.get(5)?,
        started_ms: row.get(6)?,
        stopped_ms: row.get(7)?,
        wake_ms: row.get(8)?,
        record: row.get(9)?,
    })
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
