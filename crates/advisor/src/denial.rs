//! Denials as executions tell them: AWS's sentence, taken apart, and the state that met it.

use serde_json::Value;
use stepward_policy::{Context, Explanation, Request, evaluate};

use crate::role::Role;

/// A denial found in an execution's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The event that tells it; 0 for what no history tells.
    pub event_id: u64,
    /// The state that failed; nothing for the execution itself.
    pub state: Option<String>,
    /// ARN of who was denied; empty when the sentence does not tell.
    pub principal: String,
    pub action: String,
    /// `*` when the sentence names none.
    pub resource: String,
    /// The error's name, e.g. `Lambda.AWSLambdaException`.
    pub error: String,
    /// The whole cause.
    pub cause: String,
}

/// The denials of a history, as GetExecutionHistory shows it, oldest first; what repeats an earlier one is left out.
pub fn denials(events: &[Value]) -> Vec<Denial> {
    let mut found: Vec<Denial> = Vec::new();
    for event in events {
        let Some((error, cause)) = failure(event) else { continue };
        let Some((principal, action, resource)) = sentence(cause) else { continue };
        let state = state_of(events, event);
        let is_told =
            found.iter().any(|denial| denial.cause == cause && (state.is_none() || denial.state == state));
        if is_told {
            continue;
        }
        found.push(Denial {
            event_id: id(event, "id"),
            state,
            principal,
            action,
            resource,
            error: error.to_owned(),
            cause: cause.to_owned(),
        });
    }
    found
}

/// Why a role may not, today: with every statement of its policies.
pub fn explain_denial(role: &Role, denial: &Denial) -> Explanation {
    let principal = role.session();
    let context = Context::new().with("aws:PrincipalArn", role.arn());
    let request = Request {
        principal: &principal,
        action: &denial.action,
        resource: &denial.resource,
        resource_account: denial.resource.split(':').nth(4).filter(|account| account.len() == 12),
        context: &context,
    };
    let policies = role.compiled_on(&denial.resource);
    evaluate(&request, &policies).explain(&request, &policies)
}

/// Error and cause of an event that tells a failure, whatever its kind.
fn failure(event: &Value) -> Option<(&str, &str)> {
    let fields = event.as_object()?;
    let details = fields.iter().filter(|(name, _)| name.ends_with("EventDetails"));
    details
        .filter_map(|(_, details)| {
            let cause = details.get("cause")?.as_str()?;
            Some((details.get("error").and_then(Value::as_str).unwrap_or_default(), cause))
        })
        .next()
}

/// Who, what and on what of the sentences with which AWS denies.
fn sentence(cause: &str) -> Option<(String, String, String)> {
    if let Some((_, rest)) = cause.split_once("The role ")
        && let Some((role, rest)) = rest.split_once(" is not authorized to assume the task state's role, ")
    {
        let target = rest.trim_end_matches('.').split_whitespace().next().unwrap_or_default();
        return Some((role.to_owned(), "sts:AssumeRole".to_owned(), target.trim_end_matches('.').to_owned()));
    }
    if let Some((_, rest)) =
        cause.split_once("not authorized to perform states:InvokeHTTPEndpoint on API Endpoint ")
    {
        let endpoint = rest.split_whitespace().next().unwrap_or_default().trim_end_matches('.');
        return Some((String::new(), "states:InvokeHTTPEndpoint".to_owned(), endpoint.to_owned()));
    }
    let (before, rest) = cause.split_once(" is not authorized to perform: ")?;
    let principal = before.rsplit(' ').next().unwrap_or_default().to_owned();
    let action = rest.split_whitespace().next()?.to_owned();
    let resource =
        rest.split_once(" on resource: ").map(|(_, rest)| rest.split_whitespace().next().unwrap_or("*"));
    Some((principal, action, resource.unwrap_or("*").trim_end_matches(',').to_owned()))
}

/// The state in which an event happened: of the last one that was entered before it, along the chain of events.
fn state_of(events: &[Value], event: &Value) -> Option<String> {
    let mut current = event;
    for _ in 0..events.len() {
        if let Some(name) = current.pointer("/stateEnteredEventDetails/name").and_then(Value::as_str) {
            return Some(name.to_owned());
        }
        let previous = id(current, "previousEventId");
        let at = events.binary_search_by_key(&previous, |event| id(event, "id")).ok()?;
        current = events.get(at)?;
    }
    None
}

fn id(event: &Value, name: &str) -> u64 {
    event.get(name).and_then(Value::as_u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_denied_task_is_found_with_its_state() {
        let cause = "User: arn:aws:sts::123456789012:assumed-role/R/abc is not authorized to perform: lambda:InvokeFunction \
                     on resource: arn:aws:lambda:us-east-1:123456789012:function:f because no identity-based policy allows \
                     the lambda:InvokeFunction action (Service: AWSLambda; Status Code: 403)";
        let events = [
            json!({"id": 1, "previousEventId": 0, "type": "ExecutionStarted"}),
            json!({"id": 2, "previousEventId": 0, "type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Call"}}),
            json!({"id": 3, "previousEventId": 2, "type": "TaskScheduled"}),
            json!({"id": 4, "previousEventId": 3, "type": "TaskFailed", "taskFailedEventDetails": {"error": "Lambda.AWSLambdaException", "cause": cause}}),
            json!({"id": 5, "previousEventId": 4, "type": "ExecutionFailed", "executionFailedEventDetails": {"error": "Lambda.AWSLambdaException", "cause": cause}}),
        ];
        let found = denials(&events);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].state.as_deref(), Some("Call"));
        assert_eq!(found[0].action, "lambda:InvokeFunction");
        assert_eq!(found[0].resource, "arn:aws:lambda:us-east-1:123456789012:function:f");
        assert_eq!(found[0].principal, "arn:aws:sts::123456789012:assumed-role/R/abc");
    }

    #[test]
    fn the_role_of_credentials_is_named_by_its_sentence() {
        let cause = "The role arn:aws:iam::1:role/A is not authorized to assume the task state's role, arn:aws:iam::2:role/B.";
        let (principal, action, resource) = sentence(cause).unwrap();
        assert_eq!(
            (principal.as_str(), action.as_str(), resource.as_str()),
            ("arn:aws:iam::1:role/A", "sts:AssumeRole", "arn:aws:iam::2:role/B")
        );
        assert_eq!(sentence("It broke"), None);
    }
}
