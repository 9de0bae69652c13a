//! Executions and their events.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::StoreError;
use crate::entity::{self, EntityWrite};

/// An execution as it is stored. `record` is the caller's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionRow {
    pub id: i64,
    pub arn: String,
    pub account: String,
    /// The ARN of the state machine, without qualifier.
    pub machine: String,
    /// What else it is listed by: the ARN of the version, alias or Map Run that it was started with.
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

/// What an execution is from now on. A `record` of `None` stays as it is.
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
    /// What is written with them.
    pub entities: Vec<EntityWrite>,
}

impl ExecutionChange {
    /// How much of memory it takes until it is written, about.
    pub fn bytes(&self) -> usize {
        let insert = self.insert.as_ref().map_or(0, |insert| insert.record.len() + insert.arn.len());
        let update = self.update.as_ref().and_then(|update| update.record.as_ref()).map_or(0, Vec::len);
        let events = self.events.as_ref().map_or(0, |events| events.body.len());
        let entities: usize = self.entities.iter().map(EntityWrite::bytes).sum();
        size_of::<Self>() + insert + update + events + entities
    }
}

/// Events `first..=last` of an execution, in the caller's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    pub first: u64,
    pub last: u64,
    pub body: Vec<u8>,
}

/// Where a batch of events stands among those of its execution; `(0, 0)` is before all of them.
pub type EventPlace = (u64, i64);

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
    /// Those that were started with one version, alias or Map Run, by its ARN.
    Qualifier(String),
}

/// What a look for executions to remove found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    pub ids: Vec<i64>,
    /// Where to look on; `None` when all that are old enough were seen.
    pub next: Option<i64>,
}

const COLUMNS: &str = "id, arn, account, machine, qualifier, status, started, stopped, wake, record";

