//! KMS: keys by id, ARN or alias. AWS: the key's own policy must allow, whatever identity policies say.

use serde_json::{Value, json};

use super::{Right, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

pub(super) async fn rights(call: &ApiCall, lookup: &Lookup<'_>) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let given = text(input, "KeyId").or(text(input, "SourceKeyId")).or(text(input, "TargetKeyId"))?;
    let key = key_arn(call, lookup, given).await;
    let mut right = Right::new(format!("kms:{name}"), &key);
    if given.contains("alias/") {
        let alias = given.find("alias/").and_then(|at| given.get(at..)).unwrap_or(given);
        right = right.key("kms:RequestAlias", alias);
    }
    if name == "ReEncrypt" {
        let to = key_arn(call, lookup, text(input, "DestinationKeyId")?).await;
        let is_same = (to == key).to_string();
        let from = Right::new("kms:ReEncryptFrom", key).key("kms:ReEncryptOnSameKey", &is_same);
        let to = Right::new("kms:ReEncryptTo", to).key("kms:ReEncryptOnSameKey", &is_same);
        let (from, to) = (with_context(from, input, "Source"), with_context(to, input, "Destination"));
        return Some(vec![from, to]);
    }
    Some(vec![with_context(right, input, "")])
}

/// `kms:EncryptionContext:…` of the context that a request brings along.
fn with_context(right: Right, input: &Value, side: &str) -> Right {
    let context = input.get(format!("{side}EncryptionContext")).and_then(Value::as_object);
    let Some(context) = context else { return right };
    let right = right.keys("kms:EncryptionContextKeys", context.keys().cloned().collect());
    context
        .iter()
        .fold(right, |right, (key, value)| right.member_key(&format!("kms:EncryptionContext:{key}"), value))
}

pub(super) async fn key_arn(call: &ApiCall, lookup: &Lookup<'_>, given: &str) -> String {
    if !given.contains("alias/") {
        return call.arn("kms", "key/", given);
    }
    let described = lookup.ask("kms", "DescribeKey", json!({"KeyId": given})).await;
    let arn = described.and_then(|found| text(found.get("KeyMetadata")?, "Arn").map(str::to_owned));
    arn.unwrap_or_else(|| call.arn("kms", "", given))
}
