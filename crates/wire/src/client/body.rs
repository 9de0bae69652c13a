//! Bodies of REST requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use stepward_models::{Kind, Location, Member, Operation, Protocol, Service, Shape};

use crate::http::HttpRequest;
use crate::timestamp::Format;
use crate::{json, xml};

/// Writes the body and says what it is, where the input has not said so.
pub(super) fn write(
    service: &Service,
    operation: &Operation,
    shape: &Shape,
    input: &Value,
    request: &mut HttpRequest,
) {
    let written = match shape.payload.as_deref().and_then(|name| shape.member(name)) {
        Some(member) => payload(service, member, input),
        None if shape.members().iter().any(|member| member.location == Location::Body) => {
            Some(members(service, operation, shape, input))
        }
        None => None,
    };
    let Some((kind, body)) = written else { return };
    request.body = body;
    if request.header("content-type").is_none() {
        request.headers.push(("content-type".to_owned(), kind.to_owned()));
    }
}

type Body = (&'static str, Vec<u8>);

/// One member is the whole body.
fn payload(service: &Service, member: &Member, input: &Value) -> Option<Body> {
    let value = input.get(&member.name).filter(|value| !value.is_null())?;
    let shape = service.shape(member.shape);
    Some(match (&shape.kind, value) {
        (Kind::Blob, Value::String(text)) => {
            ("application/octet-stream", STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes()))
        }
        (Kind::String, Value::String(text)) => ("text/plain", text.clone().into_bytes()),
        (_, value) if service.protocol == Protocol::RestXml => {
            let name = member.location_name.as_deref().or(shape.location_name.as_deref());
            let namespace = member.xml_namespace.as_deref().or(shape.xml_namespace.as_deref());
            let root = (name.unwrap_or(&shape.name), namespace);
            ("application/xml", xml::document(service, root, shape, value))
        }
        (_, value) => ("application/json", json::write(service, shape, value, Format::Epoch)),
    })
}

/// The members that are nowhere else are the body.
fn members(service: &Service, operation: &Operation, shape: &Shape, input: &Value) -> Body {
    let is_in_body = |member: &&Member| member.location == Location::Body;
    let inside: Map<String, Value> = shape
        .members()
        .iter()
        .filter(is_in_body)
        .filter_map(|member| Some((member.name.clone(), input.get(&member.name)?.clone())))
        .collect();
    let inside = Value::Object(inside);
    if service.protocol == Protocol::RestXml {
        let name = operation.input_name.as_deref().unwrap_or(&shape.name);
        let root = (name, operation.input_namespace.as_deref());
        return ("application/xml", xml::document(service, root, shape, &inside));
    }
    ("application/json", json::write(service, shape, &inside, Format::Epoch))
}
