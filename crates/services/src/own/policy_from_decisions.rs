//! PolicyFromDecisions: the least policy that allows what a role was recorded to call.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_advisor::{Fitted, RecordedCall, fit, policy_of_calls};
use stepward_types::Timestamp;
use stepward_wire::ApiError;

use super::recorded::{call, of_role};
use super::role::{role, role_arn};
use crate::{Operation, Services};

pub(crate) struct PolicyFromDecisions;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    role: String,
    /// Seconds since 1970.
    since: Option<f64>,
}

impl Operation for PolicyFromDecisions {
    const NAME: &'static str = "PolicyFromDecisions";
    type Input = Input;
    type Output = Value;
    type Error = ApiError;

    async fn needs(input: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, ApiError> {
        Ok(Needs::one("stepward:PolicyFromDecisions", role_arn(at, caller.account(), &input.role)))
    }

    async fn handle(asked: Authorized<Input>, at: &Services) -> Result<Value, ApiError> {
        let account = asked.caller().account();
        let role = role(at, account, &asked.role)?;
        let recorded = of_role(at, account, role.arn(), asked.since.map(at_seconds));
        let calls: Vec<RecordedCall> = recorded.iter().map(call).collect();
        let made = policy_of_calls(&calls);
        let policies = match fit(&made.policy) {
            Ok(Fitted::Inline(policy)) => vec![policy.to_string()],
            Ok(Fitted::Managed(policies)) => policies.iter().map(Value::to_string).collect(),
            Err(error) => return Err(ApiError::new("ValidationException", error.to_string())),
        };
        Ok(json!({
            "roleArn": role.arn(),
            "policy": made.policy.to_string(),
            "policies": policies,
            "calls": made.calls,
            "decisions": recorded.len(),
            "since": recorded.first().map(|first| first.at().epoch_seconds()),
            "notes": made.notes,
        }))
    }
}

/// The time of seconds since 1970.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
pub(super) fn at_seconds(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1_000.0) as i64)
}
