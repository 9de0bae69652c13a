//! The engine as the API sees it.

use std::sync::Arc;

use stepward_store::Store;
use stepward_types::Timestamp;

use crate::{
    ActivityTask, Clock, ExecutionDescription, ExecutionError, ExecutionSummary, Fault, HistoryPage,
    HistoryRequest, ListRequest, MachineSnapshot, StartError, StartRequest, Started, TokenError,
};

/// Limits that a server may change.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// How many shards run side by side.
    pub shards: usize,
    /// AWS: open executions per account and Region.
    pub open_executions_max: u64,
    /// Commands of the API that wait for one shard; a full queue answers `Throttled`.
    pub queue_max: usize,
    /// How long closed executions are kept. AWS: 90 days.
    pub retention_days: u32,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { shards: 4, open_executions_max: 1_000_000, queue_max: 10_000, retention_days: 90 }
    }
}

/// Runs executions.
pub struct Engine {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

impl Engine {
    /// Starts an execution; it is durable when this returns. Repeating a start with the same name and input while
    /// that execution is open answers it again (Standard only).
    pub async fn start_execution(&self, _request: StartRequest) -> Result<Started, StartError> {
        Err(StartError::Throttled)
    }

    /// Runs an Express execution to its end.
    pub async fn start_sync_execution(
        &self,
        _request: StartRequest,
    ) -> Result<ExecutionDescription, StartError> {
        Err(StartError::Throttled)
    }

    /// Stops a Standard execution; gives when it stopped. Stopping a closed execution answers its stop date.
    pub async fn stop_execution(
        &self,
        _arn: &str,
        _error: Option<String>,
        _cause: Option<String>,
    ) -> Result<Timestamp, ExecutionError> {
        Err(ExecutionError::Throttled)
    }

    /// What is known of a Standard execution.
    pub async fn describe_execution(&self, arn: &str) -> Result<ExecutionDescription, ExecutionError> {
        Err(ExecutionError::DoesNotExist(arn.to_owned()))
    }

    /// A page of executions, newest first.
    pub async fn list_executions(
        &self,
        _request: ListRequest,
    ) -> Result<Vec<ExecutionSummary>, ExecutionError> {
        Err(ExecutionError::Throttled)
    }

    /// A page of an execution's history.
    pub async fn execution_history(&self, request: HistoryRequest) -> Result<HistoryPage, ExecutionError> {
        Err(ExecutionError::DoesNotExist(request.arn))
    }

    /// The revision of the state machine that an execution runs.
    pub async fn machine_for_execution(&self, arn: &str) -> Result<Arc<MachineSnapshot>, ExecutionError> {
        Err(ExecutionError::DoesNotExist(arn.to_owned()))
    }

    /// Continues a failed, timed-out or aborted execution from the state that did not succeed; gives when. The same
    /// client token within 15 minutes answers the first time again.
    pub async fn redrive_execution(
        &self,
        _arn: &str,
        _client_token: Option<&str>,
    ) -> Result<Timestamp, ExecutionError> {
        Err(ExecutionError::Throttled)
    }

    /// How many executions of a state machine (ARN without qualifier) are open.
    pub async fn open_executions(&self, machine_arn: &str) -> Result<u64, Fault> {
        Ok(self.store.count_open(machine_arn).await?)
    }

    /// SendTaskSuccess; `output` is JSON text. Only tokens of the account's own executions are taken.
    pub async fn task_succeeded(
        &self,
        _account: &str,
        _token: &str,
        _output: &str,
    ) -> Result<(), TokenError> {
        Err(TokenError::Invalid)
    }

    /// SendTaskFailure.
    pub async fn task_failed(
        &self,
        _account: &str,
        _token: &str,
        _error: Option<String>,
        _cause: Option<String>,
    ) -> Result<(), TokenError> {
        Err(TokenError::Invalid)
    }

    /// SendTaskHeartbeat.
    pub async fn task_heartbeat(&self, _account: &str, _token: &str) -> Result<(), TokenError> {
        Err(TokenError::Invalid)
    }

    /// GetActivityTask: waits up to 60 seconds for a task of the activity.
    pub async fn activity_task(
        &self,
        _activity_arn: &str,
        _worker: Option<&str>,
    ) -> Result<Option<ActivityTask>, Fault> {
        Ok(None)
    }

    /// The time that executions live in.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
