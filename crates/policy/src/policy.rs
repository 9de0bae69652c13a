//! A policy: what kind it is, and its compiled statements.

use serde_json::Value;

use crate::document::read;
use crate::error::PolicyError;
use crate::index::Index;
use crate::place::{self, Place};
use crate::statement::Statement;
use crate::validate;

/// What a policy is attached to, which decides what it may say and how it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    Identity,
    /// A role's trust policy: a resource policy that must allow explicitly.
    Trust,
    Resource,
    Boundary,
    Session,
    ServiceControl,
    ResourceControl,
    VpcEndpoint,
}

impl PolicyKind {
    /// The name that AWS's sentences give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Trust => "role trust policy",
            Self::Resource => "resource-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    /// Whether its statements name principals.
    pub(crate) fn has_principal(self) -> bool {
        matches!(self, Self::Trust | Self::Resource | Self::ResourceControl | Self::VpcEndpoint)
    }
}

/// A compiled policy: parse once, evaluate often.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub(crate) statements: Vec<Statement>,
    index: Option<Index>,
    reads_context: bool,
    /// Of each statement; none where there is no text.
    places: Vec<(Place, Place)>,
}

impl Policy {
    /// Parses and validates a policy that is to be stored (AWS: MalformedPolicyDocument).
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        let document = read(text)?;
        validate::check(&document, kind)?;
        Ok(Self { places: place::statements(text), ..Self::compile(&document)? })
    }

    /// Parses a policy that somebody else has accepted already: only what cannot be understood is refused.
    pub fn parse_lenient(text: &str) -> Result<Self, PolicyError> {
        Ok(Self { places: place::statements(text), ..Self::compile(&read(text)?)? })
    }

    /// The same for a document that is parsed already.
    pub fn from_value(document: &Value) -> Result<Self, PolicyError> {
        Self::compile(document)
    }

    /// The same, of a kind: what a policy of that kind must or must not name is checked, and nothing else.
    pub fn from_value_of(document: &Value, kind: PolicyKind) -> Result<Self, PolicyError> {
        let policy = Self::compile(document)?;
        let has_resources = |statement: &Statement| statement.has_resources();
        // AWS: the policies of some services, and trust policies, are about the resource they are attached to.
        let names_resources = !matches!(kind, PolicyKind::Trust | PolicyKind::Resource);
        if names_resources && !policy.statements.iter().all(has_resources) {
            return Err(PolicyError::new("Policy statement must contain resources."));
        }
        let has_principal = |statement: &Statement| statement.principal.is_some();
        if !kind.has_principal() && policy.statements.iter().any(has_principal) {
            return Err(PolicyError::new("Policy document should not specify a principal."));
        }
        let names_principals = kind.has_principal() && kind != PolicyKind::VpcEndpoint;
        if names_principals && !policy.statements.iter().all(has_principal) {
            return Err(PolicyError::new("Missing required field Principal"));
        }
        Ok(policy)
    }

    fn compile(document: &Value) -> Result<Self, PolicyError> {
        let Value::Object(fields) = document else {
            return Err(PolicyError::new("Syntax errors in policy."));
        };
        // AWS: without a version, it is the old one, where policy variables are plain text.
        let variables = fields.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        let statements = match fields.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            _ => return Err(PolicyError::new("Syntax errors in policy.")),
        };
        let compiled = statements.into_iter().map(|statement| Statement::compile(statement, variables));
        let statements: Vec<Statement> = compiled.collect::<Result<_, _>>()?;
        let reads_context = statements.iter().any(|statement| !statement.keys().is_empty());
        Ok(Self { index: Index::new(&statements), statements, reads_context, places: Vec::new() })
    }

    /// The statements of an effect that can apply, with their positions.
    pub(crate) fn candidates(
        &self,
        action: &str,
        resource: &str,
        allows: bool,
    ) -> impl Iterator<Item = (usize, &Statement)> {
        let indexed = self.index.as_ref().map(|index| index.candidates(action, resource, allows));
        let all = if indexed.is_some() { 0..0 } else { 0..self.statements.len() };
        let positions = indexed.into_iter().flatten().chain(all);
        positions
            .filter_map(|position| Some((position, self.statements.get(position)?)))
            .filter(move |(_, statement)| statement.allows == allows)
    }

    /// Where a statement stands in the text that was parsed: its first character, and what follows its last.
    pub(crate) fn place(&self, index: usize) -> Option<(Place, Place)> {
        self.places.get(index).copied()
    }

    /// Whether the policy reads any condition key: one that does not says the same in every context.
    pub(crate) fn reads_context(&self) -> bool {
        self.reads_context
    }

    /// Whether what the policy says of an action depends on tags that the resource has.
    pub fn reads_resource_tags(&self, action: &str) -> bool {
        self.reads_context && self.statements.iter().any(|statement| statement.reads_resource_tags(action))
    }

    /// The condition keys that the policy reads: in conditions and in policy variables; as they are
    /// written, sorted.
    pub fn context_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.statements.iter().flat_map(Statement::keys).collect();
        keys.sort_by_key(|key| key.to_ascii_lowercase());
        keys.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        keys
    }
}

/// The length that counts against a quota: white space outside of strings is free.
pub fn size_without_white_space(text: &str) -> usize {
    let mut in_string = false;
    let mut escaped = false;
    let counts = |character: char| {
        if in_string {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            return true;
        }
        in_string = character == '"';
        !character.is_whitespace()
    };
    text.chars().map(counts).filter(|counts| *counts).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_free_outside_of_strings() {
        assert_eq!(size_without_white_space("{ \"a b\" :\n \"\\\" c\" }"), "{\"a b\":\"\\\" c\"}".len());
    }
}
