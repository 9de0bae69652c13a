//! Policies of resources that backends keep: fetched, and kept for a moment.

use std::sync::Arc;

use serde_json::{Value, json};
use stepward_policy::Policy;

use super::{Right, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

/// The policy of a right's resource, and whether it must allow whatever identity policies say. Nothing where the
/// resource has none.
pub(super) async fn of(
    right: &Right,
    call: &ApiCall,
    lookup: &Lookup<'_>,
) -> Option<(Option<Arc<Policy>>, bool)> {
    let service = right.action.split(':').next().unwrap_or_default();
    let text = match service {
        "sqs" => queue(call, lookup).await?,
        "sns" => {
            attribute(lookup, "sns", "GetTopicAttributes", json!({"TopicArn": topic(&right.resource)?}))
                .await?
        }
        "s3" => bucket(&right.resource, lookup).await?,
        "secretsmanager" if right.resource != "*" => {
            let found = lookup
                .ask("secretsmanager", "GetResourcePolicy", json!({"SecretId": right.resource}))
                .await?;
            text(&found, "ResourcePolicy")?.to_owned()
        }
        "kms" if right.resource.contains(":key/") => {
            let question = json!({"KeyId": right.resource, "PolicyName": "default"});
            let found = lookup.ask("kms", "GetKeyPolicy", question).await?;
            let policy = compiled(text(&found, "Policy")?);
            return Some((policy, true));
        }
        "events" if right.resource.contains(":event-bus/") => {
            let found = lookup.ask("events", "DescribeEventBus", json!({"Name": right.resource})).await?;
            text(&found, "Policy")?.to_owned()
        }
        "dynamodb" if right.resource.contains(":table/") => {
            let table = right.resource.split("/index/").next().unwrap_or_default();
            let found = lookup.ask("dynamodb", "GetResourcePolicy", json!({"ResourceArn": table})).await?;
            text(&found, "Policy")?.to_owned()
        }
        _ => return None,
    };
    Some((compiled(&text), false))
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

async fn queue(call: &ApiCall, lookup: &Lookup<'_>) -> Option<String> {
    let url = text(&call.input, "QueueUrl")?;
    attribute(lookup, "sqs", "GetQueueAttributes", json!({"QueueUrl": url, "AttributeNames": ["Policy"]}))
        .await
}

async fn attribute(
    lookup: &Lookup<'_>,
    service: &'static str,
    name: &'static str,
    question: Value,
) -> Option<String> {
    let found = lookup.ask(service, name, question).await?;
    text(found.get("Attributes")?, "Policy").map(str::to_owned)
}

fn topic(resource: &str) -> Option<&str> {
    let is_topic =
        resource.starts_with("arn:") && resource.split(':').count() == 6 && !resource.ends_with('*');
    (is_topic && !resource.contains('/')).then_some(resource)
}

async fn bucket(resource: &str, lookup: &Lookup<'_>) -> Option<String> {
    let bucket = resource.strip_prefix("arn:aws:s3:::")?.split('/').next().filter(|name| !name.is_empty())?;
    let found = lookup.ask("s3", "GetBucketPolicy", json!({"Bucket": bucket})).await?;
    text(&found, "Policy").map(str::to_owned)
}
