//! A role as it is attached: its policies, its boundary, its trust policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use stepward_policy::{Attached, OrganizationLevel, Policies, Policy, PolicyError, PolicyKind, Principal};

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
    service_control: Vec<OrganizationLevel>,
    of_resources: BTreeMap<String, Attached>,
}

impl Role {
    /// A role of these policies; one that cannot be understood is refused.
    pub fn new(
        arn: &str,
        policies: Vec<NamedPolicy>,
        boundary: Option<NamedPolicy>,
        trust: Option<Value>,
    ) -> Result<Self, PolicyError> {
        let attached = |policy: &NamedPolicy| attached(policy, PolicyKind::Identity);
        let identity = policies.iter().map(attached).collect::<Result<_, _>>()?;
        let boundary =
            boundary.map(|boundary| attached(&boundary).map(|boundary| vec![boundary])).transpose()?;
        let arn = arn.to_owned();
        let (service_control, of_resources) = (Vec::new(), BTreeMap::new());
        Ok(Self { arn, policies, trust, identity, boundary, service_control, of_resources })
    }

    /// The role in an organization: service control policies from the root to the account, each level of which must
    /// allow.
    pub fn in_organization(mut self, levels: &[Vec<NamedPolicy>]) -> Result<Self, PolicyError> {
        for (index, level) in levels.iter().enumerate() {
            let policies = level.iter().map(|policy| attached(policy, PolicyKind::ServiceControl));
            let policies = policies.collect::<Result<_, _>>()?;
            self.service_control.push(OrganizationLevel { name: format!("level {index}"), policies });
        }
        Ok(self)
    }

    /// The role beside a resource that has a policy of its own.
    pub fn beside(mut self, resource: &str, policy: &NamedPolicy) -> Result<Self, PolicyError> {
        self.of_resources.insert(resource.to_owned(), attached(policy, PolicyKind::Resource)?);
        Ok(self)
    }

    /// The role's ARN.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The same role with other identity policies, its boundary kept.
    pub(crate) fn with_policies(&self, policies: Vec<NamedPolicy>) -> Result<Self, PolicyError> {
        let identity = policies.iter().map(|policy| attached(policy, PolicyKind::Identity));
        let identity = identity.collect::<Result<_, _>>()?;
        Ok(Self { policies, identity, ..self.clone() })
    }

    pub(crate) fn compiled(&self) -> Policies<'_> {
        Policies {
            identity: &self.identity,
            boundary: self.boundary.as_deref(),
            service_control: &self.service_control,
            ..Policies::default()
        }
    }

    /// The policies that count for a call on a resource.
    pub(crate) fn compiled_on(&self, resource: &str) -> Policies<'_> {
        let of_resource = self.of_resources.get(resource);
        // AWS: without its key policy's consent nobody uses a key, whatever his own policies say.
        let resource_must_allow = of_resource.is_some() && resource.split(':').nth(2) == Some("kms");
        Policies { resource: of_resource, resource_must_allow, ..self.compiled() }
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

fn attached(policy: &NamedPolicy, kind: PolicyKind) -> Result<Attached, PolicyError> {
    let compiled = Policy::from_value_of(&policy.document, kind)?;
    Ok(Attached { policy: Arc::new(compiled), name: policy.name.clone(), arn: policy.arn.clone() })
}
