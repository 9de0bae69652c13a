//! DeleteStateMachine: gone at once when nothing runs; else `DELETING` until its executions have ended.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_engine::{Engine, ListRequest, ListedBy};

use super::StatesError;
use super::arn::StateMachineArn;
use super::machines::Machines;
use super::record::StateMachineRecord;
use super::rights::on_machine;
use crate::{Operation, Services};

/// How many executions are stopped at a time.
const STOPPED_AT_ONCE: usize = 1_000;

pub(crate) struct DeleteStateMachine;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    state_machine_arn: String,
}

impl Operation for DeleteStateMachine {
    const NAME: &'static str = "DeleteStateMachine";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_machine("states:DeleteStateMachine", &StateMachineArn::parse(&input.state_machine_arn)?, at).await
    }

    /// AWS: deleting what is not there succeeds.
    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_arn)?;
        if arn.qualifier.is_some() {
            return Err(StatesError::Validation(
                "A version or an alias cannot be deleted with DeleteStateMachine".to_owned(),
            ));
        }
        let mark = |record: Option<StateMachineRecord>| {
            let Some(mut record) = record else { return Ok((None, false)) };
            record.is_deleting = true;
            record.versions.clear();
            record.aliases.clear();
            Ok((Some(record), true))
        };
        if at.states.find(&arn.account, &arn.name).await?.is_none() {
            return Ok(json!({}));
        }
        at.states.note_deleting(&arn.account, &arn.name).await?;
        let was_there = at.states.change(&arn.account, &arn.name, mark).await?;
        let Some(engine) = at.engine().filter(|_| was_there) else { return Ok(json!({})) };
        if engine.open_executions(&arn.unqualified).await.map_err(StatesError::fault)? == 0 {
            at.states.remove(&arn.account, &arn.name).await?;
        } else {
            tokio::spawn(finish(Arc::clone(engine), at.states.clone(), arn));
        }
        Ok(json!({}))
    }
}

/// Goes on with what was being deleted when the server stopped.
pub(crate) async fn resume(engine: Arc<Engine>, machines: Machines) {
    let Ok(deleting) = machines.deleting().await else { return };
    for record in deleting {
        if let Ok(arn) = StateMachineArn::parse(&record.arn) {
            finish(Arc::clone(&engine), machines.clone(), arn).await;
        }
    }
}

/// Ends the executions of a machine that is being deleted, and then the machine.
async fn finish(engine: Arc<Engine>, machines: Machines, arn: StateMachineArn) {
    loop {
        let of = ListedBy::Machine(arn.unqualified.clone());
        let status = Some(stepward_engine::ExecutionStatus::Running);
        let request = ListRequest { of, status, before: None, limit: STOPPED_AT_ONCE };
        let open = match engine.list_executions(request).await {
            Ok(open) => open,
            Err(error) => {
                tracing::warn!(%error, machine = arn.unqualified, "a state machine stays DELETING");
                return;
            }
        };
        if open.is_empty() {
            break;
        }
        for execution in open {
            // AWS: they end on their next transition; one that ended meanwhile is what is wanted.
            let _ = engine.stop_execution(&execution.description.arn, None, None).await;
        }
    }
    if let Err(error) = machines.remove(&arn.account, &arn.name).await {
        tracing::warn!(%error, machine = arn.unqualified, "a state machine stays DELETING");
    }
}
