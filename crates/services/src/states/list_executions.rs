//! ListExecutions: newest first, of a state machine, a version, an alias or a Map Run.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_engine::{ExecutionStatus, ListRequest, ListedBy};

use super::StatesError;
use super::arn::StateMachineArn;
use super::map_runs::{missing as missing_map_run, on_map_run};
use super::page::Page;
use super::rights::on_machine;
use crate::{Operation, Services};

pub(crate) struct ListExecutions;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    state_machine_arn: Option<String>,
    map_run_arn: Option<String>,
    status_filter: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
    redrive_filter: Option<String>,
}

impl Operation for ListExecutions {
    const NAME: &'static str = "ListExecutions";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        match (&input.state_machine_arn, &input.map_run_arn) {
            (Some(arn), None) => on_machine("states:ListExecutions", &StateMachineArn::parse(arn)?, at).await,
            (None, Some(arn)) => on_map_run("states:ListExecutions", arn, at).await,
            _ => Err(StatesError::Validation(
                "Either the state machine ARN or the map run ARN must be specified, and not both".to_owned(),
            )),
        }
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        let page = Page::new(call.max_results, call.next_token.as_deref())?;
        let before = page.number()?;
        let of = listed(&call, at).await?;
        let status = call.status_filter.as_deref().and_then(ExecutionStatus::parse);
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let found = engine.list_executions(ListRequest { of, status, before, limit: page.size + 1 }).await?;
        let (found, next) = page.cut(found, |execution| execution.cursor.to_string());
        let wants_redriven = call.redrive_filter.as_deref().map(|filter| filter == "REDRIVEN");
        let shown = found
            .iter()
            .map(|found| &found.description)
            .filter(|execution| wants_redriven.is_none_or(|wanted| (execution.redrive_count > 0) == wanted))
            .map(|execution| {
                json!({
                    "executionArn": execution.arn,
                    "stateMachineArn": execution.machine_arn,
                    "stateMachineVersionArn": execution.version_arn,
                    "stateMachineAliasArn": execution.alias_arn,
                    "name": execution.name,
                    "status": execution.status.as_str(),
                    "startDate": execution.started.epoch_seconds(),
                    "stopDate": execution.stopped.map(|at| at.epoch_seconds()),
                    "mapRunArn": execution.map_run_arn,
                    "redriveCount": execution.redrive_count,
                    "redriveDate": execution.redriven.map(|at| at.epoch_seconds()),
                })
            });
        Ok(next.into_answer("executions", shown.collect()))
    }
}

async fn listed(input: &Input, at: &Services) -> Result<ListedBy, StatesError> {
    let Some(text) = &input.state_machine_arn else {
        let arn = input.map_run_arn.as_deref().unwrap_or_default();
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let found = engine.map_run(arn).await.map_err(StatesError::fault)?;
        return found.map(|_| ListedBy::Qualifier(arn.to_owned())).ok_or_else(|| missing_map_run(arn));
    };
    // AWS: only the child executions of a Map Run are filtered by their redrives.
    if input.redrive_filter.is_some() {
        return Err(StatesError::Validation(
            "The redriveFilter can be used with the mapRunArn only, not with the stateMachineArn".to_owned(),
        ));
    }
    let arn = StateMachineArn::parse(text)?;
    let missing = || StatesError::StateMachineDoesNotExist(text.clone());
    let record = at.states.find(&arn.account, &arn.name).await?.ok_or_else(missing)?;
    if record.machine_type == "EXPRESS" {
        return Err(StatesError::StateMachineTypeNotSupported);
    }
    let Some(qualifier) = &arn.qualifier else { return Ok(ListedBy::Machine(arn.unqualified)) };
    let is_known = match arn.version() {
        Some(number) => record.version(number).is_some(),
        None => record.alias(qualifier).is_some(),
    };
    if is_known { Ok(ListedBy::Qualifier(text.clone())) } else { Err(missing()) }
}
