//! Brings an execution back into memory: folds its events.

use std::sync::Arc;

use stepward_asl::{Event, evolve};
use stepward_store::ExecutionRow;
use stepward_types::Timestamp;

use super::live::Live;
use super::message::Loaded;
use crate::error::Fault;
use crate::record::Record;
use crate::shared::Shared;
use crate::{codec, reading};

/// How many batches of events are read at once.
const PAGE_ROWS: usize = 256;

/// Folds an execution from the store.
pub(crate) async fn load(shared: &Shared, id: i64) -> Loaded {
    match shared.store.execution_by_id(id).await {
        Ok(None) => Loaded::Missing,
        Ok(Some(row)) => match fold(shared, row).await {
            Ok(live) => Loaded::Run(Box::new(live)),
            Err(fault) => Loaded::Failed(fault),
        },
        Err(error) => Loaded::Failed(error.into()),
    }
}

async fn fold(shared: &Shared, row: ExecutionRow) -> Result<Live, Fault> {
    let record = Record::parse(&row.record)?;
    let machine = shared.machines.stored(&record.machine, &row.account, &shared.store).await?;
    let status = reading::status(&row);
    let (id, started, wake_ms) = (row.id, Timestamp::from_millis(row.started_ms), row.wake_ms);
    let mut live = Live::new(id, row.arn, Arc::clone(&machine), record, started);
    (live.status, live.wake_ms) = (status, wake_ms);
    each_event(shared, id, |event| evolve(&machine.machine, &mut live.run, event)).await?;
    Ok(live)
}

/// Reads the events of an execution in their order, a page at a time.
pub(crate) async fn each_event(shared: &Shared, id: i64, mut take: impl FnMut(&Event)) -> Result<(), Fault> {
    let mut seen = (0, 0);
    loop {
        let rows = shared.store.events_after(id, seen, PAGE_ROWS).await?;
        let Some((newest, _)) = rows.last() else { return Ok(()) };
        seen = *newest;
        for (_, row) in &rows {
            codec::decode(&row.body)?.iter().for_each(&mut take);
        }
        if rows.len() < PAGE_ROWS {
            return Ok(());
        }
    }
}
