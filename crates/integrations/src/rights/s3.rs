//! S3: buckets and objects. AWS: its actions are often not called like its operations.

use serde_json::Value;

use super::{Right, list, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let mut rights = of_operation(call)?;
    rights.extend(bypass(call, &rights));
    let tags = object_tags(&call.input);
    let owned = rights.into_iter().map(|right| {
        let takes_tags = matches!(
            right.action.as_str(),
            "s3:PutObject" | "s3:PutObjectTagging" | "s3:PutObjectVersionTagging"
        );
        let right = right.key("s3:ResourceAccount", &call.account);
        if takes_tags { tags.iter().fold(right, with_tag) } else { right }
    });
    Some(owned.collect())
}

/// AWS: who gets round the governance mode of an object lock needs a right of its own.
fn bypass(call: &ApiCall, rights: &[Right]) -> Vec<Right> {
    let is_asked = call.input.get("BypassGovernanceRetention").and_then(Value::as_bool) == Some(true);
    let objects = rights.iter().filter(|_| is_asked).map(|right| right.resource.clone());
    objects.map(|object| Right::new("s3:BypassGovernanceRetention", object)).collect()
}

/// `s3:RequestObjectTag/…` and `s3:RequestObjectTagKeys`, one tag after the other.
fn with_tag(mut right: Right, (key, value): &(String, String)) -> Right {
    let keys = "s3:RequestObjectTagKeys";
    match right.keys.iter_mut().find(|(name, _)| name == keys) {
        Some((_, names)) => names.push(key.clone()),
        None => right = right.key(keys, key),
    }
    right.key(&format!("s3:RequestObjectTag/{key}"), value)
}

/// The tags that an object gets: of a header, like a query, or of a body.
fn object_tags(input: &Value) -> Vec<(String, String)> {
    match input.get("Tagging") {
        Some(Value::String(header)) => stepward_wire::form_pairs(header),
        Some(tagging) => list(tagging, "TagSet")
            .filter_map(|tag| {
                Some((text(tag, "Key")?.to_owned(), text(tag, "Value").unwrap_or_default().to_owned()))
            })
            .collect(),
        None => Vec::new(),
    }
}

fn of_operation(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let Some(bucket) = text(input, "Bucket") else {
        let action = if name == "ListBuckets" { "ListAllMyBuckets" } else { name };
        return Some(vec![Right::new(format!("s3:{action}"), "*")]);
    };
    let bucket = bucket_arn(bucket);
    if let Some(key) = text(input, "Key") {
        return Some(of_object(name, &object_arn(&bucket, key), input));
    }
    if name == "DeleteObjects" {
        let objects = list(input.get("Delete").unwrap_or(&Value::Null), "Objects");
        let rights: Vec<Right> = objects
            .filter_map(|object| {
                let key = text(object, "Key")?;
                let action = versioned("s3:DeleteObject", object);
                Some(Right::new(action, object_arn(&bucket, key)))
            })
            .collect();
        // Without keys nothing is asked for that a key could allow.
        return Some(if rights.is_empty() {
            vec![Right::new("s3:DeleteObject", format!("{bucket}/*"))]
        } else {
            rights
        });
    }
    let mut more = if name == "CreateBucket" { new_bucket(&bucket, input) } else { Vec::new() };
    let right = Right::new(format!("s3:{}", bucket_action(name)), bucket)
        .member_key("s3:prefix", prefix(name, input))
        .member_key("s3:delimiter", input.get("Delimiter").unwrap_or(&Value::Null))
        .member_key("s3:max-keys", input.get("MaxKeys").unwrap_or(&Value::Null))
        .member_key("s3:x-amz-acl", input.get("ACL").unwrap_or(&Value::Null));
    more.insert(0, right);
    Some(more)
}

