//! Requests of every protocol.

use serde_json::{Value, json};
use stepward_models::{Kind, Location, Member, Operation, Protocol, Service, Shape, ShapeId};

use super::body;
use super::error::ClientError;
use super::form;
use super::labels::uri;
use crate::cbor;
use crate::http::{HttpRequest, percent_encode};
use crate::json::write;
use crate::timestamp::{self, Format};
use crate::xml::scalar;

/// Writes the request of an operation, without host and signature. Members have the names of the model.
pub fn encode_request(
    service: &Service,
    operation: &Operation,
    input: &Value,
) -> Result<HttpRequest, ClientError> {
    match service.protocol {
        Protocol::Json { minor } => Ok(json_request(service, operation, input, minor)),
        Protocol::Query => Ok(form_request(form::write(service, operation, input, false))),
        Protocol::Ec2 => Ok(form_request(form::write(service, operation, input, true))),
        Protocol::RestJson | Protocol::RestXml => rest_request(service, operation, input),
        Protocol::Cbor => Ok(cbor_request(service, operation, input)),
    }
}

fn json_request(service: &Service, operation: &Operation, input: &Value, minor: u8) -> HttpRequest {
    let written = operation.input.map(|id| write(service, service.shape(id), input, Format::Epoch));
    let target = service.target_prefix.as_deref().unwrap_or_default();
    HttpRequest {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![
            ("content-type".to_owned(), format!("application/x-amz-json-1.{minor}")),
            ("x-amz-target".to_owned(), format!("{target}.{}", operation.name)),
        ],
        body: written.unwrap_or_else(|| b"{}".to_vec()),
    }
}

/// AWS: an operation without an input has no body.
fn cbor_request(service: &Service, operation: &Operation, input: &Value) -> HttpRequest {
    let named = service.target_prefix.as_deref().unwrap_or_default();
    let header = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut headers =
        [(cbor::PROTOCOL_HEADER, cbor::PROTOCOL), ("accept", cbor::CONTENT_TYPE)].map(header).to_vec();
    let body = operation.input.map(|id| cbor::write(service, service.shape(id), input));
    if body.is_some() {
        headers.push(header(("content-type", cbor::CONTENT_TYPE)));
    }
    HttpRequest {
        method: "POST".to_owned(),
        path: format!("/service/{}/operation/{}", percent_encode(named, b""), operation.name),
        query: String::new(),
        headers,
        body: body.unwrap_or_default(),
    }
}

fn form_request(body: String) -> HttpRequest {
    let kind = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
    HttpRequest {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![("content-type".to_owned(), kind)],
        body: body.into_bytes(),
    }
}

fn rest_request(service: &Service, operation: &Operation, input: &Value) -> Result<HttpRequest, ClientError> {
    let shape = operation.input.map(|id| service.shape(id));
    let (path, query) = uri(service, operation, shape, input)?;
    let mut request =
        HttpRequest { method: operation.method.clone(), path, query, headers: Vec::new(), body: Vec::new() };
    let members = shape.map(Shape::members).unwrap_or_default();
    for member in members {
        let Some(value) = input.get(&member.name).filter(|value| !value.is_null()) else { continue };
        match member.location {
            Location::QueryString => query_member(service, member, value, &mut request.query),
            Location::Header => {
                let text = header_text(service, member, value);
                if !text.is_empty() {
                    push_header(member, member.wire_name(), text, &mut request)?;
                }
            }
            Location::Headers => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let text = value.as_str().unwrap_or_default().to_owned();
                    push_header(member, &format!("{}{name}", member.wire_name()), text, &mut request)?;
                }
            }
            Location::Body | Location::Uri | Location::StatusCode => {}
        }
    }
    if let Some(shape) = shape {
        body::write(service, operation, shape, input, &mut request);
    }
    Ok(request)
}

fn query_member(service: &Service, member: &Member, value: &Value, query: &mut String) {
    let shape = service.shape(member.shape);
    let mut add = |name: &str, text: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&format!("{}={}", percent_encode(name, b""), percent_encode(text, b"")));
    };
    match (&shape.kind, value) {
        (Kind::List { member: item }, Value::Array(items)) => {
            let shape = service.shape(item.shape);
            items.iter().for_each(|value| add(member.wire_name(), &scalar(shape, item, value)));
        }
        (Kind::Map { value: item, .. }, Value::Object(fields)) => {
            let shape = service.shape(item.shape);
            for (name, value) in fields {
                match value {
                    Value::Array(items) => {
                        items.iter().for_each(|value| add(name, value.as_str().unwrap_or_default()));
                    }
                    value => add(name, &scalar(shape, item, value)),
                }
            }
        }
        (_, value) => add(member.wire_name(), &scalar(shape, member, value)),
    }
}

fn header_text(service: &Service, member: &Member, value: &Value) -> String {
    use base64::Engine as _;
    let shape = service.shape(member.shape);
    match (&shape.kind, value) {
        (Kind::Timestamp, Value::Number(seconds)) => {
            let named = member.timestamp_format.as_deref().or(shape.timestamp_format.as_deref());
            timestamp::write(seconds.as_f64().unwrap_or_default(), Format::named(named, Format::Rfc822))
        }
        (Kind::List { member: item }, Value::Array(items)) => {
            let shape = service.shape(item.shape);
            items.iter().map(|value| scalar(shape, item, value)).collect::<Vec<_>>().join(",")
        }
        (_, Value::String(text)) if member.is_json_value => {
            base64::engine::general_purpose::STANDARD.encode(text)
        }
        (_, value) => scalar(shape, member, value),
    }
}

/// A header's value is one line, and its name is a name: nothing that a value holds begins another header.
fn push_header(
    member: &Member,
    name: &str,
    value: String,
    request: &mut HttpRequest,
) -> Result<(), ClientError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(is_token);
    let is_value = value.bytes().all(|byte| byte == b'\t' || byte >= 0x20 && byte != 0x7f);
    if !is_name || !is_value {
        let text = format!(
            "{} cannot be sent in a header: it has characters that headers cannot have.",
            member.name
        );
        return Err(ClientError::Request(text));
    }
    request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    Ok(())
}

/// Gives the members that make a request safe to repeat the values that the SDK would give them.
pub fn fill_idempotency_tokens(service: &Service, input: Option<ShapeId>, value: &mut Value, token: &str) {
    let members = input.map(|id| service.shape(id).members()).unwrap_or_default();
    let Some(fields) = value.as_object_mut() else { return };
    for member in members.iter().filter(|member| member.is_idempotency_token) {
        fields.entry(member.name.clone()).or_insert_with(|| json!(token));
    }
}
