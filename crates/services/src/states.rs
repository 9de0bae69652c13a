//! AWS Step Functions: state machines, versions and aliases, executions, activities, tasks.
//!
//! Owns the records of state machines and activities. Executions are the engine's.

mod activities;
mod activity_tasks;
mod aliases;
mod arn;
mod backend_sink;
mod create_state_machine;
mod definition;
mod delete_state_machine;
mod delivery;
mod describe_execution;
mod describe_state_machine;
mod describe_state_machine_for_execution;
mod encryption;
mod error;
mod execution_history;
mod execution_log;
mod list_executions;
mod list_state_machines;
mod log_folder;
mod machines;
mod map_runs;
mod name;
mod page;
mod record;

mod redrive_execution;
mod resources;
mod rights;
mod settings;
mod start;
mod start_execution;
mod start_sync_execution;
mod status_event;
mod stop_execution;
mod tags;
mod test_state;
mod update_state_machine;
mod validate_state_machine_definition;
mod versions;

pub use activities::Activities;
pub(crate) use arn::{ExecutionArn, StateMachineArn};
pub use backend_sink::BackendSink;
pub(crate) use delete_state_machine::resume as resume_deletions;
pub use delivery::{
    Delivering, Delivery, DeliveryCounts, EventSink, LogBatch, LogEvent, LogSink, Undelivered,
};
pub(crate) use error::StatesError;
pub use log_folder::LogFolder;
pub use machines::Machines;
pub use resources::check_definition;
pub(crate) use rights::on_execution;
pub(crate) use start_execution::StartExecution;
pub use status_event::StatusEvent;

use stepward_wire::ApiError;

use crate::{Operation as _, Operations, Services};

/// Refuses a call that its account makes too soon after others.
pub(crate) async fn admit(
    operation: &str,
    input: &serde_json::Value,
    caller: &stepward_access::Authenticated,
    at: &Services,
) -> Result<(), ApiError> {
    if !at.throttle.is_on() {
        return Ok(());
    }
    if operation != StartExecution::NAME {
        return at.throttle.admit(caller.account(), operation);
    }
    let arn = input.get("stateMachineArn").and_then(serde_json::Value::as_str).unwrap_or_default();
    let record = match arn::StateMachineArn::parse(arn) {
        Ok(arn) => at.states.find(&arn.account, &arn.name).await?,
        Err(_) => None,
    };
    let is_express = record.is_some_and(|record| record.machine_type == "EXPRESS");
    at.throttle.admit_start(caller.account(), is_express)
}

/// The operations of Step Functions.
pub fn operations() -> Operations {
    Operations::default()
        .with::<create_state_machine::CreateStateMachine>()
        .with::<update_state_machine::UpdateStateMachine>()
        .with::<describe_state_machine::DescribeStateMachine>()
        .with::<delete_state_machine::DeleteStateMachine>()
        .with::<list_state_machines::ListStateMachines>()
        .with::<validate_state_machine_definition::ValidateStateMachineDefinition>()
        .with::<versions::PublishStateMachineVersion>()
        .with::<versions::ListStateMachineVersions>()
        .with::<versions::DeleteStateMachineVersion>()
        .with::<aliases::CreateStateMachineAlias>()
        .with::<aliases::UpdateStateMachineAlias>()
        .with::<aliases::DescribeStateMachineAlias>()
        .with::<aliases::DeleteStateMachineAlias>()
        .with::<aliases::ListStateMachineAliases>()
        .with::<StartExecution>()
        .with::<start_sync_execution::StartSyncExecution>()
        .with::<stop_execution::StopExecution>()
        .with::<redrive_execution::RedriveExecution>()
        .with::<describe_execution::DescribeExecution>()
        .with::<list_executions::ListExecutions>()
        .with::<execution_history::GetExecutionHistory>()
        .with::<describe_state_machine_for_execution::DescribeStateMachineForExecution>()
        .with::<map_runs::DescribeMapRun>()
        .with::<map_runs::ListMapRuns>()
        .with::<map_runs::UpdateMapRun>()
        .with::<activities::CreateActivity>()
        .with::<activities::DescribeActivity>()
        .with::<activities::ListActivities>()
        .with::<activities::DeleteActivity>()
        .with::<activity_tasks::GetActivityTask>()
        .with::<activity_tasks::SendTaskSuccess>()
        .with::<activity_tasks::SendTaskFailure>()
        .with::<activity_tasks::SendTaskHeartbeat>()
        .with::<test_state::TestState>()
        .with::<tags::TagResource>()
        .with::<tags::UntagResource>()
        .with::<tags::ListTagsForResource>()
}
