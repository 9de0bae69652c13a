//! JSON bodies: read into values of the model, written from them.

use serde_json::{Map, Value};
use stepward_models::{Kind, Member, Service, Shape, ShapeId};

use crate::error::ApiError;
use crate::path::Path;
use crate::timestamp::{self, Format};

/// No body is nested deeper (serde_json refuses at 128 itself).
const DEPTH_MAX: usize = 100;

/// Reads a body; an empty one is an empty object.
pub(crate) fn parse(body: &[u8]) -> Result<Value, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        serialization(&format!("The request body is not JSON: {} at {place}.", plain(&error)))
    })
}

fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

pub(crate) fn serialization(text: &str) -> ApiError {
    ApiError::new("SerializationException", text).with_status(400)
}

/// The value as its shape has it: members by their names in the model, unknown ones and nulls left out.
pub(crate) fn read(service: &Service, shape: ShapeId, value: Value, path: &str) -> Result<Value, ApiError> {
    read_at(service, shape, value, (&Path::Named(path), 0))
}

fn read_at(
    service: &Service,
    id: ShapeId,
    value: Value,
    (path, depth): (&Path<'_>, usize),
) -> Result<Value, ApiError> {
    if depth > DEPTH_MAX {
        return Err(serialization("The request body is nested too deeply."));
    }
    let shape = service.shape(id);
    let wrong =
        |expected: &str| Err(serialization(&format!("Expected {expected} at '{}'.", path.in_model())));
    match (&shape.kind, value) {
        (Kind::Structure { is_document: true, .. }, value) => Ok(value),
        (Kind::Structure { members, .. }, Value::Object(fields)) => {
            read_structure(service, members, fields, (path, depth)).map(Value::Object)
        }
        (Kind::List { member }, Value::Array(items)) => {
            let read = |item| read_at(service, member.shape, item, (path, depth + 1));
            items
                .into_iter()
                .filter(|item| !item.is_null())
                .map(read)
                .collect::<Result<_, _>>()
                .map(Value::Array)
        }
        (Kind::Map { value: member, .. }, Value::Object(fields)) => {
            let read = |(name, item)| Ok((name, read_at(service, member.shape, item, (path, depth + 1))?));
            fields.into_iter().map(read).collect::<Result<_, ApiError>>().map(Value::Object)
        }
        (Kind::Structure { .. } | Kind::Map { .. }, _) => wrong("an object"),
        (Kind::List { .. }, _) => wrong("a list"),
        (Kind::String | Kind::Blob, Value::String(text)) => Ok(Value::String(text)),
        // AWS's parser takes a number or a boolean for a string.
        (Kind::String, Value::Number(number)) => Ok(Value::String(number.to_string())),
        (Kind::String, Value::Bool(value)) => Ok(Value::String(value.to_string())),
        (Kind::Boolean, value @ Value::Bool(_)) => Ok(value),
        (Kind::Integer | Kind::Long, Value::Number(number)) => {
            integer(&number).map_or_else(|| wrong("an integer"), Ok)
        }
        (Kind::Float | Kind::Double, value @ Value::Number(_)) => Ok(value),
        (Kind::Timestamp, value) => {
            timestamp::read(&value).map_or_else(|| wrong("a timestamp"), |seconds| Ok(Value::from(seconds)))
        }
        (Kind::String | Kind::Blob, _) => wrong("a string"),
        (Kind::Boolean, _) => wrong("true or false"),
        (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, _) => wrong("a number"),
    }
}

fn integer(number: &serde_json::Number) -> Option<Value> {
    if number.is_i64() || number.is_u64() {
        return Some(Value::Number(number.clone()));
    }
    // 3.0 is an integer to AWS's parser; 3.5 is not.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
    number
        .as_f64()
        .filter(|value| value.fract() == 0.0 && value.abs() < 9e15)
        .map(|value| Value::from(value as i64))
}

fn read_structure(
    service: &Service,
    members: &[Member],
    mut fields: Map<String, Value>,
    (path, depth): (&Path<'_>, usize),
) -> Result<Map<String, Value>, ApiError> {
    let mut read = Map::with_capacity(fields.len());
    for member in members {
        let Some(value) = fields.swap_remove(member.wire_name()).filter(|value| !value.is_null()) else {
            continue;
        };
        let path = Path::Member(path, &member.name);
        read.insert(member.name.clone(), read_at(service, member.shape, value, (&path, depth + 1))?);
    }
    Ok(read)
}

/// A value as it goes over the wire: names and timestamps of the protocol, nulls left out.
pub(crate) fn write(service: &Service, shape: &Shape, value: &Value, otherwise: Format) -> Vec<u8> {
    let mut text = Vec::with_capacity(256);
    write_at(service, shape, value, (otherwise, &mut text));
    text
}

/// The same of an object that holds only some of the members.
pub(crate) fn write_members<'a>(
    service: &Service,
    members: impl IntoIterator<Item = &'a Member>,
    fields: &Map<String, Value>,
    otherwise: Format,
) -> Vec<u8> {
    let mut text = Vec::with_capacity(256);
    write_structure(service, members, fields, (otherwise, &mut text));
    text
}

fn write_at(service: &Service, shape: &Shape, value: &Value, (otherwise, text): (Format, &mut Vec<u8>)) {
    match (&shape.kind, value) {
        (Kind::Structure { is_document: false, members, .. }, Value::Object(fields)) => {
            write_structure(service, members, fields, (otherwise, text));
        }
        (Kind::List { member }, Value::Array(items)) => {
            let shape = service.shape(member.shape);
            let mut before = b'[';
            for item in items {
                text.push(std::mem::replace(&mut before, b','));
                write_at(service, shape, item, (otherwise, text));
            }
            close((before, b'['), b']', text);
        }
        (Kind::Map { value: member, .. }, Value::Object(fields)) => {
            let shape = service.shape(member.shape);
            let mut before = b'{';
            for (name, item) in fields {
                write_name(name, &mut before, text);
                write_at(service, shape, item, (otherwise, text));
            }
            close((before, b'{'), b'}', text);
        }
        (Kind::Timestamp, Value::Number(seconds)) => {
            match Format::named(shape.timestamp_format.as_deref(), otherwise) {
                Format::Epoch => append(value, text),
                format => append_text(&timestamp::write(seconds.as_f64().unwrap_or_default(), format), text),
            }
        }
        (_, value) => append(value, text),
    }
}

fn write_structure<'a>(
    service: &Service,
    members: impl IntoIterator<Item = &'a Member>,
    fields: &Map<String, Value>,
    (otherwise, text): (Format, &mut Vec<u8>),
) {
    let mut before = b'{';
    for member in members {
        let Some(value) = fields.get(&member.name).filter(|value| !value.is_null()) else { continue };
        let shape = service.shape(member.shape);
        let format = Format::named(member.timestamp_format.as_deref(), otherwise);
        write_name(member.wire_name(), &mut before, text);
        write_at(service, shape, value, (format, text));
    }
    close((before, b'{'), b'}', text);
}

fn write_name(name: &str, before: &mut u8, text: &mut Vec<u8>) {
    text.push(std::mem::replace(before, b','));
    append_text(name, text);
    text.push(b':');
}

/// The end of an object or list, which has not begun yet when it is empty.
fn close((before, open): (u8, u8), end: u8, text: &mut Vec<u8>) {
    if before == open {
        text.push(open);
    }
    text.push(end);
}

fn append(value: &Value, text: &mut Vec<u8>) {
    // Memory takes all that is written, and the keys of a value are texts.
    let _ = serde_json::to_writer(text, value);
}

fn append_text(value: &str, text: &mut Vec<u8>) {
    let _ = serde_json::to_writer(text, value);
}
