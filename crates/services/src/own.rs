//! Stepward's own API: what AWS does not tell.

mod check_definition;
mod definition;
mod explain_execution;
mod generate_policy;
mod policy_from_decisions;
mod recorded;
mod replay_policy;
mod role;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, DecisionFilter, Needs, Recorded};
use stepward_policy::Effect;
use stepward_wire::ApiError;

use crate::{Operation, Operations, Services};

const PAGE: usize = 100;

pub(crate) fn operations() -> Operations {
    Operations::default()
        .with::<check_definition::CheckDefinition>()
        .with::<explain_execution::ExplainExecution>()
        .with::<generate_policy::GeneratePolicy>()
        .with::<ListDecisions>()
        .with::<policy_from_decisions::PolicyFromDecisions>()
        .with::<replay_policy::ReplayPolicy>()
}

/// The latest decisions of the caller's account, newest first, with the reasons of denials.
pub(crate) struct ListDecisions;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    action: Option<String>,
    principal: Option<String>,
    decision: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Operation for ListDecisions {
    const NAME: &'static str = "ListDecisions";
    type Input = Input;
    type Output = Value;
    type Error = ApiError;

    async fn needs(_: &Input, _: &Authenticated, _: &Services) -> Result<Needs, ApiError> {
        Ok(Needs::one("stepward:ListDecisions", "*"))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, ApiError> {
        let before = match &call.next_token {
            Some(token) => Some(token.parse().map_err(|_| ApiError::new("InvalidToken", "Invalid token"))?),
            None => None,
        };
        let limit = call.max_results.unwrap_or(PAGE);
        let filter = DecisionFilter {
            account: Some(call.caller().account().to_owned()),
            action: call.action.clone(),
            principal: call.principal.clone(),
            is_allowed: call.decision.as_deref().map(|decision| decision == "Allowed"),
            before,
            limit,
        };
        let decisions = at.access.decisions().list(&filter);
        let next = decisions.last().filter(|_| decisions.len() == limit).map(|last| last.number.to_string());
        let shown: Vec<Value> = decisions.iter().map(|recorded| shown(recorded)).collect();
        Ok(json!({"decisions": shown, "nextToken": next}))
    }
}

fn shown(recorded: &Recorded) -> Value {
    let is_allowed = recorded.effect == Effect::Allowed;
    json!({
        "id": recorded.number.to_string(),
        "timestamp": recorded.at.epoch_seconds(),
        "principal": recorded.principal,
        "action": recorded.action,
        "resource": recorded.resource,
        "decision": if is_allowed { "Allowed" } else { "Denied" },
        "message": (!is_allowed).then(|| recorded.text.clone()),
        "explanation": recorded.explanation.as_ref().map(ToString::to_string),
        "fix": recorded.explanation.as_ref().and_then(|explanation| explanation.fix()).map(|fix| fix.to_string()),
        "sourceArn": recorded.context.get("aws:SourceArn").and_then(|values| values.first().cloned()),
    })
}
