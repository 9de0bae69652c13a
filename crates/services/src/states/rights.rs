//! The rights that calls to Step Functions need, and whether a role lets Step Functions assume it.

use std::collections::BTreeMap;

use serde_json::Value;
use stepward_access::{Access, Needs, ServiceCall};

use super::StatesError;
use super::arn::{ActivityArn, ExecutionArn, StateMachineArn};
use super::execution_log::Logging;
use crate::Services;
use crate::time::now;

/// The principal that runs executions.
pub(crate) const PRINCIPAL: &str = "states.amazonaws.com";

/// A right on a state machine. AWS: calls with a version or an alias are authorized on the unqualified ARN and
/// can be narrowed by `states:StateMachineQualifier`.
pub(crate) async fn on_machine(
    action: &str,
    arn: &StateMachineArn,
    at: &Services,
) -> Result<Needs, StatesError> {
    let record = at.states.find(&arn.account, &arn.name).await?;
    // The ARN of another Region or partition is that of another machine, whatever its name: rights on it say nothing
    // of this one.
    if record.as_ref().is_some_and(|record| record.arn != arn.unqualified) {
        return Err(StatesError::StateMachineDoesNotExist(arn.unqualified.clone()));
    }
    let tags = record.map(|record| record.tags.clone()).unwrap_or_default();
    let needs = Needs::one(action, &arn.unqualified).resource_account(&arn.account).resource_tags(&tags);
    Ok(match &arn.qualifier {
        Some(qualifier) => needs.key("states:StateMachineQualifier", qualifier),
        None => needs,
    })
}

/// A right on an execution, which carries the tags of its state machine.
pub(crate) async fn on_execution(
    action: &str,
    arn: &ExecutionArn,
    at: &Services,
) -> Result<Needs, StatesError> {
    let machine = StateMachineArn::parse(&arn.state_machine)?;
    let record = at.states.find(&machine.account, &machine.name).await?;
    let tags = record.map(|record| record.tags.clone()).unwrap_or_default();
    Ok(Needs::one(action, &arn.text).resource_account(&arn.account).resource_tags(&tags))
}

/// A right on an activity.
pub(crate) async fn on_activity(
    action: &str,
    arn: &ActivityArn,
    at: &Services,
) -> Result<Needs, StatesError> {
    let activity = at.activities.find(arn).await?;
    if activity.as_ref().is_some_and(|activity| activity.arn != arn.text) {
        return Err(StatesError::ActivityDoesNotExist(arn.text.clone()));
    }
    let tags: BTreeMap<String, String> = activity.map(|activity| activity.tags).unwrap_or_default();
    Ok(Needs::one(action, &arn.text).resource_account(&arn.account).resource_tags(&tags))
}

/// Adds the right to hand a role over to Step Functions.
pub(crate) fn pass_role(needs: Needs, role_arn: &str, machine_arn: &str) -> Needs {
    needs
        .and("iam:PassRole", role_arn)
        .key("iam:PassedToService", PRINCIPAL)
        .key("iam:AssociatedResourceArn", machine_arn)
}

/// AWS: what a role needs before its executions are logged; none of these actions has a resource.
const LOG_ACTIONS: [&str; 8] = [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
];

/// Whether the role can be assumed and may deliver logs.
pub(crate) fn check_log_rights(
    access: &Access,
    role_arn: &str,
    call: &ServiceCall<'_>,
) -> Result<(), StatesError> {
    let denied = || {
        StatesError::AccessDenied(
            "The state machine IAM Role is not authorized to access the Log Destination".to_owned(),
        )
    };
    let session = access.assume_as_service(role_arn, call).map_err(|_| denied())?;
    let needs = LOG_ACTIONS.iter().fold(Needs::default(), |needs, action| needs.and(action, "*"));
    access.authorize(&session.caller(call.now), (), needs).map(|_| ()).map_err(|_| denied())
}

/// Whether the role lets Step Functions assume it for this very state machine (`aws:SourceArn`, `aws:SourceAccount`).
pub(crate) fn check_role_trust(
    role_arn: &str,
    machine_arn: &str,
    account: &str,
    at: &Services,
) -> Result<(), StatesError> {
    if !(role_arn.starts_with("arn:") && role_arn.contains(":iam::") && role_arn.contains(":role/")) {
        return Err(StatesError::InvalidArn(format!("Invalid Role Arn: {role_arn}")));
    }
    let call = service_call(machine_arn, account, at);
    // AWS: a role of another account cannot be handed over at all.
    let is_own = role_arn.split(':').nth(4) == Some(account);
    if !is_own {
        return Err(StatesError::AccessDenied("Cross-account pass role is not allowed.".to_owned()));
    }
    at.access.can_assume(role_arn, &call).map_err(|_| {
        StatesError::AccessDenied(
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume \
             the provided role."
                .to_owned(),
        )
    })
}

/// Whether the role may log and the log group is there, if the configuration says that anything is logged.
pub(crate) async fn check_logging_rights(
    logging: &Value,
    role_arn: &str,
    machine_arn: &str,
    account: &str,
    at: &Services,
) -> Result<(), StatesError> {
    let Some(logging) = Logging::of(logging) else { return Ok(()) };
    let missing = || StatesError::InvalidLoggingConfiguration("Log Destination not found.".to_owned());
    // AWS: of the state machine's own account and Region. Nobody writes into the logs of others.
    let place = |arn: &str| arn.split(':').skip(3).take(2).map(str::to_owned).collect::<Vec<_>>();
    if place(&logging.group_arn) != place(machine_arn) {
        return Err(missing());
    }
    check_log_rights(&at.access, role_arn, &service_call(machine_arn, account, at))?;
    match at.delivery() {
        Some(delivery) if !delivery.has_group(&logging, role_arn, machine_arn).await => Err(missing()),
        _ => Ok(()),
    }
}

fn service_call<'a>(machine_arn: &'a str, account: &'a str, at: &'a Services) -> ServiceCall<'a> {
    ServiceCall {
        service: PRINCIPAL,
        source_arn: machine_arn,
        source_account: account,
        region: at.region.as_str(),
        session_name: None,
        now: now(),
    }
}
