//! REST messages: labels in the path, members in the query and the headers, the rest in the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use stepward_models::{Kind, Location, Member, Operation, Service, Shape};

use crate::error::ApiError;
use crate::http::{HttpRequest, HttpResponse, percent_decode};
use crate::query::read_scalar;
use crate::route::Call;
use crate::timestamp::Format;
use crate::{json, xml};

/// The operation whose method and URI template match; the most specific one when several do.
pub(crate) fn route(service: &'static Service, request: &HttpRequest) -> Option<Call> {
    let parameters = request.query_parameters();
    let candidates = service.operations.values().filter(|operation| operation.method == request.method);
    let matching = candidates.filter_map(|operation| {
        let labels = match_uri(operation, &request.path, &parameters)?;
        let told = demands_met(service, operation, request, &parameters);
        Some(((specificity(&operation.uri), told), operation, labels))
    });
    let (_, operation, labels) =
        matching.max_by_key(|(told, operation, _)| (*told, operation.name.clone()))?;
    Some(Call { service, operation, protocol: service.protocol, labels })
}

/// Literal parts count, and so do the parameters that a template demands.
fn specificity(uri: &str) -> usize {
    let literals =
        uri.split(['/', '?', '&']).filter(|part| !part.is_empty() && !part.starts_with('{')).count();
    literals * 2 + usize::from(!uri.contains('+'))
}

/// Whether the parameters and headers that an operation requires are there, and how many those are: S3's operations
/// on objects differ in nothing else.
fn demands_met(
    service: &Service,
    operation: &Operation,
    request: &HttpRequest,
    parameters: &[(String, String)],
) -> (bool, usize) {
    let Some(shape) = operation.input.map(|id| service.shape(id)) else { return (true, 0) };
    let required = shape.members().iter().filter(|member| shape.is_required(&member.name));
    let met: Vec<bool> = required
        .filter_map(|member| match member.location {
            Location::QueryString => Some(parameters.iter().any(|(name, _)| name == member.wire_name())),
            Location::Header => Some(request.header(&member.wire_name().to_ascii_lowercase()).is_some()),
            _ => None,
        })
        .collect();
    (met.iter().all(|met| *met), met.iter().filter(|met| **met).count())
}

fn match_uri(
    operation: &Operation,
    path: &str,
    parameters: &[(String, String)],
) -> Option<Vec<(String, String)>> {
    let (template, demanded) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
    for demand in demanded.split('&').filter(|demand| !demand.is_empty()) {
        let (name, value) = demand.split_once('=').unwrap_or((demand, ""));
        let given = parameters.iter().find(|(given, _)| given == name)?;
        if !value.is_empty() && given.1 != value {
            return None;
        }
    }
    let mut labels = Vec::new();
    // A slash at the end belongs to what a greedy label takes: `folder/` is another object than `folder`.
    let path = if template.contains("+}") { path } else { path.trim_end_matches('/') };
    let mut given = path.split('/').peekable();
    for part in template.trim_end_matches('/').split('/') {
        let label = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        match label {
            Some(greedy) if greedy.ends_with('+') => {
                let rest = given.by_ref().collect::<Vec<&str>>().join("/");
                if rest.is_empty() {
                    return None;
                }
                labels.push((greedy.trim_end_matches('+').to_owned(), percent_decode(&rest)));
            }
            Some(label) => {
                let value = given.next().filter(|value| !value.is_empty())?;
                labels.push((label.to_owned(), percent_decode(value)));
            }
            None => {
                given.next().filter(|value| *value == part)?;
            }
        }
    }
    given.peek().is_none().then_some(labels)
}

/// Reads the input of an operation.
pub(crate) fn read(call: &Call, shape: &Shape, request: &HttpRequest) -> Result<Value, ApiError> {
    let fields = read_body(call, shape, request)?;
    read_head(call, shape, request, fields)
}

/// Reads the input of an operation whose body is XML, or bytes that are not looked at.
pub(crate) fn read_with_xml(call: &Call, shape: &Shape, request: &HttpRequest) -> Result<Value, ApiError> {
    let fields = crate::client::xml_members(call.service, shape, &request.body).ok_or_else(|| {
        let text =
            "The XML you provided was not well-formed or did not validate against our published schema";
        ApiError::new("MalformedXML", text).with_status(400)
    })?;
    read_head(call, shape, request, fields)
}

/// What stands in the path, the query and the headers.
fn read_head(
    call: &Call,
    shape: &Shape,
    request: &HttpRequest,
    mut fields: Map<String, Value>,
) -> Result<Value, ApiError> {
    let service = call.service;
    let parameters = request.query_parameters();
    for member in shape.members() {
        let target = service.shape(member.shape);
        let value = match member.location {
            Location::Uri => {
                let label = call.labels.iter().find(|(name, _)| name == member.wire_name());
                label.map(|(_, text)| read_scalar(target, text)).transpose()?
            }
            Location::QueryString => read_parameters(service, member, &parameters)?,
            Location::Header => {
                let name = member.wire_name().to_ascii_lowercase();
                request.header(&name).map(|text| read_header(member, target, text)).transpose()?
            }
            Location::Headers => Some(read_headers(member, request)),
            Location::Body | Location::StatusCode => None,
        };
        if let Some(value) = value {
            fields.insert(member.name.clone(), value);
        }
    }
    Ok(Value::Object(fields))
}

