//! What was decided, and which statements decided it.

use crate::evaluate::Request;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRef {
    pub kind: PolicyKind,
    /// The policy's ARN or name, as it was attached.
    pub policy: String,
    /// Whether the policy has an ARN that AWS's messages name.
    pub arn: Option<String>,
    /// Position in the policy, from 0.
    pub index: usize,
    pub sid: Option<String>,
}

/// The outcome of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub effect: Effect,
    /// The statements that allowed, or the Deny that denied.
    pub deciding: Vec<StatementRef>,
    /// For an implicit denial: the kind of policy that had to allow and did not.
    pub missing: Option<PolicyKind>,
}

impl Decision {
    pub fn is_allowed(&self) -> bool {
        self.effect == Effect::Allowed
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
                let statement = self.deciding.first();
                let kind = statement.map_or(PolicyKind::Identity, |statement| statement.kind);
                let article = match kind {
                    PolicyKind::Identity => "an",
                    PolicyKind::Trust => "the",
                    _ => "a",
                };
                let named = statement.and_then(|statement| statement.arn.as_ref());
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
