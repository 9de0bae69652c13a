//! The recorded calls of a role.

use std::sync::Arc;

use stepward_access::{DecisionFilter, Recorded};
use stepward_advisor::RecordedCall;
use stepward_policy::Effect;
use stepward_types::Timestamp;

use crate::Services;

/// As many decisions as the log can hold.
const DECISIONS_MAX: usize = 1_000_000;

/// What sessions of a role were decided since a time, oldest first.
pub(super) fn of_role(
    at: &Services,
    account: &str,
    role_arn: &str,
    since: Option<Timestamp>,
) -> Vec<Arc<Recorded>> {
    let filter = DecisionFilter {
        account: Some(account.to_owned()),
        limit: DECISIONS_MAX,
        ..DecisionFilter::default()
    };
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let session = format!("arn:aws:sts::{account}:assumed-role/{name}/");
    let mut found: Vec<Arc<Recorded>> = at
        .access
        .decisions()
        .list(&filter)
        .into_iter()
        .filter(|recorded| recorded.principal().starts_with(&session))
        .filter(|recorded| since.is_none_or(|since| recorded.at().millis() >= since.millis()))
        .collect();
    found.reverse();
    found
}

/// A decision as the advisor reads it.
pub(super) fn call(recorded: &Arc<Recorded>) -> RecordedCall {
    RecordedCall {
        action: recorded.action().to_owned(),
        resource: recorded.resource().to_owned(),
        context: recorded.context(),
        was_allowed: recorded.effect == Effect::Allowed,
    }
}