fn read_body(call: &Call, shape: &Shape, request: &HttpRequest) -> Result<Map<String, Value>, ApiError> {
    let service = call.service;
    if let Some(member) = shape.payload.as_deref().and_then(|name| shape.member(name)) {
        let target = service.shape(member.shape);
        if request.body.is_empty() {
            return Ok(Map::new());
        }
        let value = match target.kind {
            Kind::Blob => Value::String(STANDARD.encode(&request.body)),
            Kind::String => Value::String(String::from_utf8_lossy(&request.body).into_owned()),
            _ => json::read(service, member.shape, json::parse(&request.body)?, &member.name)?,
        };
        return Ok(Map::from_iter([(member.name.clone(), value)]));
    }
    let has_body_members = shape.members().iter().any(|member| member.location == Location::Body);
    if !has_body_members {
        return Ok(Map::new());
    }
    let Some(id) = call.operation.input else { return Ok(Map::new()) };
    match json::read(service, id, json::parse(&request.body)?, "")? {
        Value::Object(mut fields) => {
            // A member that belongs elsewhere is not taken from the body.
            fields
                .retain(|name, _| shape.member(name).is_some_and(|member| member.location == Location::Body));
            Ok(fields)
        }
        _ => Ok(Map::new()),
    }
}

fn read_parameters(
    service: &Service,
    member: &Member,
    parameters: &[(String, String)],
) -> Result<Option<Value>, ApiError> {
    let target = service.shape(member.shape);
    let mut given = parameters.iter().filter(|(name, _)| name == member.wire_name()).map(|(_, value)| value);
    match &target.kind {
        Kind::List { member: item } => {
            let items: Vec<Value> =
                given.map(|text| read_scalar(service.shape(item.shape), text)).collect::<Result<_, _>>()?;
            Ok((!items.is_empty()).then_some(Value::Array(items)))
        }
        _ => given.next().map(|text| read_scalar(target, text)).transpose(),
    }
}

fn read_header(member: &Member, shape: &Shape, text: &str) -> Result<Value, ApiError> {
    if member.is_json_value {
        let decoded = STANDARD.decode(text).map_err(|_| json::serialization("A header is not base64."))?;
        return Ok(Value::String(String::from_utf8_lossy(&decoded).into_owned()));
    }
    read_scalar(shape, text)
}

fn read_headers(member: &Member, request: &HttpRequest) -> Value {
    let prefix = member.wire_name().to_ascii_lowercase();
    let named = request.headers.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix(&prefix)?.to_owned(), Value::String(value.clone())))
    });
    Value::Object(named.collect())
}

/// Writes the output of an operation.
pub(crate) fn write(service: &Service, operation: &Operation, output: &Value) -> HttpResponse {
    let mut response = HttpResponse { status: operation.status, ..HttpResponse::default() };
    let Some(shape) = operation.output.map(|id| service.shape(id)) else { return response };
    for member in shape.members() {
        let Some(value) = output.get(&member.name).filter(|value| !value.is_null()) else { continue };
        match member.location {
            Location::Header => {
                let text = xml::scalar(service.shape(member.shape), member, value);
                response.headers.push((member.wire_name().to_ascii_lowercase(), text));
            }
            Location::Headers => {
                let fields = value.as_object().into_iter().flatten();
                response.headers.extend(fields.filter_map(|(name, value)| {
                    Some((
                        format!("{}{name}", member.wire_name()).to_ascii_lowercase(),
                        value.as_str()?.to_owned(),
                    ))
                }));
            }
            Location::StatusCode => {
                let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
                response.status = status.unwrap_or(operation.status);
            }
            Location::Body | Location::Uri | Location::QueryString => {}
        }
    }
    write_body(service, shape, output, &mut response);
    response
}

fn write_body(service: &Service, shape: &Shape, output: &Value, response: &mut HttpResponse) {
    if let Some(member) = shape.payload.as_deref().and_then(|name| shape.member(name)) {
        let Some(value) = output.get(&member.name) else { return };
        let target = service.shape(member.shape);
        response.body = match (&target.kind, value) {
            (Kind::Blob, Value::String(text)) => STANDARD.decode(text).unwrap_or_default(),
            (Kind::String, Value::String(text)) => text.clone().into_bytes(),
            _ => json::write(service, target, value, Format::Epoch),
        };
        return;
    }
    let in_body: Vec<&Member> =
        shape.members().iter().filter(|member| member.location == Location::Body).collect();
    if in_body.is_empty() {
        return;
    }
    let Value::Object(fields) = output else { return };
    response.headers.push(("content-type".to_owned(), "application/json".to_owned()));
    response.body = json::write_members(service, in_body, fields, Format::Epoch);
}
