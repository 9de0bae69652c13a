//! Map Runs: found by their ARN, and told from the journal of their execution.

use std::sync::Arc;

use stepward_asl::{
    Command, Event, HistoryEventBody, MapRun, MapRunLimits, MapRunStatus, MapRuns, Run, evolve,
};
use stepward_store::{EntityWrite, ExecutionRow};

use crate::record::Record;
use crate::shard::{Order, each_event, info};
use crate::{Engine, ExecutionError, Fault};

const KIND: &str = "engine.map_run";

/// A Map Run with its execution.
#[derive(Clone, Debug)]
pub struct DescribedMapRun {
    pub execution_arn: String,
    /// The ARN of the state machine, without qualifier.
    pub machine_arn: String,
    pub map_run: MapRun,
}

/// What is written so that the Map Runs which these events start are found.
pub(crate) fn index(execution: i64, account: &str, events: &[Event]) -> Vec<EntityWrite> {
    let started = events.iter().filter_map(|event| match &event.history()?.body {
        HistoryEventBody::MapRunStarted { map_run_arn } => Some(map_run_arn),
        _ => None,
    });
    started.map(|arn| EntityWrite::put(KIND, account, arn, execution.to_string().into_bytes())).collect()
}

impl Engine {
    /// The Map Runs of a Standard execution, in the order in which they started.
    pub async fn map_runs(&self, execution_arn: &str) -> Result<Vec<MapRun>, ExecutionError> {
        let row = self.row(execution_arn).await?;
        Ok(self.fold_map_runs(&row).await?)
    }

    /// A Map Run by its ARN; nothing when there is none, or when its execution is kept no longer.
    pub async fn map_run(&self, arn: &str) -> Result<Option<DescribedMapRun>, Fault> {
        let Some(row) = self.execution_of_map_run(arn).await? else { return Ok(None) };
        let found = self.fold_map_runs(&row).await?.into_iter().find(|map_run| &*map_run.arn == arn);
        Ok(found.map(|map_run| DescribedMapRun { execution_arn: row.arn, machine_arn: row.machine, map_run }))
    }

    /// Changes the limits of a Map Run that is running; gives whether it was.
    pub async fn update_map_run(&self, arn: &str, limits: MapRunLimits) -> Result<bool, ExecutionError> {
        let Some(row) = self.execution_of_map_run(arn).await? else { return Ok(false) };
        let map_runs = self.fold_map_runs(&row).await?;
        let is_running = |map_run: &MapRun| &*map_run.arn == arn && map_run.status == MapRunStatus::Running;
        if !map_runs.iter().any(is_running) {
            return Ok(false);
        }
        let command = Command::UpdateMapRun { map_run_arn: Arc::from(arn), limits };
        // An execution that closed meanwhile has no Map Run that runs.
        Ok(self.ask(row.id, Order::Command(command)).await?.is_ok())
    }

    async fn execution_of_map_run(&self, arn: &str) -> Result<Option<ExecutionRow>, Fault> {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let Some(id) = self.shared.store.get(KIND, account, arn).await? else { return Ok(None) };
        let id = std::str::from_utf8(&id)
            .map_err(Fault::new)?
            .parse()
            .map_err(|error: std::num::ParseIntError| Fault::new(error))?;
        Ok(self.shared.store.execution_by_id(id).await?)
    }

    async fn fold_map_runs(&self, row: &ExecutionRow) -> Result<Vec<MapRun>, Fault> {
        let record = Record::parse(&row.record)?;
        let shared = &self.shared;
        let machine = shared.machines.stored(&record.machine, &row.account, &shared.store).await?;
        let mut run = Run::new(info(&row.arn, &machine, &record));
        let mut map_runs = MapRuns::default();
        each_event(shared, row.id, |event| {
            map_runs.follow(&run, event);
            evolve(&machine.machine, &mut run, event);
        })
        .await?;
        Ok(map_runs.finish(&run))
    }
}