/// Makes the changes and gives the numbers of the new executions whose ARN exists: of those nothing is written.
pub(crate) fn apply(
    transaction: &Transaction<'_>,
    changes: &[ExecutionChange],
) -> Result<Vec<i64>, StoreError> {
    let mut refused = Vec::new();
    for change in changes {
        match (&change.insert, &change.update) {
            (Some(insert), update) => {
                if !insert_row(transaction, change.id, insert, update.as_ref())? {
                    refused.push(change.id);
                    continue;
                }
            }
            (None, Some(update)) => update_row(transaction, change.id, update)?,
            (None, None) => {}
        }
        if let Some(events) = &change.events {
            transaction
                .prepare_cached("INSERT INTO events (execution, first, last, body) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![change.id, signed(events.first), signed(events.last), events.body])?;
        }
        entity::apply(transaction, &change.entities)?;
    }
    Ok(refused)
}

/// Removes executions with their events.
pub(crate) fn remove(transaction: &Transaction<'_>, ids: &[i64]) -> Result<(), StoreError> {
    for id in ids {
        transaction.prepare_cached("DELETE FROM events WHERE execution = ?1")?.execute([id])?;
        transaction.prepare_cached("DELETE FROM executions WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

fn insert_row(
    transaction: &Transaction<'_>,
    id: i64,
    insert: &ExecutionInsert,
    update: Option<&ExecutionUpdate>,
) -> Result<bool, StoreError> {
    let record = update.and_then(|update| update.record.as_ref()).unwrap_or(&insert.record);
    let rows = transaction
        .prepare_cached(
            "INSERT INTO executions (id, arn, account, machine, qualifier, status, started, stopped, wake, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (arn) DO NOTHING",
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
    Ok(rows == 1)
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
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM executions WHERE arn = ?1"))?;
    Ok(statement.query_row(params![arn], read).optional()?)
}

pub(crate) fn by_id(connection: &Connection, id: i64) -> Result<Option<ExecutionRow>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM executions WHERE id = ?1"))?;
    Ok(statement.query_row(params![id], read).optional()?)
}

pub(crate) fn list(
    connection: &Connection,
    filter: &ExecutionFilter,
) -> Result<Vec<ExecutionRow>, StoreError> {
    let (column, value) = match &filter.of {
        Listed::Machine(machine) => ("machine", machine),
        Listed::Qualifier(qualifier) => ("qualifier", qualifier),
    };
    // The words of the partial indexes, so that SQLite can use them.
    let hint = match filter.status.as_deref() {
        Some("RUNNING" | "PENDING_REDRIVE") => "AND stopped IS NULL",
        None | Some("SUCCEEDED") => "",
        Some(_) => "AND stopped IS NOT NULL AND status <> 'SUCCEEDED'",
    };
    let status = if filter.status.is_some() { "AND status = ?4" } else { "AND ?4 IS NULL" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM executions WHERE {column} = ?1 AND id < ?2 {hint} {status} ORDER BY id DESC LIMIT ?3"
    ))?;
    let before = filter.before.unwrap_or(i64::MAX);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![value, before, limit, filter.status], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Numbers of open executions that do not sleep.
pub(crate) fn awake(connection: &Connection, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM executions WHERE stopped IS NULL AND wake IS NULL AND id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let rows =
        statement.query_map(params![after, i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn count_open(connection: &Connection, machine: &str) -> Result<u64, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT count(*) FROM executions WHERE machine = ?1 AND stopped IS NULL")?;
    let count: i64 = statement.query_row(params![machine], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Numbers of sleeping executions that are due after one moment and until another, earliest first.
pub(crate) fn due(
    connection: &Connection,
    (after_ms, after_id): (i64, i64),
    until_ms: i64,
    limit: usize,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT wake, id FROM executions WHERE wake IS NOT NULL AND (wake, id) > (?1, ?2) AND wake <= ?3
         ORDER BY wake, id LIMIT ?4",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![after_ms, after_id, until_ms, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn open_by_account(connection: &Connection) -> Result<Vec<(String, u64)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT account, count(*) FROM executions WHERE stopped IS NULL GROUP BY account")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Executions that were started and stopped before the time, from the oldest on.
pub(crate) fn stopped(
    connection: &Connection,
    after: i64,
    before_ms: i64,
    limit: usize,
) -> Result<Stopped, StoreError> {
    // The highest number stays, so that no number is used again.
    let mut statement = connection.prepare_cached(
        "SELECT id, started, stopped FROM executions
         WHERE id > ?1 AND id < (SELECT max(id) FROM executions) ORDER BY id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut found = Stopped { ids: Vec::new(), next: None };
    while let Some(row) = rows.next()? {
        let (id, started, stopped): (i64, i64, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if started >= before_ms {
            found.next = None;
            break;
        }
        found.next = Some(id);
        if stopped.is_some_and(|stopped| stopped < before_ms) {
            found.ids.push(id);
        }
    }
    Ok(found)
}

pub(crate) fn last_event(connection: &Connection, execution: i64) -> Result<u64, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT last FROM events WHERE execution = ?1 ORDER BY last DESC LIMIT 1")?;
    Ok(statement.query_row([execution], |row| row.get(0)).optional()?.map_or(0, unsigned))
}

pub(crate) fn events(
    connection: &Connection,
    execution: i64,
    from: u64,
    to: u64,
) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT first, last, body FROM events WHERE execution = ?1 AND last >= ?2 ORDER BY last, id",
    )?;
    let mut rows = statement.query(params![execution, signed(from)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let first = unsigned(row.get(0)?);
        if first > to {
            break;
        }
        found.push(EventRow { first, last: unsigned(row.get(1)?), body: row.get(2)? });
    }
    Ok(found)
}

pub(crate) fn events_after(
    connection: &Connection,
    execution: i64,
    (after_last, after_id): EventPlace,
    limit: usize,
) -> Result<Vec<(EventPlace, EventRow)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, first, last, body FROM events WHERE execution = ?1 AND (last, id) > (?2, ?3)
         ORDER BY last, id LIMIT ?4",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![execution, signed(after_last), after_id, limit], |row| {
        let last = unsigned(row.get(2)?);
        Ok(((last, row.get(0)?), EventRow { first: unsigned(row.get(1)?), last, body: row.get(3)? }))
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
