//! The policy simulator: decisions without calls.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Authorized};
use stepward_policy::{
    Attached, Context, Decision, Effect, Policies, Policy, PolicyKind, Principal, Request, evaluate,
};

use super::Answer;
use super::error::IamError;
use super::page::Paging;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Simulation {
    #[serde(default)]
    policy_input_list: Vec<String>,
    #[serde(default)]
    permissions_boundary_policy_input_list: Vec<String>,
    action_names: Vec<String>,
    #[serde(default)]
    resource_arns: Vec<String>,
    resource_policy: Option<String>,
    resource_owner: Option<String>,
    caller_arn: Option<String>,
    #[serde(default)]
    context_entries: Vec<ContextEntry>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEntry {
    #[serde(default)]
    context_key_name: String,
    #[serde(default)]
    context_key_values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PrincipalInput {
    policy_source_arn: String,
    #[serde(flatten)]
    simulation: Simulation,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeysInput {
    policy_input_list: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PrincipalKeysInput {
    policy_source_arn: String,
    #[serde(default)]
    policy_input_list: Vec<String>,
}

operation!(SimulatePrincipalPolicy(PrincipalInput): |input, asked| asked.named(&input.policy_source_arn, &super::users::no_tags()) => of_principal);
operation!(SimulateCustomPolicy(Simulation): |_, asked| asked.any() => custom);
operation!(GetContextKeysForCustomPolicy(KeysInput): |_, asked| asked.any() => custom_keys);
operation!(GetContextKeysForPrincipalPolicy(PrincipalKeysInput): |input, asked| asked.named(&input.policy_source_arn, &super::users::no_tags()) => principal_keys);

/// Decisions of one simulation at most: an input of a few megabytes could ask for billions.
const DECISIONS_MAX: usize = 10_000;

/// What a simulation evaluates.
struct Simulated {
    principal: Principal,
    identity: Vec<Attached>,
    boundary: Option<Vec<Attached>>,
    resource: Option<Attached>,
}

async fn of_principal(call: &Authorized<PrincipalInput>, access: &Access) -> Answer {
    let arn = &call.policy_source_arn;
    let (mut identity, own_boundary) = held(access, call.caller().account(), arn)?;
    let simulation = &call.simulation;
    identity.extend(compiled(&simulation.policy_input_list, "PolicyInputList")?);
    let boundary = match simulation.permissions_boundary_policy_input_list.as_slice() {
        [] => own_boundary,
        given => Some(compiled(given, "PermissionsBoundaryPolicyInputList")?),
    };
    check_caller(simulation, arn.contains(":user/"))?;
    let principal = Principal::parse(simulation.caller_arn.as_ref().unwrap_or(arn));
    run(simulation, principal, identity, boundary)
}

async fn custom(call: &Authorized<Simulation>, _: &Access) -> Answer {
    let identity = compiled(&call.policy_input_list, "PolicyInputList")?;
    let boundary = match call.permissions_boundary_policy_input_list.as_slice() {
        [] => None,
        given => Some(compiled(given, "PermissionsBoundaryPolicyInputList")?),
    };
    check_caller(call, false)?;
    let anybody = format!("arn:aws:iam::{}:user/simulated", call.caller().account());
    let principal = Principal::parse(call.caller_arn.as_ref().unwrap_or(&anybody));
    run(call, principal, identity, boundary)
}

/// The policies of a user, role or group, with its boundary.
fn held(
    access: &Access,
    account: &str,
    arn: &str,
) -> Result<(Vec<Attached>, Option<Vec<Attached>>), IamError> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let kind = arn.split(':').nth(5).and_then(|resource| resource.split('/').next()).unwrap_or_default();
    access.policies_of(account, arn).ok_or_else(|| IamError::no_such(kind, name))
}

fn compiled(documents: &[String], list: &str) -> Result<Vec<Attached>, IamError> {
    let compile = |(number, document): (usize, &String)| {
        let policy =
            Policy::parse_lenient(document).map_err(|error| IamError::InvalidInput(error.to_string()))?;
        Ok(Attached { policy: Arc::new(policy), name: format!("{list}.{}", number + 1), arn: None })
    };
    documents.iter().enumerate().map(compile).collect()
}

fn run(
    input: &Simulation,
    principal: Option<Principal>,
    identity: Vec<Attached>,
    boundary: Option<Vec<Attached>>,
) -> Answer {
    let invalid =
        || IamError::InvalidInput("Invalid Entity Arn: it must name a user, group or role.".to_owned());
    let resource = match &input.resource_policy {
        Some(document) => {
            let policy = Policy::parse(document, PolicyKind::Resource)?;
            Some(Attached { policy: Arc::new(policy), name: "ResourcePolicy".to_owned(), arn: None })
        }
        None => None,
    };
    let principal = match principal {
        Some(principal) => principal,
        // A group acts through its users.
        None => Principal::parse(
            &input.caller_arn.clone().unwrap_or_else(|| "arn:aws:iam::000000000000:user/group".to_owned()),
        )
        .ok_or_else(invalid)?,
    };
    check(input)?;
    let simulated = Simulated { principal, identity, boundary, resource };
    let everything = vec!["*".to_owned()];
    let resources = if input.resource_arns.is_empty() { &everything } else { &input.resource_arns };
    let mut results = Vec::new();
    for action in &input.action_names {
        for resource in resources {
            results.push((format!("{:08}", results.len()), simulated.decide(input, action, resource)));
        }
    }
    input.page.list("EvaluationResults", results)
}

/// Refuses what cannot be simulated.
fn check(input: &Simulation) -> Result<(), IamError> {
    if input.action_names.len().saturating_mul(input.resource_arns.len().max(1)) > DECISIONS_MAX {
        return Err(IamError::InvalidInput(format!(
            "The actions on all resources are more than {DECISIONS_MAX} decisions: simulate them in several calls."
        )));
    }
    for action in &input.action_names {
        let named = action.split_once(':').filter(|(service, name)| !service.is_empty() && !name.is_empty());
        if named.is_none() || action.contains(['*', '?']) {
            return Err(IamError::InvalidInput(format!(
                "Invalid action name: {action}. It must be of the form service:Action, without wildcards."
            )));
        }
    }
    for resource in &input.resource_arns {
        if resource != "*" && (!resource.starts_with("arn:") || resource.split(':').count() < 6) {
            return Err(IamError::InvalidInput(format!("Invalid resource ARN: {resource}.")));
        }
    }
    Ok(())
}

// AWS: whose call it is must be said where a resource policy takes part, unless the policies are a user's.
fn check_caller(input: &Simulation, is_user: bool) -> Result<(), IamError> {
    if input.resource_policy.is_some() && input.caller_arn.is_none() && !is_user {
        return Err(IamError::InvalidInput("CallerArn is required with ResourcePolicy.".to_owned()));
    }
    Ok(())
}

impl Simulated {
    fn decide(&self, input: &Simulation, action: &str, resource: &str) -> Value {
        let context = self.context(input);
        let owner = input.resource_owner.as_deref().and_then(|arn| arn.split(':').nth(4));
        let request = Request {
            principal: &self.principal,
            action,
            resource,
            resource_account: owner,
            context: &context,
        };
        let policies = Policies {
            identity: &self.identity,
            boundary: self.boundary.as_deref(),
            resource: self.resource.as_ref(),
            ..Policies::default()
        };
        let decision = evaluate(&request, &policies);
        let mut result = json!({
            "EvalActionName": action, "EvalResourceName": resource, "EvalDecision": word(decision.effect),
            "MatchedStatements": matched(&decision), "MissingContextValues": self.missing(&context),
        });
        if let (Some(boundary), Some(fields)) = (&self.boundary, result.as_object_mut()) {
            let alone = evaluate(&request, &Policies { identity: boundary, ..Policies::default() });
            let detail = json!({"AllowedByPermissionsBoundary": alone.is_allowed()});
            fields.insert("PermissionsBoundaryDecisionDetail".to_owned(), detail);
        }
        result
    }

    fn context(&self, input: &Simulation) -> Context {
        let mut context = Context::new().with("aws:PrincipalType", self.principal.principal_type());
        if let Some(arn) = self.principal.principal_arn() {
            context = context.with("aws:PrincipalArn", &arn);
        }
        if let Some(account) = self.principal.account() {
            context = context.with("aws:PrincipalAccount", account);
        }
        if let Principal::User { arn, .. } = &self.principal {
            context = context.with("aws:username", arn.rsplit('/').next().unwrap_or_default());
        }
        for entry in &input.context_entries {
            context.set(&entry.context_key_name, entry.context_key_values.clone());
        }
        context
    }

    /// The keys that policies read and nobody gave.
    fn missing(&self, context: &Context) -> Vec<String> {
        let all = self.identity.iter().chain(self.boundary.iter().flatten()).chain(&self.resource);
        let mut keys: Vec<String> = all.flat_map(|attached| attached.policy.context_keys()).collect();
        keys.retain(|key| context.get(key).is_none());
        sorted(keys)
    }
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allowed => "allowed",
        Effect::ImplicitlyDenied => "implicitDeny",
        Effect::ExplicitlyDenied => "explicitDeny",
    }
}

fn matched(decision: &Decision<'_>) -> Vec<Value> {
    let shown = decision.deciding().map(|statement| {
        let kind = match statement.kind {
            PolicyKind::Resource | PolicyKind::Trust => "Resource Policy",
            _ => "IAM Policy",
        };
        let mut shown =
            json!({"SourcePolicyId": statement.policy().rsplit('/').next(), "SourcePolicyType": kind});
        if let (Some((start, end)), Some(fields)) = (statement.place(), shown.as_object_mut()) {
            for (name, place) in [("StartPosition", start), ("EndPosition", end)] {
                fields.insert(name.to_owned(), json!({"Line": place.line, "Column": place.column}));
            }
        }
        shown
    });
    shown.collect()
}

async fn custom_keys(call: &Authorized<KeysInput>, _: &Access) -> Answer {
    Ok(json!({"ContextKeyNames": keys_of(&compiled(&call.policy_input_list, "PolicyInputList")?)}))
}

async fn principal_keys(call: &Authorized<PrincipalKeysInput>, access: &Access) -> Answer {
    let (mut policies, boundary) = held(access, call.caller().account(), &call.policy_source_arn)?;
    policies.extend(boundary.unwrap_or_default());
    policies.extend(compiled(&call.policy_input_list, "PolicyInputList")?);
    Ok(json!({"ContextKeyNames": keys_of(&policies)}))
}

fn keys_of(policies: &[Attached]) -> Vec<String> {
    sorted(policies.iter().flat_map(|attached| attached.policy.context_keys()).collect())
}

/// Each key once, whatever the case in which policies write it.
fn sorted(mut keys: Vec<String>) -> Vec<String> {
    keys.sort_by_key(|key| key.to_ascii_lowercase());
    keys.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    keys
}
