//! Smithy RPC v2 CBOR: bodies read into values of the model, written from them.
//!
//! The subset of RFC 8949 that the protocol uses is a page of code; a library would bring values of its own between the
//! bytes and ours, and limits that are not ours.

mod item;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use stepward_models::{Kind, Member, Service, Shape, ShapeId};

use crate::http::HttpRequest;
use crate::path::Path;
use item::{Item, Writer};

pub(crate) const PROTOCOL_HEADER: &str = "smithy-protocol";
pub(crate) const PROTOCOL: &str = "rpc-v2-cbor";
pub(crate) const CONTENT_TYPE: &str = "application/cbor";

/// Whether a request says that it speaks this protocol.
pub fn is_spoken(request: &HttpRequest) -> bool {
    request.header(PROTOCOL_HEADER) == Some(PROTOCOL)
}

/// Reads a body; an empty one is an empty object. Fails with what is wrong with it, and where.
pub(crate) fn read(service: &Service, shape: ShapeId, body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    read_at(service, shape, Item::parse(body)?, &Path::Root)
}

/// Reads a body that no model describes: an error.
pub(crate) fn read_plain(body: &[u8]) -> Option<Value> {
    Item::parse(body).ok().map(plain)
}

/// A value as it goes over the wire, nulls left out.
pub(crate) fn write(service: &Service, shape: &Shape, value: &Value) -> Vec<u8> {
    let mut writer = Writer::default();
    write_at(service, shape, value, &mut writer);
    writer.into_bytes()
}

/// The same of a value that no model describes.
pub(crate) fn write_plain(value: &Value) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.plain(value);
    writer.into_bytes()
}

fn read_at(service: &Service, id: ShapeId, item: Item, path: &Path<'_>) -> Result<Value, String> {
    let shape = service.shape(id);
    let wrong = |expected: &str| Err(format!("Expected {expected} at '{}'.", path.in_model()));
    match (&shape.kind, item) {
        (Kind::Structure { is_document: true, .. }, item) => Ok(plain(item)),
        (Kind::Structure { members, .. }, Item::Map(fields)) => {
            read_structure(service, members, fields, path).map(Value::Object)
        }
        (Kind::List { member }, Item::List(items)) => {
            let present = items.into_iter().filter(|item| !matches!(item, Item::Null));
            present.map(|item| read_at(service, member.shape, item, path)).collect()
        }
        (Kind::Map { value, .. }, Item::Map(fields)) => {
            let read = |(name, item)| Ok((name, read_at(service, value.shape, item, path)?));
            fields.into_iter().map(read).collect::<Result<_, String>>().map(Value::Object)
        }
        (Kind::String, Item::Text(text)) => Ok(Value::String(text)),
        (Kind::Blob, Item::Bytes(bytes)) => Ok(Value::String(STANDARD.encode(bytes))),
        (Kind::Boolean, Item::Boolean(value)) => Ok(Value::Bool(value)),
        (Kind::Integer | Kind::Long, Item::Integer(number)) => Ok(Value::Number(number)),
        (Kind::Float | Kind::Double, Item::Integer(number)) => Ok(Value::Number(number)),
        (Kind::Float | Kind::Double, Item::Float(number)) => Ok(float(number)),
        (Kind::Timestamp, Item::Time(seconds)) => Ok(Value::from(seconds)),
        (Kind::Structure { .. } | Kind::Map { .. }, _) => wrong("a map"),
        (Kind::List { .. }, _) => wrong("an array"),
        (Kind::String, _) => wrong("a text string"),
        (Kind::Blob, _) => wrong("a byte string"),
        (Kind::Boolean, _) => wrong("true or false"),
        (Kind::Integer | Kind::Long, _) => wrong("an integer"),
        (Kind::Float | Kind::Double, _) => wrong("a number"),
        (Kind::Timestamp, _) => wrong("a timestamp: seconds under tag 1"),
    }
}

fn read_structure(
    service: &Service,
    members: &[Member],
    fields: Vec<(String, Item)>,
    path: &Path<'_>,
) -> Result<Map<String, Value>, String> {
    let mut read = Map::with_capacity(fields.len().min(members.len()));
    for (name, item) in fields {
        let member = members.iter().find(|member| member.wire_name() == name);
        let Some(member) = member.filter(|_| !matches!(item, Item::Null)) else { continue };
        let path = Path::Member(path, &member.name);
        read.insert(member.name.clone(), read_at(service, member.shape, item, &path)?);
    }
    Ok(read)
}

/// JSON has no numbers for these: they are written as AWS's JSON protocols write them.
fn float(number: f64) -> Value {
    let named = if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    };
    serde_json::Number::from_f64(number).map_or_else(|| Value::from(named), Value::Number)
}

fn plain(item: Item) -> Value {
    match item {
        Item::Integer(number) => Value::Number(number),
        Item::Float(number) => float(number),
        Item::Time(seconds) => Value::from(seconds),
        Item::Text(text) => Value::String(text),
        Item::Bytes(bytes) => Value::String(STANDARD.encode(bytes)),
        Item::List(items) => items.into_iter().map(plain).collect(),
        Item::Map(fields) => {
            Value::Object(fields.into_iter().map(|(name, item)| (name, plain(item))).collect())
        }
        Item::Boolean(value) => Value::Bool(value),
        Item::Null => Value::Null,
    }
}

fn write_at(service: &Service, shape: &Shape, value: &Value, writer: &mut Writer) {
    match (&shape.kind, value) {
        (Kind::Structure { is_document: false, members, .. }, Value::Object(fields)) => {
            let present = members.iter().filter_map(|member| {
                let value = fields.get(&member.name).filter(|value| !value.is_null())?;
                Some((member, value))
            });
            writer.map(present.clone().count());
            for (member, value) in present {
                writer.text(member.wire_name());
                write_at(service, service.shape(member.shape), value, writer);
            }
        }
        (Kind::List { member }, Value::Array(items)) => {
            let shape = service.shape(member.shape);
            writer.list(items.len());
            items.iter().for_each(|item| write_at(service, shape, item, writer));
        }
        (Kind::Map { value: member, .. }, Value::Object(fields)) => {
            let shape = service.shape(member.shape);
            writer.map(fields.len());
            for (name, item) in fields {
                writer.text(name);
                write_at(service, shape, item, writer);
            }
        }
        (Kind::Blob, Value::String(text)) => {
            writer.bytes(&STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes()));
        }
        (Kind::Timestamp, Value::Number(seconds)) => writer.time(seconds.as_f64().unwrap_or_default()),
        #[expect(clippy::cast_possible_truncation, reason = "a float of the model has 32 bits")]
        (Kind::Float, value) if number(value).is_some() => {
            writer.single(number(value).unwrap_or_default() as f32);
        }
        (Kind::Double, value) if number(value).is_some() => writer.double(number(value).unwrap_or_default()),
        (_, value) => writer.plain(value),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        _ => value.as_f64(),
    }
}