/// AWS: what a bucket is made with needs the rights that it would need later.
fn new_bucket(bucket: &str, input: &Value) -> Vec<Right> {
    let has = |name: &str| input.get(name).is_some_and(|value| !value.is_null());
    let grants = ["GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP"];
    let is_private = text(input, "ACL").is_none_or(|acl| acl == "private");
    let mut actions = Vec::new();
    if !is_private || grants.iter().any(|name| has(name)) {
        actions.push("s3:PutBucketAcl");
    }
    if input.get("ObjectLockEnabledForBucket").and_then(Value::as_bool) == Some(true) {
        actions.extend(["s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"]);
    }
    if has("ObjectOwnership") {
        actions.push("s3:PutBucketOwnershipControls");
    }
    let acl = input.get("ACL").unwrap_or(&Value::Null);
    actions.into_iter().map(|action| Right::new(action, bucket).member_key("s3:x-amz-acl", acl)).collect()
}

/// AWS: a listing without a prefix has the empty one.
fn prefix<'a>(name: &str, input: &'a Value) -> &'a Value {
    match input.get("Prefix") {
        Some(prefix) => prefix,
        None if name.starts_with("ListObject") => {
            static EMPTY: std::sync::LazyLock<Value> =
                std::sync::LazyLock::new(|| Value::String(String::new()));
            &EMPTY
        }
        None => &Value::Null,
    }
}

/// A name, or the ARN of an access point.
fn bucket_arn(bucket: &str) -> String {
    if bucket.starts_with("arn:") { bucket.to_owned() } else { format!("arn:aws:s3:::{bucket}") }
}

/// AWS: an object by way of an access point is named after that.
fn object_arn(bucket: &str, key: &str) -> String {
    let between = if bucket.contains(":accesspoint/") { "/object/" } else { "/" };
    format!("{bucket}{between}{key}")
}

fn versioned(action: &str, input: &Value) -> String {
    let has_version = text(input, "VersionId").is_some();
    if has_version { format!("{action}Version") } else { action.to_owned() }
}

fn of_object(name: &str, object: &str, input: &Value) -> Vec<Right> {
    let one = |action: &str| {
        vec![
            Right::new(format!("s3:{action}"), object)
                .member_key("s3:VersionId", input.get("VersionId").unwrap_or(&Value::Null)),
        ]
    };
    match name {
        "GetObject" | "HeadObject" | "SelectObjectContent" => one(&versioned("GetObject", input)),
        "GetObjectAttributes" => {
            let mut rights = one(&versioned("GetObject", input));
            rights.extend(one(&if text(input, "VersionId").is_some() {
                "GetObjectVersionAttributes".to_owned()
            } else {
                "GetObjectAttributes".to_owned()
            }));
            rights
        }
        "DeleteObject" => one(&versioned("DeleteObject", input)),
        "GetObjectAcl"
        | "PutObjectAcl"
        | "GetObjectTagging"
        | "PutObjectTagging"
        | "DeleteObjectTagging"
        | "GetObjectTorrent" => {
            let kind = name.split_once("Object").map_or(("", ""), |parts| parts);
            let version = if text(input, "VersionId").is_some() { "Version" } else { "" };
            one(&format!("{}Object{version}{}", kind.0, kind.1))
        }
        "PutObject" | "CreateMultipartUpload" | "CopyObject" => writing(name, object, input),
        "UploadPart" | "UploadPartCopy" | "CompleteMultipartUpload" => {
            let creates = (name == "CompleteMultipartUpload").to_string();
            let mut rights =
                vec![Right::new("s3:PutObject", object).key("s3:ObjectCreationOperation", &creates)];
            rights.extend(source(input));
            rights
        }
        "AbortMultipartUpload" => one("AbortMultipartUpload"),
        "ListParts" => one("ListMultipartUploadParts"),
        other => one(other),
    }
}

/// Writing an object, with what it brings along.
fn writing(name: &str, object: &str, input: &Value) -> Vec<Right> {
    let member = |name: &str| input.get(name).unwrap_or(&Value::Null);
    let mut rights = vec![
        Right::new("s3:PutObject", object)
            // AWS: a part or the beginning of an upload makes no object yet.
            .key("s3:ObjectCreationOperation", &(name != "CreateMultipartUpload").to_string())
            .member_key("s3:x-amz-acl", member("ACL"))
            .member_key("s3:x-amz-server-side-encryption", member("ServerSideEncryption"))
            .member_key("s3:x-amz-server-side-encryption-aws-kms-key-id", member("SSEKMSKeyId"))
            .member_key("s3:x-amz-storage-class", member("StorageClass"))
            .member_key("s3:x-amz-copy-source", member("CopySource")),
    ];
    rights.extend(source(input));
    let grants = ["ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"];
    if grants.iter().any(|name| !member(name).is_null()) {
        rights.push(Right::new("s3:PutObjectAcl", object).member_key("s3:x-amz-acl", member("ACL")));
    }
    if !member("Tagging").is_null() {
        rights.push(Right::new("s3:PutObjectTagging", object));
    }
    if !member("ObjectLockMode").is_null() || !member("ObjectLockRetainUntilDate").is_null() {
        rights.push(Right::new("s3:PutObjectRetention", object));
    }
    if !member("ObjectLockLegalHoldStatus").is_null() {
        rights.push(Right::new("s3:PutObjectLegalHold", object));
    }
    rights
}

