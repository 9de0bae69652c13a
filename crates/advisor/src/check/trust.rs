//! Who may assume the role: Step Functions for this state machine, and nobody else (AWS: the confused deputy problem).

use serde_json::json;
use stepward_policy::{Attached, Context, Policies, Principal, Request, evaluate};

use super::{CheckedCall, Finding, Level};
use crate::generate::trust_policy;
use crate::place::Place;
use crate::role::Role;
use crate::verdict::Verdict;

/// A state machine of somebody else, which must not get the role.
const STRANGER: &str = "000000000001";

pub(super) fn findings(role: &Role, place: &Place) -> Vec<Finding> {
    if role.trust.is_none() {
        return Vec::new();
    }
    let trust = role.compiled_trust();
    let own = place.state_machine_arn();
    let finding = |level, code, message: String| Finding {
        level,
        code,
        message,
        location: None,
        fix: Some(trust_policy(place)),
    };
    let lets = |arn: &str, account: &str| {
        trust.as_ref().is_some_and(|trust| assumes(trust, role, place, arn, account))
    };
    if !lets(&own, &place.account) {
        // AWS: CreateStateMachine's own words.
        let text = "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to \
                    assume the provided role.";
        let message = format!("{text} The trust policy of {} does not let {own} have it.", role.arn);
        return vec![finding(Level::Error, "NOT_TRUSTED", message)];
    }
    let mut found = Vec::new();
    let strange = own.replacen(&place.account, STRANGER, 1);
    if lets(&strange, STRANGER) {
        found.push(finding(
            Level::Warning,
            "CONFUSED_DEPUTY",
            "The trust policy lets Step Functions assume the role for state machines of any account: limit it by \
             aws:SourceArn and aws:SourceAccount"
                .to_owned(),
        ));
    } else if lets(&format!("{own}-another"), &place.account) {
        found.push(finding(
            Level::Note,
            "SHARED_ROLE",
            "The trust policy lets every state machine of the account with a fitting ARN assume the role: limit it by \
             the state machine's own ARN in aws:SourceArn"
                .to_owned(),
        ));
    }
    if trust.as_ref().is_some_and(|trust| is_open(trust, role)) {
        let message = "The trust policy lets principals of any account assume the role: name those who may";
        found.push(finding(Level::Error, "OPEN_TO_ALL", message.to_owned()));
    }
    found
}

/// Judges the other half of assuming the role of a state's Credentials: whether that role trusts the execution role.
pub(super) fn assumed(call: &mut CheckedCall, role: &Role, target: Option<&Role>, place: &Place) {
    let Some((target, trust)) = target.and_then(|target| Some((target, target.compiled_trust()?))) else {
        return;
    };
    if call.verdict == Verdict::Denied {
        return;
    }
    // AWS: the external id is the state machine's ARN.
    let context = Context::new()
        .with("sts:ExternalId", place.state_machine_arn())
        .with("aws:PrincipalArn", role.arn.clone())
        .with("aws:PrincipalAccount", role.arn.split(':').nth(4).unwrap_or_default())
        .with("aws:SecureTransport", "true");
    let compiled = role.compiled();
    let policies = Policies { resource: Some(&trust), resource_must_allow: true, ..compiled };
    if decides(target, &role.session(), &context, &policies) {
        (call.verdict, call.because) = (Verdict::Allowed, String::new());
    } else {
        call.verdict = Verdict::Denied;
        call.because = format!("the trust policy of {} does not let {} assume it", target.arn, role.arn);
    }
}

fn assumes(trust: &Attached, role: &Role, place: &Place, arn: &str, account: &str) -> bool {
    let regional = format!("states.{}.amazonaws.com", place.region);
    ["states.amazonaws.com", regional.as_str()].iter().any(|service| {
        let context = Context::new()
            .with("aws:SourceArn", arn)
            .with("aws:SourceAccount", account)
            .with("aws:PrincipalServiceName", *service)
            .with("aws:PrincipalIsAWSService", "true")
            .with("aws:SecureTransport", "true")
            .with("aws:RequestedRegion", place.region.clone());
        asks(trust, role, &Principal::Service { name: (*service).to_owned() }, &context)
    })
}

fn is_open(trust: &Attached, role: &Role) -> bool {
    let stranger = Principal::User { arn: format!("arn:aws:iam::{STRANGER}:user/stranger"), unique_id: None };
    let context = Context::new()
        .with("aws:PrincipalArn", format!("arn:aws:iam::{STRANGER}:user/stranger"))
        .with("aws:PrincipalAccount", STRANGER)
        .with("aws:SecureTransport", "true");
    // A stranger whose own account lets him do anything: only the trust policy can refuse.
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let Ok(policy) = stepward_policy::Policy::from_value(&everything) else { return false };
    let identity =
        [Attached { policy: std::sync::Arc::new(policy), name: "everything".to_owned(), arn: None }];
    let policies = Policies {
        identity: &identity,
        resource: Some(trust),
        resource_must_allow: true,
        ..Policies::default()
    };
    decides(role, &stranger, &context, &policies)
}

fn asks(trust: &Attached, role: &Role, principal: &Principal, context: &Context) -> bool {
    let policies = Policies { resource: Some(trust), resource_must_allow: true, ..Policies::default() };
    decides(role, principal, context, &policies)
}

fn decides(role: &Role, principal: &Principal, context: &Context, policies: &Policies<'_>) -> bool {
    let request = Request {
        principal,
        action: "sts:AssumeRole",
        resource: &role.arn,
        resource_account: role.arn.split(':').nth(4),
        context,
    };
    evaluate(&request, policies).is_allowed()
}
