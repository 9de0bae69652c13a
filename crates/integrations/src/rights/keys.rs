//! Condition keys that follow from a call alone: what the service authorization reference names for its action, filled
//! with the members of the same name.
//!
//! What a file of a service has filled stays. A key whose value only the service knows, such as the tags of a resource,
//! is left out: AWS evaluates a key that is not there the same way everywhere.

use serde_json::{Map, Value};
use stepward_models::{Location, authorization};

use super::{Right, list, reference, text};
use crate::calls::ApiCall;

/// Keys that are called differently from the members that they are taken from. A path leads into structures.
const ALIASES: [(&str, &str); 26] = [
    ("kms:KeyOrigin", "Origin"),
    ("kms:KeySpec", "CustomerMasterKeySpec"),
    ("kms:DataKeyPairSpec", "KeyPairSpec"),
    ("kms:GrantOperations", "Operations"),
    ("kms:ScheduleKeyDeletionPendingWindowInDays", "PendingWindowInDays"),
    ("secretsmanager:AddReplicaRegions", "AddReplicaRegions.Region"),
    ("secretsmanager:KmsKeyArn", "KmsKeyId"),
    ("s3:locationconstraint", "CreateBucketConfiguration.LocationConstraint"),
    ("s3:object-lock-mode", "Retention.Mode"),
    ("s3:object-lock-legal-hold", "ObjectLockLegalHoldStatus"),
    ("s3:object-lock-legal-hold", "LegalHold.Status"),
    ("s3:InventoryAccessibleOptionalFields", "InventoryConfiguration.OptionalFields"),
    ("batch:Image", "containerProperties.image"),
    ("batch:User", "containerProperties.user"),
    ("batch:Privileged", "containerProperties.privileged"),
    ("batch:LogDriver", "containerProperties.logConfiguration.logDriver"),
    ("ecs:task-cpu", "cpu"),
    ("ecs:task-memory", "memory"),
    ("ecs:container-name", "container"),
    ("ecs:compute-compatibility", "requiresCompatibilities"),
    ("ecs:subnet", "networkConfiguration.awsvpcConfiguration.subnets"),
    ("rds:DatabaseEngine", "Engine"),
    ("rds:DatabaseClass", "DBInstanceClass"),
    ("rds:StorageSize", "AllocatedStorage"),
    ("ses:FromAddress", "FromEmailAddress"),
    ("ses:FromAddress", "Source"),
];

/// Fills the keys of a right.
pub(super) fn fill(right: &mut Right, call: &ApiCall) {
    let Some((prefix, action)) = right.action.split_once(':') else { return };
    let own = reference::prefix(call).eq_ignore_ascii_case(prefix);
    let Some((_, action)) = authorization(prefix).filter(|_| own).and_then(|known| known.action(action))
    else {
        return;
    };
    let tags = tags(&call.input);
    for key in &action.keys {
        if right.keys.iter().any(|(given, _)| given.eq_ignore_ascii_case(key)) {
            continue;
        }
        match key.as_str() {
            "aws:TagKeys" => set(right, key, tag_keys(&tags, &call.input)),
            key if key.ends_with("RequestTag/${TagKey}") => {
                let prefix = key.trim_end_matches("${TagKey}").to_owned();
                for (name, value) in &tags {
                    set(right, &format!("{prefix}{name}"), texts(value));
                }
            }
            key if key.contains("${") || key.contains('<') => {}
            // AWS: a cluster by its ARN, and the default one where none is named.
            "ecs:cluster" => {
                let cluster = text(&call.input, "cluster").unwrap_or("default");
                set(right, key, vec![call.arn("ecs", "cluster/", cluster)]);
            }
            key => set(right, key, member(key, call)),
        }
    }
}

fn set(right: &mut Right, key: &str, values: Vec<String>) {
    if !values.is_empty() {
        right.keys.push((key.to_owned(), values));
    }
}

/// The values of the member that a key is called after.
fn member(key: &str, call: &ApiCall) -> Vec<String> {
    let aliases = ALIASES.iter().filter(|(alias, _)| *alias == key);
    if let Some(found) = aliases.map(|(_, path)| at(&call.input, path)).find(|found| !found.is_empty()) {
        return found;
    }
    let name = plain(key.split_once(':').map_or(key, |(_, name)| name));
    let shape = call.operation.input.map(|id| call.service.shape(id));
    let members = shape.map(|shape| shape.members()).unwrap_or_default();
    let meant = members.iter().find(|member| {
        plain(&member.name) == name
            || (member.location == Location::Header && plain(member.wire_name()) == name)
    });
    meant.and_then(|member| call.input.get(&member.name)).map(texts).unwrap_or_default()
}

/// What lies at a path; of a list, in each of its items.
fn at(value: &Value, path: &str) -> Vec<String> {
    let Some((first, rest)) = path.split_once('.') else {
        return value.get(path).map(texts).unwrap_or_default();
    };
    match value.get(first) {
        Some(Value::Array(items)) => items.iter().flat_map(|item| at(item, rest)).collect(),
        Some(inside) => at(inside, rest),
        None => Vec::new(),
    }
}

/// Letters and digits in lower case: members and keys are the same words written differently.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(_) | Value::Bool(_) => vec![value.to_string()],
        Value::Array(items) => items.iter().filter(|item| !item.is_array()).flat_map(texts).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// The tags that a call gives to what it makes or tags: a map, or a list of names and values.
fn tags(input: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let named = |name: &&str| input.get(*name).is_some();
    let given = ["Tags", "tags", "TagList", "tagList", "TagSet", "tagSet"].into_iter().find(named);
    match given.and_then(|name| input.get(name)) {
        Some(Value::Object(map)) => found.extend(map.clone()),
        Some(Value::Array(items)) => items.iter().for_each(|item| tag(item, &mut found)),
        _ => {}
    }
    for specification in list(input, "TagSpecifications") {
        list(specification, "Tags").for_each(|item| tag(item, &mut found));
    }
    found
}

fn tag(item: &Value, into: &mut Map<String, Value>) {
    let text = |names: [&str; 3]| names.into_iter().find_map(|name| item.get(name)?.as_str());
    if let Some(key) = text(["Key", "key", "TagKey"]) {
        let value = text(["Value", "value", "TagValue"]).unwrap_or_default();
        into.insert(key.to_owned(), Value::from(value));
    }
}

fn tag_keys(tags: &Map<String, Value>, input: &Value) -> Vec<String> {
    let mut keys: Vec<String> = tags.keys().cloned().collect();
    for name in ["TagKeys", "tagKeys", "TagKeyList"] {
        keys.extend(list(input, name).filter_map(Value::as_str).map(str::to_owned));
    }
    keys
}
