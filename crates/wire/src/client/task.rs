//! Arguments of tasks to values of the model, and values to results, with the names of state machines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use stepward_models::{Kind, Member, Service, Shape, ShapeId};
use stepward_types::Timestamp;

use super::names::{NameStyle, member_name};
use crate::timestamp;

/// Deeper than any model and any payload.
const DEPTH_MAX: usize = 100;

/// Why arguments are no input of an operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// AWS's words.
    #[error("The field \"{0}\" is not supported by Step Functions")]
    Unsupported(String),
    #[error("The field \"{0}\" must be {1}")]
    Wrong(String, &'static str),
    #[error("The arguments are nested too deeply")]
    TooDeep,
}

/// Reads a task's arguments as the input of an operation.
pub fn from_arguments(
    service: &Service,
    input: Option<ShapeId>,
    arguments: &Value,
    style: NameStyle,
) -> Result<Value, ArgumentError> {
    let reader = Reader { service, style };
    match input {
        Some(id) => reader.read(service.shape(id), arguments, "", 0),
        None => match arguments.as_object().and_then(|fields| fields.keys().next()) {
            Some(name) => Err(ArgumentError::Unsupported(name.clone())),
            None => Ok(Value::Object(Map::new())),
        },
    }
}

struct Reader<'a> {
    service: &'a Service,
    style: NameStyle,
}

impl Reader<'_> {
    fn read(&self, shape: &Shape, value: &Value, name: &str, depth: usize) -> Result<Value, ArgumentError> {
        if depth > DEPTH_MAX {
            return Err(ArgumentError::TooDeep);
        }
        let wrong = |expected| Err(ArgumentError::Wrong(name.to_owned(), expected));
        match (&shape.kind, value) {
            (Kind::Structure { is_document: true, .. }, value) => Ok(value.clone()),
            (Kind::Structure { members, .. }, Value::Object(fields)) => {
                self.read_structure(members, fields, depth)
            }
            (Kind::List { member }, Value::Array(items)) => {
                let shape = self.service.shape(member.shape);
                let read = |item| self.read(shape, item, name, depth + 1);
                items.iter().map(read).collect::<Result<_, _>>().map(Value::Array)
            }
            (Kind::Map { value: item, .. }, Value::Object(fields)) => {
                let shape = self.service.shape(item.shape);
                let present = fields.iter().filter(|(_, value)| !value.is_null());
                let read = |(key, value): (&String, &Value)| {
                    Ok((key.clone(), self.read(shape, value, key, depth + 1)?))
                };
                present.map(read).collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
            (Kind::Structure { .. } | Kind::Map { .. }, _) => wrong("an object"),
            (Kind::List { .. }, _) => wrong("an array"),
            (_, value) => scalar(shape, value).map_or_else(wrong, Ok),
        }
    }

    fn read_structure(
        &self,
        members: &[Member],
        fields: &Map<String, Value>,
        depth: usize,
    ) -> Result<Value, ArgumentError> {
        let named: Vec<(String, &Member)> =
            members.iter().map(|member| (member_name(member, self.style), member)).collect();
        let mut read = Map::new();
        for (name, value) in fields {
            let Some((_, member)) = named.iter().find(|(known, _)| known == name) else {
                return Err(ArgumentError::Unsupported(name.clone()));
            };
            if value.is_null() {
                continue;
            }
            let shape = self.service.shape(member.shape);
            read.insert(member.name.clone(), self.read(shape, value, name, depth + 1)?);
        }
        Ok(Value::Object(read))
    }
}

/// A scalar, with the conversions that AWS makes; otherwise what it should have been.
fn scalar(shape: &Shape, value: &Value) -> Result<Value, &'static str> {
    match (&shape.kind, value) {
        (Kind::String, Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => Ok(value.clone()),
        // AWS: JSON where text is wanted becomes its text.
        (Kind::String, value) => Ok(json!(value.to_string())),
        // AWS: so does a body, also when it is text: with its quotes.
        (Kind::Blob, value) => Ok(json!(STANDARD.encode(value.to_string()))),
        (Kind::Integer | Kind::Long, Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Ok(value.clone())
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
        (Kind::Integer | Kind::Long, Value::Number(number)) => number
            .as_f64()
            .filter(|number| number.fract() == 0.0 && number.abs() < 9e15)
            .map(|number| json!(number as i64))
            .ok_or("an integer"),
        (Kind::Integer | Kind::Long, Value::String(text)) => {
            text.parse::<i64>().map(|number| json!(number)).map_err(|_| "an integer")
        }
        (Kind::Float | Kind::Double, Value::Number(_)) => Ok(value.clone()),
        (Kind::Float | Kind::Double, Value::String(text)) => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| json!(number))
            .ok_or("a number"),
        (Kind::Boolean, Value::String(text)) if text == "true" || text == "false" => {
            Ok(json!(text == "true"))
        }
        (Kind::Timestamp, value) => timestamp::read(value).map(|seconds| json!(seconds)).ok_or("a timestamp"),
        (Kind::Boolean, _) => Err("a boolean"),
        (Kind::Integer | Kind::Long, _) => Err("an integer"),
        _ => Err("a number"),
    }
}

/// The output of an operation as the result of a task.
pub fn to_result(service: &Service, output: Option<ShapeId>, value: &Value, style: NameStyle) -> Value {
    match output {
        Some(id) => write(service, service.shape(id), value, style),
        None => Value::Object(Map::new()),
    }
}

fn write(service: &Service, shape: &Shape, value: &Value, style: NameStyle) -> Value {
    match (&shape.kind, value) {
        (Kind::Structure { is_document: true, .. }, value) => value.clone(),
        (Kind::Structure { members, .. }, Value::Object(fields)) => {
            let written = members.iter().filter_map(|member| {
                let value = fields.get(&member.name).filter(|value| !value.is_null())?;
                Some((member_name(member, style), write(service, service.shape(member.shape), value, style)))
            });
            Value::Object(written.collect())
        }
        (Kind::List { member }, Value::Array(items)) => {
            let shape = service.shape(member.shape);
            items.iter().map(|item| write(service, shape, item, style)).collect()
        }
        (Kind::Map { value: item, .. }, Value::Object(fields)) => {
            let shape = service.shape(item.shape);
            fields.iter().map(|(key, value)| (key.clone(), write(service, shape, value, style))).collect()
        }
        (Kind::Blob, Value::String(encoded)) => json!(text_of_blob(encoded)),
        (Kind::Timestamp, Value::Number(seconds)) => date(seconds.as_f64().unwrap_or_default(), style),
        (_, value) => value.clone(),
    }
}

/// Bytes as text; those that are no text stay as base64.
fn text_of_blob(encoded: &str) -> String {
    let bytes = STANDARD.decode(encoded).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| encoded.to_owned())
}

// AWS: dates of the first version are milliseconds, those of the second are text.
fn date(seconds: f64, style: NameStyle) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any date fit")]
    let at = Timestamp::from_millis((seconds * 1_000.0).round() as i64);
    match style {
        NameStyle::V1 => json!(at.millis()),
        NameStyle::V2 if at.millis() % 1_000 == 0 => json!(at.to_rfc3339_seconds()),
        NameStyle::V2 => json!(at.to_rfc3339_millis()),
    }
}
