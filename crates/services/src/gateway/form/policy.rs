//! The policy of a form: until when it holds, and what the form's fields must be (AWS: POST policy).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use stepward_types::Timestamp;
use stepward_wire::ApiError;

use super::multipart::Form;
use crate::gateway::s3_error::invalid;

/// Fields that need no condition.
const FREE: [&str; 4] = ["policy", "x-amz-signature", "file", "awsaccesskeyid"];

/// Refuses a form that its policy does not allow.
pub(super) fn check(encoded: &str, form: &Form<'_>, bucket: &str, now: Timestamp) -> Result<(), ApiError> {
    let malformed = |text: &str| invalid("InvalidPolicyDocument", &format!("Invalid Policy: {text}"));
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| malformed("Invalid Base64 Encoding."))?;
    let policy: Value = serde_json::from_slice(&decoded).map_err(|_| malformed("Invalid JSON."))?;
    let expiration = policy.get("expiration").and_then(Value::as_str);
    let expiration = expiration.and_then(|text| Timestamp::parse_rfc3339(text).ok());
    if expiration.ok_or_else(|| malformed("Policy missing expiration."))? <= now {
        return Err(refused("Policy expired."));
    }
    let conditions = policy.get("conditions").and_then(Value::as_array);
    let conditions = conditions.ok_or_else(|| malformed("Policy missing conditions."))?;
    let mut named = Vec::new();
    for condition in conditions {
        one(condition, form, bucket, &mut named)?;
    }
    let extra = form.fields().map(|(name, _)| name).find(|name| {
        !FREE.contains(name) && !name.starts_with("x-ignore-") && !named.iter().any(|known| known == name)
    });
    extra.map_or(Ok(()), |name| Err(refused(&format!("Extra input fields: {name}"))))
}

fn refused(text: &str) -> ApiError {
    ApiError::new("AccessDenied", format!("Invalid according to Policy: {text}")).with_status(403)
}

/// `{"field": "value"}`, `["eq", "$field", "value"]`, `["starts-with", …]` or `["content-length-range", from, to]`.
fn one(condition: &Value, form: &Form<'_>, bucket: &str, named: &mut Vec<String>) -> Result<(), ApiError> {
    let failed = || refused(&format!("Policy Condition failed: {condition}"));
    if let Some(fields) = condition.as_object() {
        for (name, value) in fields {
            let name = name.to_ascii_lowercase();
            let is_met =
                value.as_str().is_some_and(|value| given(&name, form, bucket).as_deref() == Some(value));
            named.push(name);
            is_met.then_some(()).ok_or_else(failed)?;
        }
        return Ok(());
    }
    let parts = condition.as_array().map(Vec::as_slice).unwrap_or_default();
    let [operator, first, second] = parts else { return Err(failed()) };
    let operator = operator.as_str().unwrap_or_default().to_ascii_lowercase();
    if operator == "content-length-range" {
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        let (from, to) = number(first).zip(number(second)).ok_or_else(failed)?;
        let length = form.file().len() as u64;
        return if length > to {
            Err(invalid("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"))
        } else if length < from {
            Err(invalid("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"))
        } else {
            Ok(())
        };
    }
    let name =
        first.as_str().and_then(|name| name.strip_prefix('$')).ok_or_else(failed)?.to_ascii_lowercase();
    let (wanted, value) = second.as_str().zip(given(&name, form, bucket)).ok_or_else(failed)?;
    named.push(name);
    let is_met = match operator.as_str() {
        "eq" => value == wanted,
        "starts-with" => value.starts_with(wanted),
        _ => false,
    };
    is_met.then_some(()).ok_or_else(failed)
}

/// What a form says; the bucket is that of the request.
fn given(name: &str, form: &Form<'_>, bucket: &str) -> Option<String> {
    match name {
        "bucket" => Some(bucket.to_owned()),
        "key" => form.key().ok(),
        name => form.field(name).map(str::to_owned),
    }
}
