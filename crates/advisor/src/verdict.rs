//! Whether a role may make a call of which not everything is known.

use serde_json::{Value, json};
use stepward_models::authorization;
use stepward_policy::{Context, Effect, Explained, Explanation, PolicyKind, Reason, Request, evaluate};

use crate::glob::meets;
use crate::grant::Grant;
use crate::place::Place;
use crate::role::Role;

/// What stands for the unknown when a policy is asked: texts that only a wildcard can match, of two lengths.
const PROBES: [&str; 2] =
    ["\u{e000}\u{e001}\u{e000}\u{e001}\u{e000}", "\u{e000}\u{e001}\u{e000}\u{e001}\u{e000}\u{e001}\u{e002}"];

/// Whether a call will be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Whatever the input is.
    Allowed,
    /// It depends on the input or on what only the request tells.
    Maybe,
    /// Whatever the input is.
    Denied,
}

impl Verdict {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "ALLOWED",
            Self::Maybe => "MAYBE",
            Self::Denied => "DENIED",
        }
    }
}

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// The statements that decide: `policy, statement`.
    pub(crate) deciding: Vec<String>,
    pub(crate) because: String,
    /// The smallest statement that would allow the call.
    pub(crate) fix: Option<Value>,
}

/// Whether the role may do the action on the resource, of which `*` is not known.
pub(crate) fn judge(role: &Role, grant: &Grant, action: &str, resource: &str, place: &Place) -> Judged {
    let explanations: Vec<Explanation> =
        PROBES.iter().map(|probe| explain(role, grant, action, resource, place, probe)).collect();
    let fix = || Some(fix(grant, action, resource));
    let all = |effect: Effect| explanations.iter().all(|explanation| explanation.effect == effect);
    let statements = || explanations.iter().flat_map(|explanation| explanation.statements.iter());
    if all(Effect::ExplicitlyDenied) {
        let deciding =
            names(statements().filter(|explained| !explained.allows && explained.reason.is_none()));
        let because = format!("{} denies it explicitly", deciding.join("; "));
        return Judged { verdict: Verdict::Denied, deciding, because, fix: None };
    }
    let open_deny: Vec<&Explained> =
        statements().filter(|explained| !explained.allows && may_apply(explained, resource)).collect();
    if all(Effect::Allowed) {
        let deciding = names(statements().filter(|explained| explained.allows && explained.reason.is_none()));
        if open_deny.is_empty() {
            let is_known = role.compiled_on(resource).resource.is_some();
            let other = owner(resource).filter(|owner| !is_known && Some(*owner) != owner_of_role(role));
            return match other {
                None => Judged { verdict: Verdict::Allowed, because: String::new(), deciding, fix: None },
                Some(owner) => {
                    let because =
                        format!("it belongs to account {owner}, whose own policy must allow it, too");
                    Judged { verdict: Verdict::Maybe, because, deciding, fix: None }
                }
            };
        }
        let denies = names(open_deny.into_iter());
        let because = format!("{} may deny it, depending on the request", denies.join("; "));
        return Judged { verdict: Verdict::Maybe, deciding: denies, because, fix: None };
    }
    let missing: Vec<PolicyKind> =
        explanations.iter().filter_map(|explanation| explanation.missing).collect();
    let open: Vec<&Explained> = statements()
        // What applies for sure has not sufficed.
        .filter(|explained| explained.allows && explained.reason.is_some() && may_apply(explained, resource))
        .filter(|explained| missing.is_empty() || missing.iter().any(|kind| helps(explained.kind, *kind)))
        .collect();
    if open.is_empty()
        && !explanations.iter().any(|explanation| explanation.effect == Effect::ExplicitlyDenied)
    {
        let missing = missing.first().map_or("policy", |kind| kind.name());
        let because = format!("no {missing} allows {action} on {resource}");
        return Judged { verdict: Verdict::Denied, deciding: Vec::new(), because, fix: fix() };
    }
    let reasons: Vec<String> = open.iter().filter_map(|explained| range(explained)).collect();
    let deciding = names(open.into_iter());
    Judged { verdict: Verdict::Maybe, deciding, because: unique(reasons).join("; "), fix: fix() }
}

