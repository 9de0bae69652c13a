//! The request context: AWS's global condition keys for one right of one call.

use std::collections::BTreeMap;

use stepward_policy::{Context, Principal};

use crate::caller::{Authenticated, Identity};
use crate::needs::Need;
use crate::organization::Organization;

/// The context of a right (AWS: global condition context keys).
pub(crate) fn context(
    caller: &Authenticated,
    need: &Need,
    resource_account: Option<&str>,
    organization: Option<&Organization>,
) -> Context {
    let mut context = Context::new();
    principal(caller, &mut context);
    session(caller, &mut context);
    request(caller, &mut context);
    if let Some(account) = resource_account {
        context = context.with("aws:ResourceAccount", account);
    }
    if let Some(organization) = organization {
        organized(caller, need, resource_account, organization, &mut context);
    }
    let mut of_right = Told::default();
    for (key, value) in &need.resource_tags {
        of_right.tell(&format!("aws:ResourceTag/{key}"), std::slice::from_ref(value));
        if need.action.starts_with("iam:") || need.action.starts_with("sts:") {
            of_right.tell(&format!("iam:ResourceTag/{key}"), std::slice::from_ref(value));
        }
    }
    for (key, values) in &need.keys {
        of_right.tell(key, values);
    }
    of_right.keys.into_iter().for_each(|(key, values)| context.set(&key, values));
    context
}

/// What is told of a right. AWS: of two tags whose keys differ in case only, neither is the one that a condition means.
/// Both values are told: a condition that expects one value allows nothing then, and denies by either.
#[derive(Default)]
struct Told {
    keys: BTreeMap<String, Vec<String>>,
}

impl Told {
    fn tell(&mut self, key: &str, values: &[String]) {
        let told = self.keys.entry(key.to_ascii_lowercase()).or_default();
        for value in values {
            if !told.contains(value) {
                told.push(value.clone());
            }
        }
    }
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

/// Who belongs to the organization, and where. AWS: the keys are there for its members only.
fn organized(
    caller: &Authenticated,
    need: &Need,
    resource_account: Option<&str>,
    organization: &Organization,
    context: &mut Context,
) {
    let is_service = matches!(caller.caller.principal, Principal::Service { .. });
    let source = need.keys.iter().find(|(key, _)| key == "aws:SourceAccount");
    let source = source.and_then(|(_, values)| values.first()).filter(|_| is_service);
    let principal = Some(caller.account()).filter(|_| !is_service);
    for (who, account) in
        [("Principal", principal), ("Resource", resource_account), ("Source", source.map(String::as_str))]
    {
        let Some(account) = account.filter(|account| organization.has(account)) else { continue };
        context.set(&format!("aws:{who}OrgID"), vec![organization.id.clone()]);
        context.set(&format!("aws:{who}OrgPaths"), vec![organization.path_of(account)]);
    }
}

fn session(caller: &Authenticated, context: &mut Context) {
    let Some(session) = &caller.caller.session else { return };
    let mut one = |key: &str, value: String| context.set(key, vec![value]);
    one("aws:TokenIssueTime", session.issued.to_rfc3339_seconds());
    if session.is_assumed_root {
        one("aws:AssumedRoot", "true".to_owned());
    }
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
