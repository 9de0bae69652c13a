//! `--apply`: a role made or updated through the IAM API, with the difference shown first.

mod difference;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;
use stepward_advisor::{Fitted, fit};

use crate::client::{Refused, Server, decoded, element};
use difference::difference;

/// The inline policy that is written.
const POLICY_NAME: &str = "StepwardGenerated";

#[derive(Args, Clone)]
pub(crate) struct Apply {
    /// Create or update the role on the server, after the difference is shown. Nothing is written without it.
    #[arg(long)]
    apply: bool,
}

impl Apply {
    pub(super) fn is_asked(&self) -> bool {
        self.apply
    }
}

/// What a role is to be.
pub(super) struct Plan {
    pub(super) role_name: String,
    pub(super) policy: Value,
    /// The trust policy of a role that is made; an existing role's is replaced by it.
    pub(super) trust_policy: Option<Value>,
}

/// Shows what would change, and changes it.
pub(super) fn apply(server: &Server, plan: &Plan) -> Result<()> {
    let policies = named(&plan.policy)?;
    let current = current_trust(server, &plan.role_name)?;
    if let Some(trust) = &plan.trust_policy {
        show("trust policy", current.as_ref(), trust);
    }
    for (name, policy) in &policies {
        let before = match current {
            Some(_) => document(server, &plan.role_name, name)?,
            None => None,
        };
        show(&format!("policy {name}"), before.as_ref(), policy);
    }
    let role = ("RoleName", plan.role_name.as_str());
    match (&current, &plan.trust_policy) {
        (None, Some(trust)) => {
            server.iam("CreateRole", &[role, ("AssumeRolePolicyDocument", &trust.to_string())])?;
        }
        (Some(before), Some(trust)) if before != trust => {
            server.iam("UpdateAssumeRolePolicy", &[role, ("PolicyDocument", &trust.to_string())])?;
        }
        (None, None) => anyhow::bail!("there is no role {} to put the policy on", plan.role_name),
        _ => {}
    }
    for (name, policy) in &policies {
        server
            .iam("PutRolePolicy", &[role, ("PolicyName", name), ("PolicyDocument", &policy.to_string())])?;
    }
    eprintln!("applied to role {}", plan.role_name);
    Ok(())
}

/// The inline policy, when it fits into one. AWS: a larger one has to be managed policies, which other roles may use.
fn named(policy: &Value) -> Result<Vec<(String, Value)>> {
    match fit(policy)? {
        Fitted::Inline(policy) => Ok(vec![(POLICY_NAME.to_owned(), policy)]),
        Fitted::Managed(policies) => anyhow::bail!(
            "the policy is too large for a role's inline policies and would be {} managed policies: deploy them with \
             --format cloudformation, terraform or cdk",
            policies.len()
        ),
    }
}

/// The trust policy of the role, when there is the role.
fn current_trust(server: &Server, role: &str) -> Result<Option<Value>> {
    read(server.iam("GetRole", &[("RoleName", role)]), "AssumeRolePolicyDocument")
}

fn document(server: &Server, role: &str, policy: &str) -> Result<Option<Value>> {
    read(server.iam("GetRolePolicy", &[("RoleName", role), ("PolicyName", policy)]), "PolicyDocument")
}

/// The document of an answer; nothing when what was asked for is not there.
fn read(answer: Result<String>, name: &str) -> Result<Option<Value>> {
    match answer {
        Ok(xml) => {
            let text = decoded(element(&xml, name).unwrap_or_default());
            Ok(Some(serde_json::from_str(&text).context("the server's document is not JSON")?))
        }
        Err(error)
            if error.downcast_ref::<Refused>().is_some_and(|refused| refused.code == "NoSuchEntity") =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn show(what: &str, before: Option<&Value>, after: &Value) {
    let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let before = before.map(text).unwrap_or_default();
    let after = text(after);
    if before == after {
        eprintln!("{what}: unchanged");
        return;
    }
    eprintln!("{what}:");
    for line in difference(&before, &after) {
        eprintln!("{line}");
    }
}