fn explain(
    role: &Role,
    grant: &Grant,
    action: &str,
    resource: &str,
    place: &Place,
    probe: &str,
) -> Explanation {
    let resource = concrete(action, resource, probe);
    let context = context(role, grant, &resource, place, probe);
    let principal = role.session();
    let policies = role.compiled_on(&resource);
    // What another account's own policies say is mostly not known: then the role's side alone is asked.
    let resource_account = policies.resource.and_then(|_| owner(&resource));
    let request =
        Request { principal: &principal, action, resource: &resource, resource_account, context: &context };
    evaluate(&request, &policies).explain(&request, &policies)
}

/// The account in an ARN.
fn owner(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

fn owner_of_role(role: &Role) -> Option<&str> {
    owner(&role.arn)
}

/// The resource with the probe for what is not known. `*` alone stays what it is for actions without resources.
fn concrete(action: &str, resource: &str, probe: &str) -> String {
    if resource == "*" && !has_resources(action) { resource.to_owned() } else { resource.replace('*', probe) }
}

fn has_resources(action: &str) -> bool {
    let known = action.split_once(':').and_then(|(prefix, name)| authorization(prefix)?.action(name));
    known.is_some_and(|(_, action)| !action.resources.is_empty())
}

/// What is known of the request's context: the keys that the call brings, and those of every session.
fn context(role: &Role, grant: &Grant, resource: &str, place: &Place, probe: &str) -> Context {
    let mut context = Context::new()
        .with("aws:PrincipalArn", role.arn.clone())
        .with("aws:PrincipalAccount", role.arn.split(':').nth(4).unwrap_or_default())
        .with("aws:PrincipalType", "AssumedRole")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:SecureTransport", "true")
        .with("aws:ViaAWSService", "false")
        .with("aws:RequestedRegion", place.region.clone());
    if let Some(account) = resource.split(':').nth(4).filter(|account| account.len() == 12) {
        context = context.with("aws:ResourceAccount", account);
    }
    for condition in &grant.conditions {
        let values = condition.values.iter().map(|value| value.replace('*', probe)).collect();
        context.set(&condition.key, values);
    }
    context
}

/// Whether an Allow in policies of a kind can make up for the lack of one in those of another.
fn helps(kind: PolicyKind, missing: PolicyKind) -> bool {
    kind == missing || (missing == PolicyKind::Identity && kind == PolicyKind::Resource)
}

/// Whether a statement that did not apply to a probe may apply to the call.
fn may_apply(explained: &Explained, resource: &str) -> bool {
    match &explained.reason {
        None => true,
        Some(Reason::Resource { is_not: false, given }) => {
            resource.contains('*') && given.iter().any(|pattern| meets(&without_variables(pattern), resource))
        }
        Some(Reason::Resource { is_not: true, .. }) => resource.contains('*'),
        Some(Reason::Condition { got: None, .. }) => true,
        Some(Reason::Condition { got: Some(got), .. }) => {
            got.iter().any(|value| PROBES.iter().any(|probe| value.contains(probe)))
        }
        Some(Reason::Action { .. } | Reason::Principal { .. }) => false,
    }
}

/// Policy variables are not known here: each can be anything.
fn without_variables(pattern: &str) -> String {
    let mut text = String::new();
    for (index, part) in pattern.split("${").enumerate() {
        match (index, part.split_once('}')) {
            (0, _) | (_, None) => text.push_str(part),
            (_, Some((_, rest))) => {
                text.push('*');
                text.push_str(rest);
            }
        }
    }
    text
}

/// On what a statement would allow the call.
fn range(explained: &Explained) -> Option<String> {
    let name = name(explained);
    Some(match explained.reason.as_ref()? {
        Reason::Resource { is_not: false, given } => format!("{name} allows it only on {}", given.join(", ")),
        Reason::Resource { is_not: true, given } => {
            format!("{name} does not allow it on {}", given.join(", "))
        }
        Reason::Condition { operator, key, expected, .. } => {
            format!("{name} allows it only if {key} {operator} {}", expected.join(", "))
        }
        Reason::Action { .. } | Reason::Principal { .. } => return None,
    })
}

fn name(explained: &Explained) -> String {
    format!("{}, statement {}", explained.policy, explained.statement)
}

fn names<'a>(explained: impl Iterator<Item = &'a Explained>) -> Vec<String> {
    unique(explained.map(name).collect())
}

fn unique(texts: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

/// The smallest statement that allows the call.
fn fix(grant: &Grant, action: &str, resource: &str) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    if let (Some(condition), Some(fields)) = (grant.condition_json(), statement.as_object_mut()) {
        fields.insert("Condition".to_owned(), condition);
    }
    statement
}
