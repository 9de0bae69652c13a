//! A request with every policy that applies to it, as the batch writes them.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use stepward_policy::{
    Attached, Context, Explanation, OrganizationLevel, Policies, Policy, PolicyKind, Principal, Request,
    evaluate,
};

pub(super) struct Case {
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

/// What was decided, with AWS's sentence when it is denied.
pub(super) struct Decided {
    pub(super) explanation: Explanation,
    pub(super) denial_text: String,
}

impl Case {
    pub(super) fn read(case: &Value) -> Result<Self> {
        let request = case.get("request").context("'request' is missing")?;
        let text = |key: &str| request.get(key).and_then(Value::as_str).map(str::to_owned);
        let principal = principal(request.get("principal").unwrap_or(&Value::Null))?;
        let action = text("action").context("'request.action' is missing")?;
        if !action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty()) {
            bail!("'request.action' must be of the form service:Action, but is '{action}'");
        }
        let resource = text("resource").unwrap_or_else(|| "*".to_owned());
        let account = text("account").or_else(|| owner(&resource).map(str::to_owned));
        let resource_kind =
            if is_trust(&action, &resource) { PolicyKind::Trust } else { PolicyKind::Resource };
        let policies = |key: &str, name: &str, kind| attached(case.get(key), name, kind);
        let mut resource_policies =
            policies("resourcePolicy", "resource policy", resource_kind)?.unwrap_or_default();
        if resource_policies.len() > 1 {
            bail!("'resourcePolicy' must be one document");
        }
        Ok(Self {
            context: super::context::read(request.get("context"), &principal, account.as_deref())?,
            identity: policies("identityPolicies", "identity policy", PolicyKind::Identity)?
                .unwrap_or_default(),
            boundary: policies("boundary", "boundary", PolicyKind::Boundary)?,
            session: policies("sessionPolicy", "session policy", PolicyKind::Session)?,
            resource_policy: resource_policies.pop(),
            scps: levels(case.get("scps"), "SCP", PolicyKind::ServiceControl)?,
            rcps: levels(case.get("rcps"), "RCP", PolicyKind::ResourceControl)?,
            vpc_endpoint: policies("vpcEndpointPolicies", "VPC endpoint policy", PolicyKind::VpcEndpoint)?,
            principal,
            action,
            resource,
            account,
        })
    }

    pub(super) fn decide(&self) -> Decided {
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
        Decided {
            explanation: decision.explain(&request, &policies),
            denial_text: decision.denial_text(&request),
        }
    }
}

/// The account in an ARN.
fn owner(resource: &str) -> Option<&str> {
    let account = resource.strip_prefix("arn:")?.split(':').nth(3)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// Trust policies of roles and policies of KMS keys: identity policies alone are not enough.
fn must_allow(action: &str, resource: &str) -> bool {
    let is_of = |service: &str| {
        action.split_once(':').is_some_and(|(prefix, _)| prefix.eq_ignore_ascii_case(service))
    };
    is_trust(action, resource) || (is_of("kms") && resource.contains(":key/"))
}

fn is_trust(action: &str, resource: &str) -> bool {
    let is_sts = action.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("sts:"));
    is_sts && resource.contains(":iam:") && resource.contains(":role/")
}

fn principal(value: &Value) -> Result<Principal> {
    match value {
        Value::String(text) => Principal::parse(text).with_context(|| {
            format!("'request.principal' must be an ARN, an account or a service principal, but is '{text}'")
        }),
        Value::Object(fields) if fields.get("type").and_then(Value::as_str) == Some("Anonymous") => {
            Ok(Principal::Anonymous)
        }
        _ => bail!("'request.principal' must be an ARN, a service principal or {{\"type\":\"Anonymous\"}}"),
    }
}

/// Policies: a document or a list of them; nothing when there is none.
fn attached(value: Option<&Value>, name: &str, kind: PolicyKind) -> Result<Option<Vec<Attached>>> {
    let documents = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(documents)) => documents.iter().collect(),
        Some(document) => vec![document],
    };
    let attach = |(index, entry): (usize, &Value)| {
        // A document may stand alone, or under a name.
        let (document, named) = match entry.get("policy") {
            Some(policy) => (policy, entry.get("name").and_then(Value::as_str)),
            None => (entry, None),
        };
        let name = named.map_or_else(|| format!("{name} {}", index + 1), str::to_owned);
        let policy = match document {
            Value::String(text) => Policy::parse_lenient(text),
            document => Policy::from_value_of(document, kind),
        };
        let policy = policy.with_context(|| format!("{name} is malformed"))?;
        let arn = entry.get("arn").and_then(Value::as_str).map(str::to_owned);
        Ok(Attached { policy: Arc::new(policy), name, arn })
    };
    documents.into_iter().enumerate().map(attach).collect::<Result<Vec<_>>>().map(Some)
}

fn levels(value: Option<&Value>, name: &str, kind: PolicyKind) -> Result<Vec<OrganizationLevel>> {
    let levels = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(levels)) => levels,
        Some(_) => bail!("the {name}s must be a list of levels, from the root to the account"),
    };
    let level = |level: &Value| {
        Ok(OrganizationLevel {
            name: level.get("orgIdentifier").and_then(Value::as_str).unwrap_or_default().to_owned(),
            policies: attached(level.get("policies"), name, kind)?.unwrap_or_default(),
        })
    };
    levels.iter().map(level).collect()
}
