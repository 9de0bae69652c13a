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
use stepward_access::{Authenticated, Authorized, DecisionFilter, Needs};
use stepward_types::Timestamp;
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

/// The decisions of the caller's account, newest first, with the reasons of denials.
pub(crate) struct ListDecisions;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    action: Option<String>,
    principal: Option<String>,
    resource: Option<String>,
    execution_arn: Option<String>,
    state_name: Option<String>,
    statement: Option<String>,
    start_time: Option<f64>,
    end_time: Option<f64>,
    decision: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of any date fit")]
fn timestamp(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1_000.0).round() as i64)
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
            resource: call.resource.clone(),
            execution_arn: call.execution_arn.clone(),
            state_name: call.state_name.clone(),
            statement: call.statement.clone(),
            since: call.start_time.map(timestamp),
            until: call.end_time.map(timestamp),
            is_allowed: call.decision.as_deref().map(|decision| decision == "Allowed"),
            before,
            limit,
        };
        let kept = at.access.kept_decisions(&filter).await.map_err(|error| {
            tracing::error!(%error, "decisions cannot be read");
            ApiError::internal()
        })?;
        let (decisions, next) = kept;
        Ok(json!({"decisions": decisions, "nextToken": next.map(|number| number.to_string())}))
    }
}
