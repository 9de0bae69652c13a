//! What the engine tells of executions: read from the store, which knows all that was ever answered.

use std::sync::Arc;

use serde_json::Value;
use stepward_asl::Event;
use stepward_store::{EventRow, ExecutionFilter, ExecutionRow, Listed};

use crate::background::DAY_MS;
use crate::record::Record;
use crate::{
    Engine, ExecutionDescription, ExecutionError, ExecutionStatus, ExecutionSummary, Fault, HistoryPage,
    HistoryRequest, ListRequest, ListedBy, MachineSnapshot, codec,
};

impl Engine {
    /// What is known of a Standard execution.
    pub async fn describe_execution(&self, arn: &str) -> Result<Arc<ExecutionDescription>, ExecutionError> {
        let recent = self.shared.recent.find(arn, self.now());
        if let Some(description) = recent.filter(|recent| !self.is_removed(recent)) {
            return Ok(description);
        }
        let row = self.row(arn).await?;
        Ok(Arc::new(Record::parse(&row.record)?.describe(row, self.now())))
    }

    /// A page of executions, newest first.
    pub async fn list_executions(
        &self,
        request: ListRequest,
    ) -> Result<Vec<ExecutionSummary>, ExecutionError> {
        let filter = ExecutionFilter {
            of: match request.of {
                ListedBy::Machine(arn) => Listed::Machine(arn),
                ListedBy::Qualifier(arn) => Listed::Qualifier(arn),
            },
            status: request.status.map(|status| status.as_str().to_owned()),
            before: request.before,
            limit: request.limit,
        };
        let now = self.now();
        let rows = self.shared.store.executions(filter).await?;
        rows.into_iter()
            .map(|row| {
                let cursor = row.id;
                Ok(ExecutionSummary { cursor, description: Record::parse(&row.record)?.describe(row, now) })
            })
            .collect()
    }

    /// A page of an execution's history. Reads no more than the page.
    pub async fn execution_history(&self, request: HistoryRequest) -> Result<HistoryPage, ExecutionError> {
        let row = self.row(&request.arn).await?;
        let store = &self.shared.store;
        let last = store.last_event(row.id).await?;
        let size = u64::try_from(request.limit).unwrap_or(u64::MAX).max(1) - 1;
        let (from, to) = if request.is_reverse {
            let newest = request.from.unwrap_or(last).min(last);
            (newest.saturating_sub(size).max(1), newest)
        } else {
            let oldest = request.from.unwrap_or(1).max(1);
            (oldest, oldest.saturating_add(size).min(last))
        };
        let rows = if from > to { Vec::new() } else { store.events(row.id, from, to).await? };
        if rows.is_empty() && request.from.is_none() {
            // It was removed since its row was read: every history has a beginning.
            return Err(ExecutionError::DoesNotExist(request.arn));
        }
        let mut events = shown(&rows, (from, to), request.includes_data)?;
        let next = if request.is_reverse {
            events.reverse();
            (from > 1).then(|| from - 1)
        } else {
            (to < last).then(|| to + 1)
        };
        Ok(HistoryPage { events, next })
    }

    /// The revision of the state machine that an execution runs.
    pub async fn machine_for_execution(&self, arn: &str) -> Result<Arc<MachineSnapshot>, ExecutionError> {
        let row = self.row(arn).await?;
        let record = Record::parse(&row.record)?;
        let machine = self.shared.machines.stored(&record.machine, &row.account, &self.shared.store).await?;
        Ok(Arc::clone(&machine.snapshot))
    }

    /// How many executions of a state machine (ARN without qualifier) are open.
    pub async fn open_executions(&self, machine_arn: &str) -> Result<u64, Fault> {
        Ok(self.shared.store.count_open(machine_arn).await?)
    }

    /// Whether it stopped longer ago than executions are kept.
    fn is_removed(&self, closed: &ExecutionDescription) -> bool {
        let kept_ms = i64::from(self.shared.config.retention_days).saturating_mul(DAY_MS);
        closed.stopped.is_some_and(|stopped| stopped.plus_millis(kept_ms) < self.now())
    }

    pub(crate) async fn row(&self, arn: &str) -> Result<ExecutionRow, ExecutionError> {
        let row = self.shared.store.execution(arn).await?;
        row.ok_or_else(|| ExecutionError::DoesNotExist(arn.to_owned()))
    }
}

/// The status column as the API's word; anything else was written by a newer version.
pub(crate) fn status(row: &ExecutionRow) -> ExecutionStatus {
    ExecutionStatus::parse(&row.status).unwrap_or(ExecutionStatus::Running)
}

fn shown(rows: &[EventRow], (from, to): (u64, u64), includes_data: bool) -> Result<Vec<Value>, Fault> {
    let mut shown = Vec::new();
    for row in rows {
        for event in codec::decode(&row.body)? {
            if let Event::History(event) = event
                && (from..=to).contains(&event.id)
            {
                shown.push(event.to_api_json(includes_data));
            }
        }
    }
    Ok(shown)
}
