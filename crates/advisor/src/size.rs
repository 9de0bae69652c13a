//! IAM's size quotas: a policy that is too large is split, or refused with the reason.

use serde_json::{Value, json};
use stepward_policy::size_without_white_space;

use crate::statement::document;

/// AWS quota: characters of all inline policies of a role together, without white space.
pub const INLINE_CHARACTERS_MAX: usize = 10_240;
/// AWS quota: characters of one managed policy, without white space.
pub const MANAGED_CHARACTERS_MAX: usize = 6_144;
/// AWS quota: managed policies attached to a role.
pub(crate) const MANAGED_POLICIES_MAX: usize = 20;

/// How a policy fits into a role.
#[derive(Clone, Debug, PartialEq)]
pub enum Fitted {
    /// As one inline policy.
    Inline(Value),
    /// As several managed policies.
    Managed(Vec<Value>),
}

/// Why a policy does not fit into a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    #[error(
        "the policy of {characters} characters needs {policies} managed policies of at most {MANAGED_CHARACTERS_MAX} \
         characters, but a role has at most {MANAGED_POLICIES_MAX}: share resources by naming them alike, or use wildcards"
    )]
    TooManyPolicies { characters: usize, policies: usize },
    #[error(
        "one statement has {characters} characters for a single resource, more than a managed policy's \
         {MANAGED_CHARACTERS_MAX}"
    )]
    StatementTooLarge { characters: usize },
}

/// Fits a policy into a role: inline when it is small enough, else split over managed policies.
pub fn fit(policy: &Value) -> Result<Fitted, SizeError> {
    let characters = size(policy);
    if characters <= INLINE_CHARACTERS_MAX {
        return Ok(Fitted::Inline(policy.clone()));
    }
    let statements = policy.get("Statement").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut parts = Vec::new();
    for statement in &statements {
        parts.extend(divided(statement)?);
    }
    let mut policies: Vec<Vec<Value>> = Vec::new();
    for part in parts {
        let fits = |open: &Vec<Value>| {
            let mut with = open.clone();
            with.push(part.clone());
            size(&document(with)) <= MANAGED_CHARACTERS_MAX
        };
        match policies.iter().position(fits).and_then(|index| policies.get_mut(index)) {
            Some(open) => open.push(part),
            None => policies.push(vec![part]),
        }
    }
    if policies.len() > MANAGED_POLICIES_MAX {
        return Err(SizeError::TooManyPolicies { characters, policies: policies.len() });
    }
    Ok(Fitted::Managed(policies.into_iter().map(document).collect()))
}

/// The characters that count against a quota.
pub fn size(policy: &Value) -> usize {
    size_without_white_space(&policy.to_string())
}

/// A statement in parts that each fit into a managed policy: its resources are shared out.
fn divided(statement: &Value) -> Result<Vec<Value>, SizeError> {
    let whole = size(&document(vec![statement.clone()]));
    if whole <= MANAGED_CHARACTERS_MAX {
        return Ok(vec![statement.clone()]);
    }
    let resources = statement.get("Resource").and_then(Value::as_array).cloned().unwrap_or_default();
    if resources.len() < 2 {
        return Err(SizeError::StatementTooLarge { characters: whole });
    }
    let (left, right) = resources.split_at(resources.len() / 2);
    let mut parts = Vec::new();
    for half in [left, right] {
        let mut part = statement.clone();
        if let Some(fields) = part.as_object_mut() {
            fields.insert("Resource".to_owned(), json!(half));
            fields.remove("Sid");
        }
        parts.extend(divided(&part)?);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(resources: usize) -> Value {
        let resources: Vec<String> = (0..resources)
            .map(|number| format!("arn:aws:lambda:us-east-1:123456789012:function:f{number:04}"))
            .collect();
        document(vec![json!({"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": resources})])
    }

    #[test]
    fn a_small_policy_is_inline() {
        assert_eq!(fit(&policy(2)), Ok(Fitted::Inline(policy(2))));
    }

    #[test]
    fn a_large_policy_is_split_and_keeps_every_resource() {
        let Ok(Fitted::Managed(parts)) = fit(&policy(400)) else { panic!("it fits into managed policies") };
        assert!(parts.len() > 1);
        assert!(parts.iter().all(|part| size(part) <= MANAGED_CHARACTERS_MAX));
        let kept: usize = parts
            .iter()
            .flat_map(|part| part["Statement"].as_array().unwrap())
            .map(|statement| statement["Resource"].as_array().unwrap().len())
            .sum();
        assert_eq!(kept, 400);
    }

    #[test]
    fn a_policy_that_no_role_can_hold_is_refused_with_the_reason() {
        let refused = fit(&policy(4_000)).unwrap_err().to_string();
        assert!(refused.contains("a role has at most 20"), "{refused}");
        let long =
            document(vec![json!({"Effect": "Allow", "Action": "a:B", "Resource": ["x".repeat(11_000)]})]);
        assert!(matches!(fit(&long), Err(SizeError::StatementTooLarge { .. })));
    }
}
