//! URIs from templates: every label encoded for its place.

use serde_json::Value;
use stepward_models::{Location, Operation, Service, Shape};

use super::error::ClientError;
use crate::http::percent_encode;
use crate::xml::scalar;

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
    // Somebody on the way may resolve them, and a bucket with a slash is an object to some: what was authorized is not.
    let is_dots = |part: &str| matches!(part, "." | "..");
    let leads_elsewhere = text.split('/').any(is_dots);
    let is_bucket = service.name == "s3" && name == "Bucket" && !text.starts_with("arn:");
    if leads_elsewhere || (is_bucket && text.contains('/')) {
        return Err(ClientError::Request(format!("{} cannot be '{text}'.", member.name)));
    }
    Ok(percent_encode(&text, if is_greedy { b"/" } else { b"" }))
}
