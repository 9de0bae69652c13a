//! What was decided, and which statements decided it.

use crate::evaluate::{Attached, Request};
use crate::place::Place;
use crate::policy::PolicyKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allowed,
    /// Nothing allows it.
    ImplicitlyDenied,
    /// A Deny statement applies.
    ExplicitlyDenied,
}

/// A statement of one of the policies that were evaluated.
#[derive(Clone, Copy, Debug)]
pub struct StatementRef<'a> {
    pub kind: PolicyKind,
    /// The policy, as it was attached.
    pub attached: &'a Attached,
    /// Position in the policy, from 0.
    pub index: usize,
}

impl<'a> StatementRef<'a> {
    /// The policy's ARN or name.
    pub fn policy(&self) -> &'a str {
        &self.attached.name
    }

    /// The policy's ARN, where it has one that AWS's messages name.
    pub fn arn(&self) -> Option<&'a str> {
        self.attached.arn.as_deref()
    }

    /// Where it stands in the policy's text: its first character, and what follows its last.
    pub fn place(&self) -> Option<(Place, Place)> {
        self.attached.policy.place(self.index)
    }

    /// The statement as decoded authorization messages show it.
    pub fn described(&self) -> Option<serde_json::Value> {
        Some(self.attached.policy.statements.get(self.index)?.described())
    }

    pub fn sid(&self) -> Option<&'a str> {
        self.attached.policy.statements.get(self.index)?.sid.as_deref()
    }
}

/// The statements that allowed, at most one of each kind: resource, identity, boundary and session policies.
pub(crate) type Deciding<'a> = [Option<StatementRef<'a>>; 4];

/// The outcome of an evaluation. Made without allocating.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    pub effect: Effect,
    /// For an implicit denial: the kind of policy that had to allow and did not.
    pub missing: Option<PolicyKind>,
    pub(crate) deciding: Deciding<'a>,
}

impl<'a> Decision<'a> {
    pub fn is_allowed(&self) -> bool {
        self.effect == Effect::Allowed
    }

    /// The statements that allowed, or the Deny that denied.
    pub fn deciding(&self) -> impl Iterator<Item = StatementRef<'a>> + use<'a> {
        self.deciding.into_iter().flatten()
    }

    /// AWS's sentence (IAM: troubleshoot access denied messages). Empty when the request is allowed.
    pub fn denial_text(&self, request: &Request<'_>) -> String {
        let user = request.principal.name();
        let (action, resource) = (request.action, request.resource);
        let on = if resource == "*" { String::new() } else { format!(" on resource: {resource}") };
        let start = format!("User: {user} is not authorized to perform: {action}{on}");
        match self.effect {
            Effect::Allowed => String::new(),
            Effect::ExplicitlyDenied => {
                let statement = self.deciding().next();
                let kind = statement.map_or(PolicyKind::Identity, |statement| statement.kind);
                let article = match kind {
                    PolicyKind::Identity => "an",
                    PolicyKind::Trust => "the",
                    _ => "a",
                };
                let named = statement.and_then(|statement| statement.arn());
                let named = named.map(|arn| format!(": {arn}")).unwrap_or_default();
                format!("{start} with an explicit deny in {article} {}{named}", kind.name())
            }
            Effect::ImplicitlyDenied => {
                let kind = self.missing.unwrap_or(PolicyKind::Identity).name();
                format!("{start} because no {kind} allows the {action} action")
            }
        }
    }
}

#[cfg(test)]
mod tests;
