//! Rights on KMS keys that a service uses in its caller's name. AWS: who writes an object under a key of theirs needs the
//! right to use the key, and the key's policy may ask which service it is used through.

use serde_json::{Value, json};

use super::{Right, kms, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

/// A use of a key: by which action, for what.
type Use<'a> = (&'static str, Vec<(&'static str, &'a str)>);

/// The rights on keys that a call needs beside those that `found` has.
pub(super) async fn rights(call: &ApiCall, found: &[Right], lookup: &Lookup<'_>) -> Vec<Right> {
    let Some(resource) = found.first().map(|right| right.resource.as_str()) else { return Vec::new() };
    let Some((key, uses)) = used(call, resource, lookup).await else { return Vec::new() };
    // AWS: keys that it manages for a service let everybody use them through that service.
    let name = key.rsplit(':').next().unwrap_or(&key);
    if name.starts_with("alias/aws/") {
        return Vec::new();
    }
    let arn = kms::key_arn(call, lookup, &key).await;
    let service = call.service.endpoint_prefix.as_str();
    let via = format!("{service}.{}.amazonaws.com", call.region);
    let called = format!("{service}.amazonaws.com");
    let right = |(action, context): Use<'_>| {
        let right = Right::new(action, &arn)
            .key("kms:ViaService", &via)
            .key("kms:CallerAccount", lookup.caller_account())
            .key("aws:ViaAWSService", "true")
            .key("aws:CalledVia", &called)
            .key("aws:CalledViaFirst", &called)
            .key("aws:CalledViaLast", &called);
        let names = context.iter().map(|(name, _)| (*name).to_owned()).collect();
        let right = right.keys("kms:EncryptionContextKeys", names);
        context
            .iter()
            .fold(right, |right, (name, value)| right.key(&format!("kms:EncryptionContext:{name}"), value))
    };
    uses.into_iter().map(right).collect()
}

/// The key that a call uses, and what for.
async fn used<'a>(call: &ApiCall, resource: &'a str, lookup: &Lookup<'_>) -> Option<(String, Vec<Use<'a>>)> {
    let input = &call.input;
    let key = |name: &str| text(input, name).map(str::to_owned);
    match (call.service.name.as_str(), call.operation.name.as_str()) {
        ("s3", "PutObject" | "CopyObject" | "CreateMultipartUpload") => {
            text(input, "ServerSideEncryption").filter(|kind| kind.starts_with("aws:kms"))?;
            // AWS: with a key of the bucket's, the context is the bucket.
            let is_of_bucket = input.get("BucketKeyEnabled") == Some(&Value::Bool(true));
            let bucket = resource.split('/').next().unwrap_or(resource);
            let context = vec![("aws:s3:arn", if is_of_bucket { bucket } else { resource })];
            let mut uses = vec![("kms:GenerateDataKey", context.clone())];
            if call.operation.name == "CreateMultipartUpload" {
                uses.push(("kms:Decrypt", context));
            }
            Some((key("SSEKMSKeyId")?, uses))
        }
        ("ssm", "PutParameter") => {
            text(input, "Type").filter(|kind| *kind == "SecureString")?;
            let is_advanced = text(input, "Tier") == Some("Advanced");
            let action = if is_advanced { "kms:GenerateDataKey" } else { "kms:Encrypt" };
            Some((key("KeyId")?, vec![(action, vec![("PARAMETER_ARN", resource)])]))
        }
        ("secretsmanager", "CreateSecret" | "UpdateSecret") => {
            Some((key("KmsKeyId")?, vec![("kms:GenerateDataKey", vec![]), ("kms:Decrypt", vec![])]))
        }
        ("secretsmanager", "GetSecretValue") => {
            let described =
                lookup.ask("secretsmanager", "DescribeSecret", json!({"SecretId": resource})).await?;
            let key = text(&described, "KmsKeyId")?.to_owned();
            Some((key, vec![("kms:Decrypt", vec![("SecretARN", resource)])]))
        }
        _ => None,
    }
}
