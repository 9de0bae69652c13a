//! Policies of resources that backends keep: fetched, and kept for a moment.

mod table;

use std::sync::Arc;

use serde_json::{Value, json};
use stepward_policy::Policy;

use super::question::{self, Asked};
use super::{Right, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;
use table::POLICIES;

/// The policy of a right's resource, and whether it must allow whatever identity policies say. Nothing where the
/// resource has none.
pub(super) async fn of(
    right: &Right,
    call: &ApiCall,
    lookup: &Lookup<'_>,
) -> Option<(Option<Arc<Policy>>, bool)> {
    let prefix = right.action.split(':').next().unwrap_or_default();
    if prefix == "sqs" {
        let url = text(&call.input, "QueueUrl")?;
        let question = json!({"QueueUrl": url, "AttributeNames": ["Policy"]});
        let found = lookup.ask("sqs", "GetQueueAttributes", question).await?;
        return Some((compiled(text(found.get("Attributes")?, "Policy")?), false));
    }
    let resource = subject(&right.resource);
    let asked = question::find(POLICIES, prefix, resource)?;
    let answer = lookup.ask(asked.question.service, asked.question.operation, asked.input()).await?;
    // AWS: a key's own policy must allow, whatever identity policies say.
    Some((document(&asked, &answer)?, prefix == "kms"))
}

/// The resource that the policy is attached to: an index has that of its table.
fn subject(resource: &str) -> &str {
    resource.split_once("/index/").map_or(resource, |(table, _)| table)
}

/// The policy of an answer; of several, all their statements.
fn document(asked: &Asked<'_>, answer: &Value) -> Option<Option<Arc<Policy>>> {
    let text = |found: &Value| found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    let documents = asked.found(answer).into_iter().filter(|found| !found.is_null()).map(text);
    // Some answer an empty object where there is no policy.
    let is_policy = |document: &String| !matches!(document.trim(), "" | "{}");
    let documents: Vec<String> = documents.filter(is_policy).collect();
    match documents.as_slice() {
        [] => None,
        [one] => Some(compiled(one)),
        several => Some(compiled(&merged(several))),
    }
}

/// One policy that says what several say. What is no policy makes the whole of it none.
fn merged(documents: &[String]) -> String {
    let statements = documents.iter().map(|document| {
        let parsed: Value = serde_json::from_str(document).unwrap_or_default();
        match parsed.get("Statement") {
            Some(Value::Array(statements)) => statements.clone(),
            other => vec![other.cloned().unwrap_or_default()],
        }
    });
    json!({"Version": "2012-10-17", "Statement": statements.flatten().collect::<Vec<_>>()}).to_string()
}

/// What cannot be understood denies everything: it may hold a denial.
pub(crate) fn compiled(text: &str) -> Option<Arc<Policy>> {
    let parsed = Policy::parse_lenient(text).or_else(|error| {
        tracing::warn!(%error, "a resource's policy cannot be understood: it denies everything");
        let deny =
            json!({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]});
        Policy::from_value(&deny)
    });
    parsed.ok().map(Arc::new)
}

#[cfg(test)]
mod tests;
