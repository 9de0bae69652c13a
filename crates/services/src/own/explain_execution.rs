//! ExplainExecution: which states of an execution were denied, on what, for lack of what, and what would fix it.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, DecisionFilter, Needs, Recorded};
use stepward_advisor::{Denial, Role, denials, explain_denial};
use stepward_engine::HistoryRequest;
use stepward_policy::{Effect, Explanation};
use stepward_wire::ApiError;

use super::role::role;
use crate::states::{ExecutionArn, StateMachineArn, StatesError, on_execution};
use crate::{Operation, Services};

/// Events read at a time, and the most that are looked at (AWS: an execution has 25,000 at most).
const PAGE: usize = 1_000;
const EVENTS_MAX: usize = 25_000;
/// The most denials of an execution that are looked at.
const DENIALS_MAX: usize = 1_000;

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
        let arn = ExecutionArn::parse(&asked.execution_arn)?;
        let recorded = denied_for(&arn, at);
        let execution = if arn.is_express { express(&arn, at).await? } else { standard(&arn, at).await? };
        let mut found = execution.denials;
        for recorded in &recorded {
            // What a state caught, what happened in a Distributed Map's children, and all of an Express execution.
            if !found.iter().any(|denial| tells(denial, recorded)) {
                found.push(of_record(recorded));
            }
        }
        let role_arn = execution.role_arn.as_deref();
        let role = role_arn.and_then(|arn| role(at, asked.caller().account(), arn).ok());
        let shown = found.iter().map(|denial| {
            let then = recorded.iter().rev().find(|recorded| tells(denial, recorded));
            shown(denial, then, role.as_ref())
        });
        Ok(json!({
            "executionArn": asked.execution_arn,
            "stateMachineArn": execution.machine_arn,
            "roleArn": role_arn,
            "status": execution.status,
            "error": execution.error,
            "cause": execution.cause,
            "denials": shown.collect::<Vec<_>>(),
        }))
    }
}

/// An execution, and what its history tells of denials.
#[derive(Default)]
struct Execution {
    machine_arn: String,
    role_arn: Option<String>,
    status: Option<&'static str>,
    error: Option<String>,
    cause: Option<String>,
    denials: Vec<Denial>,
}

async fn standard(arn: &ExecutionArn, at: &Services) -> Result<Execution, ApiError> {
    let engine = at.engine().ok_or(StatesError::Throttling)?;
    let described = engine.describe_execution(&arn.text).await.map_err(StatesError::from)?;
    let machine = engine.machine_for_execution(&arn.text).await.map_err(StatesError::from)?;
    let events = history(&arn.text, at).await?;
    Ok(Execution {
        machine_arn: machine.arn.clone(),
        role_arn: Some(machine.role_arn.clone()),
        status: Some(described.status.as_str()),
        error: described.error.clone(),
        cause: described.cause.clone(),
        denials: denials(&events),
    })
}

/// Express executions leave no history: the decisions tell all that is known, and the state machine has the role.
async fn express(arn: &ExecutionArn, at: &Services) -> Result<Execution, ApiError> {
    let machine = StateMachineArn::parse(&arn.state_machine)?;
    let record = at.states.find(&machine.account, &machine.name).await?;
    let role_arn = record.map(|record| record.revision.role_arn.clone());
    Ok(Execution { machine_arn: arn.state_machine.clone(), role_arn, ..Execution::default() })
}

/// What the decision log has of calls that were denied to the execution's tasks, oldest first.
fn denied_for(arn: &ExecutionArn, at: &Services) -> Vec<Arc<Recorded>> {
    let filter = DecisionFilter {
        execution_arn: Some(arn.text.clone()),
        is_allowed: Some(false),
        limit: DENIALS_MAX,
        ..DecisionFilter::default()
    };
    let mut found = at.access.decisions().list(&filter);
    found.reverse();
    found
}

/// Whether a denial of the history is the one that was recorded.
fn tells(denial: &Denial, recorded: &Recorded) -> bool {
    let state = recorded.cause().map(|cause| cause.state_name.as_str());
    let is_here = denial.state.is_none() || denial.state.as_deref() == state;
    let is_same = denial.action == recorded.action() && denial.resource == recorded.resource();
    let is_told = !recorded.text().is_empty() && denial.cause.contains(recorded.text());
    is_here && (is_same || is_told)
}

fn of_record(recorded: &Recorded) -> Denial {
    Denial {
        event_id: 0,
        state: recorded.cause().map(|cause| cause.state_name.clone()),
        principal: recorded.principal().to_owned(),
        action: recorded.action().to_owned(),
        resource: recorded.resource().to_owned(),
        error: String::new(),
        cause: recorded.text().to_owned(),
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

/// A denial with its reasons: those of then, when the log still has them, else those of now.
fn shown(denial: &Denial, then: Option<&Arc<Recorded>>, role: Option<&Role>) -> Value {
    let now = || {
        let explanation = explain_denial(role?, denial);
        Some(explanation).filter(|explanation| explanation.effect != Effect::Allowed)
    };
    let explanation: Option<Explanation> = match then {
        Some(recorded) => recorded.explanation().map(|told| told.as_ref().clone()),
        None => now(),
    };
    let missing = explanation.as_ref().and_then(|told| told.missing).map(stepward_policy::PolicyKind::name);
    let denied_by = explanation.as_ref().and_then(|told| {
        let deny =
            told.statements.iter().find(|explained| !explained.allows && explained.reason.is_none())?;
        Some(format!("{}, statement {}", deny.policy, deny.statement))
    });
    json!({
        "eventId": (denial.event_id > 0).then_some(denial.event_id),
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
