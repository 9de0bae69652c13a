//! Condition keys that a forwarded request tells of itself: how it was signed, and where its caller comes from.

use stepward_access::Authenticated;
use stepward_integrations::RequestKeys;
use stepward_sigv4::parse_basic;
use stepward_wire::{Call, HttpRequest};

pub(super) fn request_keys(request: &HttpRequest, call: &Call, caller: &Authenticated) -> RequestKeys {
    let mut keys = RequestKeys::new();
    if let Some(referer) = request.header("referer") {
        keys.push(("aws:Referer".to_owned(), referer.to_owned()));
    }
    if call.service.name == "s3" {
        of_s3(request, caller, &mut keys);
    }
    keys
}

fn of_s3(request: &HttpRequest, caller: &Authenticated, keys: &mut RequestKeys) {
    let mut tell = |name: &str, value: String| keys.push((format!("s3:{name}"), value));
    let parameters = request.query_parameters();
    let parameter = |name: &str| parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value);
    if let Some(sha256) = request.header("x-amz-content-sha256") {
        tell("x-amz-content-sha256", sha256.to_owned());
    } else if parameter("X-Amz-Signature").is_some() {
        tell("x-amz-content-sha256", "UNSIGNED-PAYLOAD".to_owned());
    }
    // AWS: a request that nobody signed has no type.
    if caller.access_key_id().is_none() {
        return;
    }
    tell("signatureversion", "AWS4-HMAC-SHA256".to_owned());
    let is_form = request.header("content-type").is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let kind = if request.header("authorization").is_some() {
        "REST-HEADER"
    } else if request.method == "POST" && is_form {
        "POST"
    } else {
        "REST-QUERY-STRING"
    };
    tell("authType", kind.to_owned());
    // AWS: the age of a presigned URL, in milliseconds.
    if let Some(signed_at) = parameter("X-Amz-Date").and_then(|date| parse_basic(date)) {
        tell("signatureAge", (caller.now().millis() - signed_at.millis()).max(0).to_string());
    }
}
