//! Explanations: every statement, and the first reason why it did not apply.

use std::fmt;

use serde_json::{Value, json};

use crate::decision::{Decision, Effect};
use crate::evaluate::{Policies, Request, Subject};
use crate::policy::PolicyKind;

/// Why a statement did not apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Action { is_not: bool, given: Vec<String> },
    Resource { is_not: bool, given: Vec<String> },
    Principal { given: Vec<String> },
    Condition { operator: String, key: String, expected: Vec<String>, got: Option<Vec<String>> },
}

/// One statement's part in a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    pub kind: PolicyKind,
    pub policy: String,
    /// `Sid`, or the position from 1, as everywhere that a person reads of it.
    pub statement: String,
    pub allows: bool,
    /// Absent when the statement applies.
    pub reason: Option<Reason>,
}

/// A decision with every statement that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub action: String,
    pub resource: String,
    pub principal: String,
    pub effect: Effect,
    pub missing: Option<PolicyKind>,
    pub statements: Vec<Explained>,
}

impl Decision<'_> {
    /// Runs again, completely: for people who ask why.
    pub fn explain(&self, request: &Request<'_>, policies: &Policies<'_>) -> Explanation {
        let mut statements = Vec::new();
        let subject = Subject::new(request, policies);
        for (kind, attached) in policies.counting(request) {
            for (index, statement) in attached.policy.statements.iter().enumerate() {
                statements.push(Explained {
                    kind,
                    policy: attached.name.clone(),
                    statement: statement.sid.clone().unwrap_or_else(|| (index + 1).to_string()),
                    allows: statement.allows,
                    reason: statement.reason(&subject),
                });
            }
        }
        Explanation {
            action: request.action.to_owned(),
            resource: request.resource.to_owned(),
            principal: request.principal.name(),
            effect: self.effect,
            missing: self.missing,
            statements,
        }
    }
}

impl Explanation {
    /// The statements as programs read them.
    pub fn reasons(&self) -> Value {
        let reason = |explained: &Explained| {
            json!({
                "policyType": explained.kind.name(),
                "policy": explained.policy,
                "statement": explained.statement,
                "effect": if explained.allows { "Allow" } else { "Deny" },
                "matched": explained.reason.is_none(),
                "because": explained.reason.as_ref().map_or_else(|| "every element applies".to_owned(), Reason::to_string),
            })
        };
        Value::Array(self.statements.iter().map(reason).collect())
    }

    /// The smallest statement that would allow the request, where an Allow is what is missing.
    pub fn fix(&self) -> Option<Value> {
        let kind = self.missing.filter(|_| self.effect == Effect::ImplicitlyDenied)?;
        let mut statement = json!({"Effect": "Allow", "Action": self.action, "Resource": self.resource});
        if kind.has_principal()
            && let Some(fields) = statement.as_object_mut()
        {
            let named = if self.principal.starts_with("arn:") { "AWS" } else { "Service" };
            fields.insert("Principal".to_owned(), json!({named: self.principal}));
            if kind == PolicyKind::Trust {
                fields.remove("Resource");
            }
        }
        Some(statement)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |is_not: bool| if is_not { "Not" } else { "" };
        match self {
            Self::Action { is_not, given } => {
                write!(formatter, "{}Action is {}", not(*is_not), list(given))
            }
            Self::Resource { is_not, given } => {
                write!(formatter, "{}Resource is {}", not(*is_not), list(given))
            }
            Self::Principal { given } => write!(formatter, "Principal is {}", list(given)),
            Self::Condition { operator, key, expected, got } => {
                let got = got.as_ref().map_or_else(|| "not in the request".to_owned(), |got| list(got));
                write!(formatter, "{operator} wants {key} to be {}, but it is {got}", list(expected))
            }
        }
    }
}

fn list(values: &[String]) -> String {
    match values {
        [] => "empty".to_owned(),
        values => values.join(" or "),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.effect {
            Effect::Allowed => "is allowed".to_owned(),
            Effect::ExplicitlyDenied => "is explicitly denied".to_owned(),
            Effect::ImplicitlyDenied => {
                let missing = self.missing.map_or("policy", PolicyKind::name);
                format!("is denied: no {missing} allows it")
            }
        };
        write!(formatter, "{} on {} {verdict}", self.action, self.resource)?;
        for explained in &self.statements {
            let effect = if explained.allows { "Allow" } else { "Deny" };
            write!(
                formatter,
                "\n- {} {}, statement {}: {effect} ",
                explained.kind.name(),
                explained.policy,
                explained.statement
            )?;
            match &explained.reason {
                None => formatter.write_str("applies")?,
                Some(reason) => write!(formatter, "does not apply: its {reason}")?,
            }
        }
        if let Some(fix) = self.fix() {
            write!(formatter, "\nThis statement would allow it: {fix}")?;
        }
        Ok(())
    }
}
