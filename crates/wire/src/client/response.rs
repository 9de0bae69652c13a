//! Responses of every protocol, read into values of the model.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use stepward_models::{Kind, Location, Member, Operation, Protocol, Service, Shape};

use super::error::ClientError;
use super::xml::Element;
use crate::http::HttpResponse;
use crate::query::read_scalar;
use crate::{cbor, json};

/// Reads the answer of an operation that succeeded. What the model does not know is left out.
pub fn decode_response(
    service: &Service,
    operation: &Operation,
    response: &HttpResponse,
) -> Result<Value, ClientError> {
    let Some(shape) = operation.output.map(|id| service.shape(id)) else {
        return Ok(Value::Object(Map::new()));
    };
    match service.protocol {
        Protocol::Json { .. } => json_body(service, operation, &response.body),
        Protocol::Query | Protocol::Ec2 => {
            let root = Element::parse(&response.body).ok_or_else(|| garbage("XML"))?;
            let wrapper = operation.output_wrapper.as_deref().and_then(|name| root.find(name));
            Ok(Value::Object(wrapper.unwrap_or(&root).members(service, shape)))
        }
        Protocol::RestJson | Protocol::RestXml => rest(service, operation, shape, response),
        Protocol::Cbor => match operation.output {
            Some(id) => cbor::read(service, id, &response.body).map_err(|_| garbage("CBOR")),
            None => Ok(Value::Object(Map::new())),
        },
    }
}

fn garbage(kind: &str) -> ClientError {
    ClientError::Response(format!("Unable to unmarshall response: the body is not {kind} of this operation"))
}

fn json_body(service: &Service, operation: &Operation, body: &[u8]) -> Result<Value, ClientError> {
    let Some(id) = operation.output else { return Ok(Value::Object(Map::new())) };
    let parsed = json::parse(body).map_err(|_| garbage("JSON"))?;
    // Some services answer operations without an output with null or an empty list.
    let parsed = if parsed.is_object() { parsed } else { return Err(garbage("JSON")) };
    json::read(service, id, parsed, "").map_err(|_| garbage("JSON"))
}

fn rest(
    service: &Service,
    operation: &Operation,
    shape: &Shape,
    response: &HttpResponse,
) -> Result<Value, ClientError> {
    let mut fields = rest_body(service, operation, shape, response)?;
    for member in shape.members() {
        let target = service.shape(member.shape);
        let value = match member.location {
            Location::Header => {
                response.header(member.wire_name()).and_then(|text| header(service, member, target, text))
            }
            Location::Headers => headers(member, response),
            Location::StatusCode => Some(json!(response.status)),
            Location::Body | Location::Uri | Location::QueryString => None,
        };
        if let Some(value) = value {
            fields.insert(member.name.clone(), value);
        }
    }
    Ok(Value::Object(fields))
}

fn rest_body(
    service: &Service,
    operation: &Operation,
    shape: &Shape,
    response: &HttpResponse,
) -> Result<Map<String, Value>, ClientError> {
    let is_xml = service.protocol == Protocol::RestXml;
    if let Some(member) = shape.payload.as_deref().and_then(|name| shape.member(name)) {
        let value = payload(service, member, response)?;
        return Ok(value.map(|value| (member.name.clone(), value)).into_iter().collect());
    }
    let is_in_body = |member: &Member| member.location == Location::Body;
    if !shape.members().iter().any(is_in_body) || response.body.is_empty() {
        return Ok(Map::new());
    }
    if is_xml {
        let root = Element::parse(&response.body).ok_or_else(|| garbage("XML"))?;
        let mut members = root.members(service, shape);
        members.retain(|name, _| shape.member(name).is_some_and(is_in_body));
        // S3's GetBucketLocation: the root is the only member.
        let only = shape.members().iter().find(|member| member.wire_name() == root.name);
        if let (Some(only), true) = (only, root.children.is_empty() && !root.text.is_empty()) {
            members.insert(only.name.clone(), json!(root.text));
        }
        return Ok(members);
    }
    match json_body(service, operation, &response.body)? {
        Value::Object(mut members) => {
            members.retain(|name, _| shape.member(name).is_some_and(is_in_body));
            Ok(members)
        }
        _ => Ok(Map::new()),
    }
}

/// The member that is the whole body.
fn payload(
    service: &Service,
    member: &Member,
    response: &HttpResponse,
) -> Result<Option<Value>, ClientError> {
    let shape = service.shape(member.shape);
    let body = &response.body;
    Ok(match shape.kind {
        Kind::Blob => Some(json!(STANDARD.encode(body))),
        Kind::String => Some(json!(String::from_utf8_lossy(body))),
        _ if body.is_empty() => None,
        _ if service.protocol == Protocol::RestXml => {
            let root = Element::parse(body).ok_or_else(|| garbage("XML"))?;
            Some(Value::Object(root.members(service, shape)))
        }
        _ => {
            let parsed = json::parse(body).map_err(|_| garbage("JSON"))?;
            Some(json::read(service, member.shape, parsed, "").map_err(|_| garbage("JSON"))?)
        }
    })
}

fn header(service: &Service, member: &Member, shape: &Shape, text: &str) -> Option<Value> {
    match &shape.kind {
        Kind::List { member: item } => {
            let shape = service.shape(item.shape);
            text.split(',')
                .map(|part| read_scalar(shape, part.trim()).ok())
                .collect::<Option<_>>()
                .map(Value::Array)
        }
        Kind::String if member.is_json_value => {
            let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Some(json!(decoded.unwrap_or_else(|| text.to_owned())))
        }
        _ => read_scalar(shape, text).ok(),
    }
}

fn headers(member: &Member, response: &HttpResponse) -> Option<Value> {
    let prefix = member.wire_name().to_ascii_lowercase();
    let found: Map<String, Value> = response
        .headers
        .iter()
        .filter_map(|(name, value)| {
            let rest = name.to_ascii_lowercase().strip_prefix(&prefix)?.to_owned();
            Some((rest, json!(value)))
        })
        .collect();
    (!found.is_empty()).then_some(Value::Object(found))
}
