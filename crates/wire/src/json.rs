//! JSON bodies: read into values of the model, written from them.

use serde_json::{Map, Value};
use stepward_models::{Kind, Member, Service, Shape, ShapeId};

use crate::error::ApiError;
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
    read_at(service, shape, value, (path, 0))
}

fn read_at(
    service: &Service,
    id: ShapeId,
    value: Value,
    (path, depth): (&str, usize),
) -> Result<Value, ApiError> {
    if depth > DEPTH_MAX {
        return Err(serialization("The request body is nested too deeply."));
    }
    let shape = service.shape(id);
    let wrong = |expected: &str| Err(serialization(&format!("Expected {expected} at '{path}'.")));
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
    (path, depth): (&str, usize),
) -> Result<Map<String, Value>, ApiError> {
    let mut read = Map::new();
    for member in members {
        let Some(value) = fields.remove(member.wire_name()).filter(|value| !value.is_null()) else {
            continue;
        };
        let path = if path.is_empty() { member.name.clone() } else { format!("{path}.{}", member.name) };
        read.insert(member.name.clone(), read_at(service, member.shape, value, (&path, depth + 1))?);
    }
    Ok(read)
}

/// A value as it goes over the wire: names and timestamps of the protocol, nulls left out.
pub(crate) fn write(service: &Service, shape: &Shape, value: &Value, otherwise: Format) -> Value {
    match (&shape.kind, value) {
        (Kind::Structure { is_document: true, .. }, value) => value.clone(),
        (Kind::Structure { members, .. }, Value::Object(fields)) => {
            let written = members.iter().filter_map(|member| {
                let value = fields.get(&member.name).filter(|value| !value.is_null())?;
                let shape = service.shape(member.shape);
                let format = Format::named(member.timestamp_format.as_deref(), otherwise);
                Some((member.wire_name().to_owned(), write(service, shape, value, format)))
            });
            Value::Object(written.collect())
        }
        (Kind::List { member }, Value::Array(items)) => {
            let shape = service.shape(member.shape);
            Value::Array(items.iter().map(|item| write(service, shape, item, otherwise)).collect())
        }
        (Kind::Map { value: member, .. }, Value::Object(fields)) => {
            let shape = service.shape(member.shape);
            let written =
                fields.iter().map(|(name, item)| (name.clone(), write(service, shape, item, otherwise)));
            Value::Object(written.collect())
        }
        (Kind::Timestamp, Value::Number(seconds)) => {
            let format = Format::named(shape.timestamp_format.as_deref(), otherwise);
            match format {
                Format::Epoch => value.clone(),
                format => Value::String(timestamp::write(seconds.as_f64().unwrap_or_default(), format)),
            }
        }
        (_, value) => value.clone(),
    }
}
