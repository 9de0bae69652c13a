//! Tags of resources: asked for only where a policy that counts reads them.
//!
//! What cannot be learned is not taken for missing: a Deny of a tag would be passed over. A resource that is not there has
//! none.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepward_models::{Kind, authorization, service};

use super::question::{self, Question};
use super::{Right, reference, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

type Tags = BTreeMap<String, String>;

const fn tags(
    (prefix, kind): (&'static str, &'static str),
    (service, operation): (&'static str, &'static str),
    members: &'static [(&'static str, &'static str)],
    answer: &'static str,
) -> Question {
    Question { prefix, kind, service, operation, members, answer }
}

/// Who tells the tags of a resource. Where nothing else is said, ListTagsForResource of the service is asked by ARN.
const TAGS: &[Question] = &[
    tags(("acm", "certificate/"), ("acm", "ListTagsForCertificate"), &[("CertificateArn", "{arn}")], "Tags"),
    tags(("apigateway", ""), ("apigateway", "GetTags"), &[("resourceArn", "{arn}")], "tags"),
    tags(("backup", ""), ("backup", "ListTags"), &[("ResourceArn", "{arn}")], "Tags"),
    tags(("dynamodb", "table/"), ("dynamodb", "ListTagsOfResource"), &[("ResourceArn", "{arn}")], "Tags"),
    tags(
        ("elasticfilesystem", "file-system/"),
        ("efs", "ListTagsForResource"),
        &[("ResourceId", "{name}")],
        "Tags",
    ),
    tags(("es", "domain/"), ("opensearch", "ListTags"), &[("ARN", "{arn}")], "TagList"),
    tags(
        ("firehose", "deliverystream/"),
        ("firehose", "ListTagsForDeliveryStream"),
        &[("DeliveryStreamName", "{name}")],
        "Tags",
    ),
    tags(("glue", ""), ("glue", "GetTags"), &[("ResourceArn", "{arn}")], "Tags"),
    tags(("kinesis", "stream/"), ("kinesis", "ListTagsForStream"), &[("StreamName", "{name}")], "Tags"),
    tags(("kms", "key/"), ("kms", "ListResourceTags"), &[("KeyId", "{arn}")], "Tags"),
    tags(("logs", "log-group:"), ("logs", "ListTagsLogGroup"), &[("logGroupName", "{name}")], "tags"),
    // AWS: a way to a bucket has tags of its own.
    tags(
        ("s3", "accesspoint/"),
        ("s3control", "ListTagsForResource"),
        &[("AccountId", "{account}"), ("ResourceArn", "{arn}")],
        "Tags",
    ),
    tags(("s3", ""), ("s3", "GetBucketTagging"), &[("Bucket", "{name}")], "TagSet"),
    tags(("sagemaker", ""), ("sagemaker", "ListTags"), &[("ResourceArn", "{arn}")], "Tags"),
    tags(
        ("secretsmanager", "secret:"),
        ("secretsmanager", "DescribeSecret"),
        &[("SecretId", "{arn}")],
        "Tags",
    ),
];

/// Gives a right the keys of the tags that its resource has.
pub(super) async fn fill(right: &mut Right, call: &ApiCall, lookup: &Lookup<'_>) {
    let Some((prefix, action)) = right.action.split_once(':') else { return };
    let (prefix, action) = (prefix.to_owned(), action.to_owned());
    if prefix == "s3" && object(&right.resource).is_some() {
        return fill_object(right, &action, call, lookup).await;
    }
    if !right.resource.starts_with("arn:") || !has_tags(&prefix, &action, &right.resource) {
        return;
    }
    let found = of_resource(&prefix, &right.resource, call, lookup).await;
    let own = own_key(&prefix);
    for (name, value) in found {
        let keys = ["aws:ResourceTag/", own.as_deref().unwrap_or_default()];
        for key in keys.into_iter().filter(|key| !key.is_empty()) {
            right.keys.push((format!("{key}{name}"), vec![value.clone()]));
        }
    }
}

/// `s3:ExistingObjectTag/…`, for the actions that know it.
async fn fill_object(right: &mut Right, action: &str, call: &ApiCall, lookup: &Lookup<'_>) {
    let known = authorization("s3").and_then(|known| known.action(action));
    if !known.is_some_and(|(_, action)| action.keys.iter().any(|key| key.contains("ExistingObjectTag"))) {
        return;
    }
    let Some((bucket, key)) = object(&right.resource) else { return };
    let mut question = json!({"Bucket": bucket, "Key": key});
    if let (Some(version), Some(members)) = (text(&call.input, "VersionId"), question.as_object_mut()) {
        members.insert("VersionId".to_owned(), Value::from(version));
    }
    let found = lookup.must_know("s3", "GetObjectTagging", question).await;
    for (name, value) in found.iter().flat_map(|found| read(found.get("TagSet"))) {
        right.keys.push((format!("s3:ExistingObjectTag/{name}"), vec![value]));
    }
}

fn object(resource: &str) -> Option<(&str, &str)> {
    let (bucket, key) = resource.strip_prefix("arn:aws:s3:::")?.split_once('/')?;
    (!key.is_empty()).then_some((bucket, key))
}

async fn of_resource(prefix: &str, arn: &str, call: &ApiCall, lookup: &Lookup<'_>) -> Tags {
    if prefix == "sqs" {
        let Some(url) = text(&call.input, "QueueUrl") else { return Tags::new() };
        let found = lookup.must_know("sqs", "ListQueueTags", json!({"QueueUrl": url})).await;
        return read(found.as_deref().and_then(|found| found.get("Tags")));
    }
    if let Some(("ssm", name)) = arn.split_once(":parameter/").map(|(_, name)| (prefix, name)) {
        // AWS: a parameter in a hierarchy has a slash at its beginning, one outside of it has none.
        let name = if name.contains('/') { format!("/{name}") } else { name.to_owned() };
        let question = json!({"ResourceType": "Parameter", "ResourceId": name});
        let found = lookup.must_know("ssm", "ListTagsForResource", question).await;
        return read(found.as_deref().and_then(|found| found.get("TagList")));
    }
    let arn = arn.split_once("/index/").map_or(arn, |(table, _)| table);
    if let Some(asked) = question::find(TAGS, prefix, arn) {
        let found = lookup.must_know(asked.question.service, asked.question.operation, asked.input()).await;
        return found.iter().flat_map(|found| read(asked.found(found).first().copied())).collect();
    }
    by_model(call, arn, lookup).await
}

/// Asks the service's own ListTagsForResource, where that takes nothing but the ARN.
async fn by_model(call: &ApiCall, arn: &str, lookup: &Lookup<'_>) -> Tags {
    let Some((input, output)) = lists_tags(&call.service.name) else { return Tags::new() };
    let name: &'static str = service(&call.service.name).map_or("", |service| service.name.as_str());
    let found = lookup.must_know(name, "ListTagsForResource", json!({input: arn})).await;
    read(found.as_deref().and_then(|found| found.get(output)))
}

/// The member that ListTagsForResource of a service takes, and the one that it answers with.
fn lists_tags(name: &str) -> Option<(&'static str, &'static str)> {
    let service = service(name)?;
    let operation = service.operations.get("ListTagsForResource")?;
    let input = service.shape(operation.input?);
    let mut required = input.members().iter().filter(|member| input.is_required(&member.name));
    let member = required.next().filter(|_| required.next().is_none())?;
    let answered = service.shape(operation.output?).members().iter().find(|member| {
        let is_many = matches!(service.shape(member.shape).kind, Kind::List { .. } | Kind::Map { .. });
        is_many && member.name.to_ascii_lowercase().contains("tag")
    });
    Some((&member.name, &answered?.name))
}

/// Whether AWS knows tags of resources of this kind, for this action.
fn has_tags(prefix: &str, action: &str, arn: &str) -> bool {
    let is_tag = |key: &String| key.to_ascii_lowercase().contains("resourcetag/");
    let Some(known) = authorization(prefix) else { return false };
    let of_action = known.action(action).is_some_and(|(_, action)| action.keys.iter().any(is_tag));
    let mut kinds = known.resources.iter().filter(|(_, kind)| reference::is_like(arn, &kind.arn));
    of_action || kinds.any(|(_, kind)| kind.keys.iter().any(is_tag))
}

/// The service's own form of `aws:ResourceTag/`, where it has one.
fn own_key(prefix: &str) -> Option<String> {
    let mut keys: Vec<&String> = authorization(prefix)?.keys.keys().collect();
    keys.sort_unstable();
    let own = keys.into_iter().find_map(|key| {
        let at = key.to_ascii_lowercase().find("resourcetag/").filter(|_| !key.starts_with("aws:"))?;
        key.get(..at + "resourcetag/".len())
    });
    own.map(str::to_owned)
}

/// A map, or a list of names and values.
fn read(found: Option<&Value>) -> Tags {
    let texts = |item: &Value| {
        let one = |names: [&str; 3]| names.into_iter().find_map(|name| item.get(name)?.as_str());
        let name = one(["Key", "key", "TagKey"])?;
        Some((name.to_owned(), one(["Value", "value", "TagValue"]).unwrap_or_default().to_owned()))
    };
    match found {
        Some(Value::Object(tags)) => {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            tags.iter().map(|(name, value)| (name.clone(), text(value))).collect()
        }
        Some(Value::Array(items)) => items.iter().filter_map(texts).collect(),
        _ => Tags::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::operation;

    #[test]
    fn every_question_is_one_of_the_models() {
        for question in TAGS {
            let (service, operation) = operation(question.service, question.operation).unwrap();
            let shape = operation.input.map(|id| service.shape(id)).unwrap();
            for (member, _) in question.members {
                assert!(shape.member(member).is_some(), "{} {member}", question.operation);
            }
            let output = service.shape(operation.output.unwrap());
            assert!(output.member(question.answer).is_some(), "{} {}", question.operation, question.answer);
        }
    }

    #[test]
    fn most_services_tell_tags_by_arn() {
        let names = stepward_models::service_names();
        let telling = names.iter().filter(|name| lists_tags(name).is_some()).count();
        assert!(telling > 200, "{telling}");
        assert_eq!(lists_tags("sns"), Some(("ResourceArn", "Tags")));
        assert_eq!(lists_tags("ecs"), Some(("resourceArn", "tags")));
        assert_eq!(lists_tags("rds"), Some(("ResourceName", "TagList")));
        assert_eq!(lists_tags("s3"), None);
    }

    #[test]
    fn tags_are_read_in_every_form() {
        let expected = Tags::from([("a".to_owned(), "1".to_owned())]);
        for form in [
            json!({"a": "1"}),
            json!([{"Key": "a", "Value": "1"}]),
            json!([{"key": "a", "value": "1"}]),
            json!([{"TagKey": "a", "TagValue": "1"}]),
        ] {
            assert_eq!(read(Some(&form)), expected);
        }
        assert!(read(None).is_empty() && read(Some(&json!([{"Key": 1}]))).is_empty());
    }

    #[test]
    fn services_have_their_own_names_for_tags() {
        assert_eq!(own_key("secretsmanager").as_deref(), Some("secretsmanager:ResourceTag/"));
        assert_eq!(own_key("ecs").as_deref(), Some("ecs:ResourceTag/"));
        assert_eq!(own_key("ssm").as_deref(), Some("ssm:resourceTag/"));
        assert_eq!(own_key("sqs"), None);
        let queue = "arn:aws:sqs:us-east-1:111122223333:q";
        assert!(has_tags("sqs", "SendMessage", queue));
        assert!(has_tags("dynamodb", "GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/t"));
    }
}
