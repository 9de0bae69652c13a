//! A role as it is attached: its policies, its boundary, its trust policy.

use std::sync::Arc;

use serde_json::Value;
use stepward_policy::{Attached, Policies, Policy, PolicyError, PolicyKind, Principal};

/// A policy with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedPolicy {
    pub name: String,
    /// Of a managed policy.
    pub arn: Option<String>,
    pub document: Value,
}

/// A role with everything that decides what it may do.
#[derive(Clone, Debug)]
pub struct Role {
    pub(crate) arn: String,
    pub(crate) policies: Vec<NamedPolicy>,
    pub(crate) trust: Option<Value>,
    identity: Vec<Attached>,
    boundary: Option<Vec<Attached>>,
}

impl Role {
    /// A role of these policies; one that cannot be understood is refused.
    pub fn new(
        arn: &str,
        policies: Vec<NamedPolicy>,
        boundary: Option<NamedPolicy>,
        trust: Option<Value>,
    ) -> Result<Self, PolicyError> {
        let identity = policies.iter().map(attached).collect::<Result<_, _>>()?;
        let boundary =
            boundary.map(|boundary| attached(&boundary).map(|boundary| vec![boundary])).transpose()?;
        Ok(Self { arn: arn.to_owned(), policies, trust, identity, boundary })
    }

    /// The role's ARN.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The same role with other identity policies, its boundary kept.
    pub(crate) fn with_policies(&self, policies: Vec<NamedPolicy>) -> Result<Self, PolicyError> {
        let identity = policies.iter().map(attached).collect::<Result<_, _>>()?;
        Ok(Self { policies, identity, ..self.clone() })
    }

    pub(crate) fn compiled(&self) -> Policies<'_> {
        Policies { identity: &self.identity, boundary: self.boundary.as_deref(), ..Policies::default() }
    }

    /// The trust policy, compiled; nothing when there is none or it cannot be understood.
    pub(crate) fn compiled_trust(&self) -> Option<Attached> {
        let policy = Policy::from_value_of(self.trust.as_ref()?, PolicyKind::Trust).ok()?;
        Some(Attached { policy: Arc::new(policy), name: format!("of {}", self.arn), arn: None })
    }

    /// A session of the role, as Step Functions has it.
    pub(crate) fn session(&self) -> Principal {
        let account = self.arn.split(':').nth(4).unwrap_or_default();
        let name = self.arn.rsplit('/').next().unwrap_or_default();
        Principal::RoleSession {
            session_arn: format!("arn:aws:sts::{account}:assumed-role/{name}/StepFunctions"),
            role_arn: self.arn.clone(),
            role_id: None,
        }
    }
}

fn attached(policy: &NamedPolicy) -> Result<Attached, PolicyError> {
    let compiled = Policy::from_value_of(&policy.document, PolicyKind::Identity)?;
    Ok(Attached { policy: Arc::new(compiled), name: policy.name.clone(), arn: policy.arn.clone() })
}
