//! `stepward policy evaluate`: one request from a file, or a batch from standard input.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};
use stepward_policy::{
    Attached, Context, Effect, OrganizationLevel, Policies, Policy, Principal, Request, evaluate,
};

#[derive(Args)]
pub(crate) struct Evaluate {
    /// A file with one request and its policies, in the form of the batch.
    #[arg(required_unless_present = "batch")]
    file: Option<PathBuf>,
    /// Read one request a line from standard input and answer each with a line.
    #[arg(long)]
    batch: bool,
}

pub(crate) fn run(arguments: &Evaluate) -> Result<ExitCode> {
    let Some(file) = arguments.file.as_ref().filter(|_| !arguments.batch) else {
        super::super::batch(|request| decide(request).unwrap_or_else(|error| failed(request, &error)))?;
        return Ok(ExitCode::SUCCESS);
    };
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let request: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    let case = Case::read(&request)?;
    let (decision, explanation) = case.decide();
    println!("{explanation}");
    Ok(if decision == Effect::Allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn failed(request: &Value, error: &anyhow::Error) -> Value {
    // Deny when unsure: what cannot be understood is not allowed.
    json!({"id": request.get("id"), "decision": "ImplicitlyDenied", "reasons": [], "error": format!("{error:#}")})
}

fn decide(request: &Value) -> Result<Value> {
    let (decision, explanation) = Case::read(request)?.decide();
    let word = match decision {
        Effect::Allowed => "Allowed",
        Effect::ImplicitlyDenied => "ImplicitlyDenied",
        Effect::ExplicitlyDenied => "ExplicitlyDenied",
    };
    Ok(json!({"id": request.get("id"), "decision": word, "reasons": explanation.reasons()}))
}

/// A request with every policy that applies to it.
struct Case {
    principal: Principal,
    action: String,
    resource: String,
    account: Option<String>,
    context: Context,
    identity: Vec<Attached>,
    boundary: Option<Vec<Attached>>,
    session: Option<Vec<Attached>>,
    resource_policy: Option<Attached>,
    scps: Vec<OrganizationLevel>,
    rcps: Vec<OrganizationLevel>,
    vpc_endpoint: Option<Vec<Attached>>,
}

impl Case {
    fn read(case: &Value) -> Result<Self> {
        let request = case.get("request").context("'request' is missing")?;
        let text = |key: &str| request.get(key).and_then(Value::as_str).map(str::to_owned);
        let principal = principal(request.get("principal").unwrap_or(&Value::Null))?;
        let mut context = context(request.get("context").unwrap_or(&Value::Null));
        add_principal_keys(&principal, &mut context);
        Ok(Self {
            action: text("action").context("'request.action' is missing")?,
            resource: text("resource").unwrap_or_else(|| "*".to_owned()),
            account: text("account"),
            identity: attached(case.get("identityPolicies"), "identity policy")?.unwrap_or_default(),
            boundary: attached(case.get("boundary"), "boundary")?,
            session: attached(case.get("sessionPolicy"), "session policy")?,
            resource_policy: attached(case.get("resourcePolicy"), "resource policy")?
                .and_then(|mut policies| policies.pop()),
            scps: levels(case.get("scps"), "SCP")?,
            rcps: levels(case.get("rcps"), "RCP")?,
            vpc_endpoint: attached(case.get("vpcEndpointPolicies"), "VPC endpoint policy")?,
            principal,
            context,
        })
    }

    fn decide(&self) -> (Effect, stepward_policy::Explanation) {
        let request = Request {
            principal: &self.principal,
            action: &self.action,
            resource: &self.resource,
            resource_account: self.account.as_deref(),
            context: &self.context,
        };
        let policies = Policies {
            identity: &self.identity,
            boundary: self.boundary.as_deref(),
            session: self.session.as_deref(),
            resource: self.resource_policy.as_ref(),
            resource_must_allow: must_allow(&self.action, &self.resource),
            service_control: &self.scps,
            resource_control: &self.rcps,
            vpc_endpoint: self.vpc_endpoint.as_deref(),
        };
        let decision = evaluate(&request, &policies);
        let explanation = decision.explain(&request, &policies);
        (decision.effect, explanation)
    }
}

/// Trust policies of roles and policies of KMS keys: identity policies alone are not enough.
fn must_allow(action: &str, resource: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let is_role = resource.contains(":iam:") && resource.contains(":role/");
    (action.starts_with("sts:assumerole") && is_role)
        || (action.starts_with("kms:") && resource.contains(":key/"))
}

fn principal(value: &Value) -> Result<Principal> {
    match value {
        Value::String(text) => Principal::parse(text).with_context(|| format!("'{text}' is no principal")),
        Value::Object(fields) if fields.get("type").and_then(Value::as_str) == Some("Anonymous") => {
            Ok(Principal::Anonymous)
        }
        _ => anyhow::bail!(
            "'request.principal' must be an ARN, a service principal or {{\"type\":\"Anonymous\"}}"
        ),
    }
}

fn context(value: &Value) -> Context {
    let mut context = Context::new();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (key, value) in value.as_object().into_iter().flatten() {
        let values = match value {
            Value::Array(items) => items.iter().map(text).collect(),
            value => vec![text(value)],
        };
        context.set(key, values);
    }
    context
}

/// What AWS puts into every request of a principal, where the case does not say it.
fn add_principal_keys(principal: &Principal, context: &mut Context) {
    if let Some(arn) = principal.principal_arn() {
        context.set_default("aws:PrincipalArn", arn);
    }
    if let Some(account) = principal.account() {
        context.set_default("aws:PrincipalAccount", account);
    }
    context.set_default("aws:PrincipalType", principal.principal_type());
    if let Principal::User { arn, .. } = principal
        && let Some(name) = arn.rsplit('/').next()
    {
        context.set_default("aws:username", name);
    }
    let is_service = matches!(principal, Principal::Service { .. });
    context.set_default("aws:PrincipalIsAWSService", is_service.to_string());
    if let Principal::Service { name } = principal {
        context.set_default("aws:PrincipalServiceName", name);
    }
}

/// Policies: a document or a list of them; nothing when there is none.
fn attached(value: Option<&Value>, name: &str) -> Result<Option<Vec<Attached>>> {
    let documents = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(documents)) => documents.iter().collect(),
        Some(document) => vec![document],
    };
    let attach = |(index, document): (usize, &Value)| {
        // A document may stand alone, or under a name.
        let (named, document) = match (document.get("name").and_then(Value::as_str), document.get("policy")) {
            (Some(name), Some(policy)) => (name.to_owned(), policy),
            _ => (format!("{name} {}", index + 1), document),
        };
        let policy = Policy::from_value(document).with_context(|| named.clone())?;
        Ok(Attached { policy: Arc::new(policy), name: named, arn: None })
    };
    documents.into_iter().enumerate().map(attach).collect::<Result<Vec<_>>>().map(Some)
}

fn levels(value: Option<&Value>, name: &str) -> Result<Vec<OrganizationLevel>> {
    let levels = value.and_then(Value::as_array).into_iter().flatten();
    levels
        .map(|level| {
            Ok(OrganizationLevel {
                name: level.get("orgIdentifier").and_then(Value::as_str).unwrap_or_default().to_owned(),
                policies: attached(level.get("policies"), name)?.unwrap_or_default(),
            })
        })
        .collect()
}
