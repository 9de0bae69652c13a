//! What came back of an HTTP Task, as its result or its failure.

use serde_json::{Map, Value, json};

use crate::failure::TaskFailure;
use crate::outbound::Reply;

/// AWS: the longest cause of a failure.
const CAUSE_BYTES_MAX: usize = 32_768;

/// AWS: 2xx succeeds; anything else fails under the name of its status.
pub(super) fn result(reply: Reply) -> Result<Value, TaskFailure> {
    let kind = reply.headers.iter().find(|(name, _)| name == "content-type");
    let kind = kind.map(|(_, value)| value.to_ascii_lowercase()).unwrap_or_default();
    if let Some(kind) = unsupported(&kind) {
        return Err(TaskFailure::new(
            "States.Runtime",
            format!("The response has the content type {kind}, which is not supported."),
        ));
    }
    let Ok(text) = String::from_utf8(reply.body) else {
        return Err(TaskFailure::new("States.Runtime", "The response cannot be read as a text.".to_owned()));
    };
    if !(200..300).contains(&reply.status) {
        let cause = if text.is_empty() { reply.reason } else { shortened(text) };
        return Err(TaskFailure::new(format!("States.Http.StatusCode.{}", reply.status), cause));
    }
    Ok(json!({
        "Headers": headers(&reply.headers),
        "ResponseBody": body(&text, &kind),
        "StatusCode": reply.status,
        "StatusText": reply.reason,
    }))
}

/// AWS: what is no text.
fn unsupported(kind: &str) -> Option<&str> {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let is_unsupported = essence == "application/octet-stream"
        || ["image/", "video/", "audio/"].iter().any(|prefix| essence.starts_with(prefix));
    is_unsupported.then_some(essence)
}

/// Every header with the list of its values.
pub(in crate::optimized) fn headers(headers: &[(String, String)]) -> Value {
    let mut lists = Map::new();
    for (name, value) in headers {
        let list = lists.entry(name.as_str()).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!(value));
        }
    }
    Value::Object(lists)
}

/// The value that JSON says; a text where it is none.
pub(in crate::optimized) fn body(text: &str, kind: &str) -> Value {
    let parsed = serde_json::from_str::<Value>(text).ok();
    let is_json = kind.contains("json");
    let parsed = parsed.filter(|value| is_json || value.is_object() || value.is_array());
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn shortened(mut text: String) -> String {
    if text.len() > CAUSE_BYTES_MAX {
        let mut end = CAUSE_BYTES_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_json_where_it_is_said_or_plain_to_see() {
        assert_eq!(body("{\"a\": 1}", "text/plain"), json!({"a": 1}));
        assert_eq!(body("7", "application/json"), json!(7));
        assert_eq!(body("7", "text/plain"), json!("7"));
        assert_eq!(body("{", "application/json"), json!("{"));
        assert_eq!(body("", ""), json!(""));
    }

    #[test]
    fn what_is_no_text_is_not_supported() {
        assert_eq!(unsupported("image/png"), Some("image/png"));
        assert_eq!(unsupported("application/octet-stream; x=y"), Some("application/octet-stream"));
        assert_eq!(unsupported("application/json"), None);
    }

    #[test]
    fn a_cause_is_no_longer_than_aws_lets_it_be() {
        let text = shortened("ü".repeat(20_000));
        assert!(text.len() <= CAUSE_BYTES_MAX && text.ends_with('ü'));
    }
}
