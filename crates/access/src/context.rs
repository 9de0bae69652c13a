//! The request context: AWS's global condition keys for one right of one call.

use stepward_policy::{Context, Principal};

use crate::caller::{Authenticated, Identity};
use crate::needs::Need;

/// The context of a right (AWS: global condition context keys).
pub(crate) fn context(caller: &Authenticated, need: &Need, resource_account: Option<&str>) -> Context {
    let mut context = Context::new();
    principal(caller, &mut context);
    session(caller, &mut context);
    request(caller, &mut context);
    if let Some(account) = resource_account {
        context = context.with("aws:ResourceAccount", account);
    }
    for (key, value) in &need.resource_tags {
        context = context.with(&format!("aws:ResourceTag/{key}"), value);
        if need.action.starts_with("iam:") || need.action.starts_with("sts:") {
            context = context.with(&format!("iam:ResourceTag/{key}"), value);
        }
    }
    for (key, values) in &need.keys {
        context.set(key, values.clone());
    }
    context
}

fn principal(caller: &Authenticated, context: &mut Context) {
    let who = &caller.caller;
    let mut one = |key: &str, value: &str| context.set(key, vec![value.to_owned()]);
    one("aws:PrincipalType", who.principal.principal_type());
    one("aws:userid", &who.user_id);
    let is_service = matches!(who.principal, Principal::Service { .. });
    one("aws:PrincipalIsAWSService", if is_service { "true" } else { "false" });
    one("aws:ViaAWSService", "false");
    if !is_service {
        one("aws:PrincipalAccount", &who.account);
    }
    if let Some(arn) = who.principal.principal_arn() {
        one("aws:PrincipalArn", &arn);
    }
    if let (Identity::User(name), Principal::User { .. }) = (&who.identity, &who.principal) {
        one("aws:username", name);
    }
    for (key, value) in &who.tags {
        one(&format!("aws:PrincipalTag/{key}"), value);
    }
}

fn session(caller: &Authenticated, context: &mut Context) {
    let Some(session) = &caller.caller.session else { return };
    let mut one = |key: &str, value: String| context.set(key, vec![value]);
    one("aws:TokenIssueTime", session.issued.to_rfc3339_seconds());
    // AWS: the key is there with every temporary credential, and with no long-lived one.
    one("aws:MultiFactorAuthPresent", session.mfa.to_string());
    if session.mfa {
        let age_ms = caller.facts.now.millis() - session.issued.millis();
        one("aws:MultiFactorAuthAge", (age_ms / 1_000).to_string());
    }
    if let Some(identity) = &session.source_identity {
        one("aws:SourceIdentity", identity.clone());
    }
    for (key, values) in &session.context {
        context.set(key, values.clone());
    }
}

fn request(caller: &Authenticated, context: &mut Context) {
    let facts = &caller.facts;
    let mut one = |key: &str, value: String| context.set(key, vec![value]);
    one("aws:CurrentTime", facts.now.to_rfc3339_seconds());
    one("aws:EpochTime", (facts.now.millis() / 1_000).to_string());
    one("aws:SecureTransport", facts.origin.is_secure.to_string());
    if !facts.region.is_empty() {
        one("aws:RequestedRegion", facts.region.clone());
    }
    if let Some(address) = facts.origin.source_ip {
        one("aws:SourceIp", address.to_canonical().to_string());
    }
    if let Some(agent) = &facts.user_agent {
        one("aws:UserAgent", agent.clone());
    }
}
