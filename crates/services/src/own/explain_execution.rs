//! ExplainExecution: which states of an execution were denied, on what, for lack of what, and what would fix it.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs, Recorded};
use stepward_advisor::{Denial, denials, explain_denial};
use stepward_engine::{HistoryRequest, MachineSnapshot};
use stepward_policy::{Effect, Explanation};
use stepward_wire::ApiError;

use super::recorded::of_role;
use super::role::role;
use crate::states::{ExecutionArn, StatesError, on_execution};
use crate::{Operation, Services};

/// Events read at a time, and the most that are looked at (AWS: an execution has 25,000 at most).
const PAGE: usize = 1_000;
const EVENTS_MAX: usize = 25_000;

pub(crate) struct ExplainExecution;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    execution_arn: String,
}

impl Operation for ExplainExecution {
    const NAME: &'static str = "ExplainExecution";
    type Input = Input;
    type Output = Value;
    type Error = ApiError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, ApiError> {
        let arn = ExecutionArn::parse(&input.execution_arn)?;
        Ok(on_execution("stepward:ExplainExecution", &arn, at).await?)
    }

    async fn handle(asked: Authorized<Input>, at: &Services) -> Result<Value, ApiError> {
        if ExecutionArn::parse(&asked.execution_arn)?.is_express {
            let text = "Express executions leave no history to explain: see ListDecisions.";
            return Err(ApiError::new("ValidationException", text));
        }
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let described = engine.describe_execution(&asked.execution_arn).await.map_err(StatesError::from)?;
        let machine = engine.machine_for_execution(&asked.execution_arn).await.map_err(StatesError::from)?;
        let events = history(&asked.execution_arn, at).await?;
        let found = denials(&events);
        let account = asked.caller().account();
        let recorded = of_role(at, account, &machine.role_arn, Some(described.started));
        let shown = found.iter().map(|denial| shown(denial, &recorded, &machine, account, at));
        Ok(json!({
            "executionArn": asked.execution_arn,
            "stateMachineArn": machine.arn,
            "roleArn": machine.role_arn,
            "status": described.status.as_str(),
            "error": described.error,
            "cause": described.cause,
            "denials": shown.collect::<Vec<_>>(),
        }))
    }
}

async fn history(arn: &str, at: &Services) -> Result<Vec<Value>, ApiError> {
    let engine = at.engine().ok_or(StatesError::Throttling)?;
    let (mut events, mut from) = (Vec::new(), None);
    while events.len() < EVENTS_MAX {
        let request =
            HistoryRequest { arn: arn.to_owned(), from, limit: PAGE, is_reverse: false, includes_data: true };
        let page = engine.execution_history(request).await.map_err(StatesError::from)?;
        events.extend(page.events);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    Ok(events)
}

fn shown(
    denial: &Denial,
    recorded: &[Arc<Recorded>],
    machine: &MachineSnapshot,
    account: &str,
    at: &Services,
) -> Value {
    // What was decided then, when the log still has it; else what would be decided now.
    let then = recorded.iter().rev().find(|recorded| {
        recorded.effect != Effect::Allowed
            && (denial.cause.contains(&recorded.text)
                || (recorded.action == denial.action && recorded.resource == denial.resource))
    });
    let now = || {
        let role = role(at, account, &machine.role_arn).ok()?;
        Some(explain_denial(&role, denial)).filter(|explanation| explanation.effect != Effect::Allowed)
    };
    let explanation: Option<Explanation> = match then {
        Some(recorded) => recorded.explanation.as_deref().cloned(),
        None => now(),
    };
    let missing = explanation.as_ref().and_then(|told| told.missing).map(stepward_policy::PolicyKind::name);
    let denied_by = explanation.as_ref().and_then(|told| {
        let deny =
            told.statements.iter().find(|explained| !explained.allows && explained.reason.is_none())?;
        Some(format!("{}, statement {}", deny.policy, deny.statement))
    });
    json!({
        "eventId": denial.event_id,
        "stateName": denial.state,
        "principal": denial.principal,
        "action": denial.action,
        "resource": denial.resource,
        "error": denial.error,
        "cause": denial.cause,
        "decisionId": then.map(|recorded| recorded.number.to_string()),
        "missing": missing,
        "deniedBy": denied_by,
        "explanation": explanation.as_ref().map(ToString::to_string),
        "fix": explanation.as_ref().and_then(Explanation::fix).map(|fix| fix.to_string()),
    })
}
