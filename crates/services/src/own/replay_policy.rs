//! ReplayPolicy: which recorded calls of a role a new policy would decide otherwise.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_advisor::{RecordedCall, replay};
use stepward_wire::ApiError;

use super::policy_from_decisions::at_seconds;
use super::recorded::{call, of_role};
use super::role::{document, invalid_policy, role, role_arn};
use crate::{Operation, Services};

pub(crate) struct ReplayPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    role: String,
    /// Documents that take the place of the role's identity policies.
    policies: Vec<String>,
    /// Seconds since 1970.
    since: Option<f64>,
}

impl Operation for ReplayPolicy {
    const NAME: &'static str = "ReplayPolicy";
    type Input = Input;
    type Output = Value;
    type Error = ApiError;

    async fn needs(input: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, ApiError> {
        Ok(Needs::one("stepward:ReplayPolicy", role_arn(at, caller.account(), &input.role)))
    }

    async fn handle(asked: Authorized<Input>, at: &Services) -> Result<Value, ApiError> {
        let account = asked.caller().account();
        let role = role(at, account, &asked.role)?;
        let named = |(index, text): (usize, &String)| document(&format!("policies[{index}]"), text);
        let policies = asked.policies.iter().enumerate().map(named).collect::<Result<Vec<_>, _>>()?;
        let recorded = of_role(at, account, role.arn(), asked.since.map(at_seconds));
        let calls: Vec<RecordedCall> = recorded.iter().map(call).collect();
        let replayed = replay(&role, policies, &calls).map_err(|error| invalid_policy(&error))?;
        let mut shown = replayed.to_json();
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("roleArn".to_owned(), json!(role.arn()));
            fields.insert("decisions".to_owned(), json!(recorded.len()));
        }
        Ok(shown)
    }
}
