//! URIs from templates: every label encoded for its place.

use serde_json::Value;
use stepward_models::{Location, Operation, Service, Shape};

use super::error::ClientError;
use crate::xml::scalar;

/// What RFC 3986 lets stand; everything else is encoded.
pub(super) fn encode(text: &str, keeps: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keeps.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The path of an operation, and the query that its template demands.
pub(super) fn uri(
    service: &Service,
    operation: &Operation,
    shape: Option<&Shape>,
    input: &Value,
) -> Result<(String, String), ClientError> {
    let (template, query) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
    let mut path = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((label, after)) = after.split_once('}') else {
            return Err(ClientError::Request(format!("The model of {} is broken", operation.name)));
        };
        path.push_str(before);
        path.push_str(&value_of(service, shape, input, label)?);
        rest = after;
    }
    path.push_str(rest);
    let path = if path.is_empty() { "/".to_owned() } else { path };
    Ok((path, query.to_owned()))
}

fn value_of(
    service: &Service,
    shape: Option<&Shape>,
    input: &Value,
    label: &str,
) -> Result<String, ClientError> {
    let (name, is_greedy) = label.strip_suffix('+').map_or((label, false), |name| (name, true));
    let members = shape.map(Shape::members).unwrap_or_default();
    let member = members
        .iter()
        .find(|member| member.location == Location::Uri && member.wire_name() == name)
        .ok_or_else(|| ClientError::Request(format!("The model has no member for {name}")))?;
    let text = match input.get(&member.name) {
        Some(value) if !value.is_null() => scalar(service.shape(member.shape), member, value),
        _ => String::new(),
    };
    // The SDK says so before it sends anything: a path with a hole would be another resource.
    if text.is_empty() {
        return Err(ClientError::Request(format!("{} cannot be empty.", member.name)));
    }
    if !is_greedy && (text == "." || text == "..") {
        return Err(ClientError::Request(format!("{} cannot be '{text}'.", member.name)));
    }
    Ok(encode(&text, if is_greedy { b"/" } else { b"" }))
}