/// What a copy is read from: `bucket/key?versionId=…`, percent-encoded.
fn source(input: &Value) -> Vec<Right> {
    let Some(given) = text(input, "CopySource") else { return Vec::new() };
    let of = |path: &str, action: &str| {
        let path = stepward_wire::percent_decode(path);
        let path = path.strip_prefix('/').unwrap_or(&path);
        let resource =
            if path.starts_with("arn:") { path.to_owned() } else { format!("arn:aws:s3:::{path}") };
        Right::new(action, resource)
    };
    let Some((path, query)) = given.split_once('?') else { return vec![of(given, "s3:GetObject")] };
    if query.strip_prefix("versionId=").is_some_and(|id| !id.contains(['&', '?'])) {
        return vec![of(path, "s3:GetObjectVersion")];
    }
    // A query that S3 does not know is a part of the key to some, and nothing to others.
    vec![of(path, "s3:GetObject"), of(path, "s3:GetObjectVersion"), of(given, "s3:GetObject")]
}

/// The action of an operation on a bucket.
fn bucket_action(name: &str) -> &str {
    match name {
        "ListObjects" | "ListObjectsV2" | "HeadBucket" => "ListBucket",
        "ListObjectVersions" => "ListBucketVersions",
        "ListMultipartUploads" => "ListBucketMultipartUploads",
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "PutBucketEncryption" | "DeleteBucketEncryption" => "PutEncryptionConfiguration",
        "GetBucketLifecycleConfiguration" | "GetBucketLifecycle" => "GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration" | "PutBucketLifecycle" | "DeleteBucketLifecycle" => {
            "PutLifecycleConfiguration"
        }
        "GetBucketReplication" => "GetReplicationConfiguration",
        "PutBucketReplication" | "DeleteBucketReplication" => "PutReplicationConfiguration",
        "DeleteBucketCors" => "PutBucketCORS",
        "GetBucketCors" => "GetBucketCORS",
        "PutBucketCors" => "PutBucketCORS",
        "DeleteBucketTagging" => "PutBucketTagging",
        "GetBucketNotificationConfiguration" => "GetBucketNotification",
        "PutBucketNotificationConfiguration" => "PutBucketNotification",
        "GetBucketAccelerateConfiguration" => "GetAccelerateConfiguration",
        "PutBucketAccelerateConfiguration" => "PutAccelerateConfiguration",
        "GetObjectLockConfiguration" => "GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration" => "PutBucketObjectLockConfiguration",
        "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "PutBucketPublicAccessBlock",
        "DeleteBucketOwnershipControls" => "PutBucketOwnershipControls",
        "GetBucketAnalyticsConfiguration" | "ListBucketAnalyticsConfigurations" => {
            "GetAnalyticsConfiguration"
        }
        "PutBucketAnalyticsConfiguration" | "DeleteBucketAnalyticsConfiguration" => {
            "PutAnalyticsConfiguration"
        }
        "GetBucketInventoryConfiguration" | "ListBucketInventoryConfigurations" => {
            "GetInventoryConfiguration"
        }
        "PutBucketInventoryConfiguration" | "DeleteBucketInventoryConfiguration" => {
            "PutInventoryConfiguration"
        }
        "GetBucketMetricsConfiguration" | "ListBucketMetricsConfigurations" => "GetMetricsConfiguration",
        "PutBucketMetricsConfiguration" | "DeleteBucketMetricsConfiguration" => "PutMetricsConfiguration",
        other => other,
    }
}
