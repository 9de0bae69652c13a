//! Recorded decisions: the policy of what was really called, and what a new policy would change.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepward_policy::{Context, Explanation, PolicyError, Request, evaluate};

use crate::grant::Grant;
use crate::role::{NamedPolicy, Role};
use crate::statement::{document, statements};
use crate::task::Style;

/// More ARNs that only differ in their last part are granted as a pattern.
const ALIKE_MAX: usize = 8;

/// A call that a session of a role made, and what was decided.
#[derive(Clone, Debug)]
pub struct RecordedCall {
    pub action: String,
    pub resource: String,
    pub context: Context,
    pub was_allowed: bool,
}

/// The policy of recorded calls.
#[derive(Clone, Debug, PartialEq)]
pub struct FromCalls {
    pub policy: Value,
    /// How many different calls it is made of.
    pub calls: usize,
    pub notes: Vec<String>,
}

/// The least policy that allows every recorded call that was allowed.
pub fn policy_of_calls(calls: &[RecordedCall]) -> FromCalls {
    let mut by_action: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut notes = Vec::new();
    let mut count = 0;
    for call in calls.iter().filter(|call| call.was_allowed) {
        let resources = by_action.entry(&call.action).or_default();
        if !resources.contains(&call.resource) {
            resources.push(call.resource.clone());
            count += 1;
        }
    }
    let denied = calls.iter().filter(|call| !call.was_allowed).count();
    if denied > 0 {
        notes.push(format!("{denied} recorded calls were denied; the policy does not allow them"));
    }
    let grant = |(action, resources): (&str, Vec<String>)| {
        let (resources, was_widened) = alike_together(resources);
        if was_widened {
            notes
                .push(format!("{action}: ARNs that differ only in their last part are granted as a pattern"));
        }
        Grant::call(&[action], resources)
    };
    let grants: Vec<Grant> = by_action.into_iter().map(grant).collect();
    if grants.is_empty() {
        notes.push("Nothing was recorded: the policy allows nothing".to_owned());
        let nothing = json!({"Effect": "Deny", "Action": ["*"], "Resource": ["*"]});
        return FromCalls { policy: document(vec![nothing]), calls: 0, notes };
    }
    FromCalls { policy: document(statements(grants, Style::LeastPrivilege)), calls: count, notes }
}

/// Many ARNs that differ only behind their last separator, as one pattern; executions always.
fn alike_together(resources: Vec<String>) -> (Vec<String>, bool) {
    let mut by_start: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in resources {
        let end = resource.rfind([':', '/']).map_or(0, |at| at + 1);
        let start = resource.get(..end).unwrap_or_default().to_owned();
        by_start.entry(start).or_default().push(resource);
    }
    let mut together = Vec::new();
    let mut was_widened = false;
    for (start, mut alike) in by_start {
        let is_execution = start.contains(":execution:") || start.contains(":express:");
        // Only what stands behind a name may vary: never every resource of a kind.
        let is_inside = start.matches(':').count() > 6 || start.matches('/').count() > 1;
        if is_execution || (alike.len() > ALIKE_MAX && is_inside) {
            together.push(format!("{start}*"));
            was_widened = true;
        } else {
            together.append(&mut alike);
        }
    }
    (together, was_widened)
}

/// A recorded call that a new policy decides otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub action: String,
    pub resource: String,
    /// How often it was recorded.
    pub count: usize,
    /// Otherwise it is newly denied.
    pub is_newly_allowed: bool,
    /// Why it would be denied; nothing for what is newly allowed.
    pub explanation: Option<Explanation>,
}

/// What a new policy would change.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    pub changes: Vec<Change>,
    /// Different calls that were looked at.
    pub calls: usize,
}

/// Decides recorded calls again, with these policies in place of the role's identity policies.
pub fn replay(
    role: &Role,
    policies: Vec<NamedPolicy>,
    calls: &[RecordedCall],
) -> Result<Replayed, PolicyError> {
    let role = role.with_policies(policies)?;
    let principal = role.session();
    let mut distinct: Vec<(&RecordedCall, usize)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for call in calls {
        let key = format!("{}\n{}\n{}", call.action, call.resource, call.was_allowed);
        match places.get(&key).and_then(|&at| distinct.get_mut(at)) {
            Some((_, count)) => *count += 1,
            None => {
                places.insert(key, distinct.len());
                distinct.push((call, 1));
            }
        }
    }
    let change = |(call, count): &(&RecordedCall, usize)| {
        let request = Request {
            principal: &principal,
            action: &call.action,
            resource: &call.resource,
            resource_account: call.resource.split(':').nth(4).filter(|account| !account.is_empty()),
            context: &call.context,
        };
        let compiled = role.compiled();
        let decision = evaluate(&request, &compiled);
        let is_allowed = decision.is_allowed();
        (is_allowed != call.was_allowed).then(|| Change {
            action: call.action.clone(),
            resource: call.resource.clone(),
            count: *count,
            is_newly_allowed: is_allowed,
            explanation: (!is_allowed).then(|| decision.explain(&request, &compiled)),
        })
    };
    Ok(Replayed { changes: distinct.iter().filter_map(change).collect(), calls: distinct.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(action: &str, resource: &str, was_allowed: bool) -> RecordedCall {
        RecordedCall {
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: Context::new(),
            was_allowed,
        }
    }

    #[test]
    fn what_was_called_is_granted_and_nothing_else() {
        let calls = [
            call("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:a", true),
            call("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:a", true),
            call("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:b", false),
            call("states:StopExecution", "arn:aws:states:us-east-1:123456789012:execution:M:1", true),
        ];
        let made = policy_of_calls(&calls);
        assert_eq!(
            made.policy["Statement"],
            json!([
                {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": ["arn:aws:lambda:us-east-1:123456789012:function:a"]},
                {"Effect": "Allow", "Action": ["states:StopExecution"], "Resource": ["arn:aws:states:us-east-1:123456789012:execution:M:*"]},
            ])
        );
        assert_eq!(made.calls, 2);
        assert_eq!(made.notes.len(), 2);
    }

    #[test]
    fn a_new_policy_tells_what_it_denies_and_allows_newly() {
        let role = Role::new("arn:aws:iam::123456789012:role/R", Vec::new(), None, None).unwrap();
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]});
        let policy = NamedPolicy { name: "new".to_owned(), arn: None, document };
        let calls = [
            call("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:a", true),
            call("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q", false),
            call("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:p", true),
        ];
        let replayed = replay(&role, vec![policy], &calls).unwrap();
        let told: Vec<(&str, bool)> =
            replayed.changes.iter().map(|change| (change.action.as_str(), change.is_newly_allowed)).collect();
        assert_eq!(told, [("lambda:InvokeFunction", false), ("sqs:SendMessage", true)]);
        assert_eq!(replayed.calls, 3);
    }

    #[test]
    fn a_role_that_called_nothing_gets_nothing() {
        let made = policy_of_calls(&[]);
        assert_eq!(made.policy["Statement"][0]["Effect"], "Deny");
        assert_eq!(made.calls, 0);
    }
}
