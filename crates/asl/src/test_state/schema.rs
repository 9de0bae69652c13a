//! Comparing a mocked result with what the API answers.

use serde_json::Value;

use super::{FieldValidationMode, TestStateError};
use crate::resource::TaskResource;

/// What the answers of integrated services look like. Whoever knows the service models implements it.
pub trait MockSchema {
    /// The name of the shape that this resource's task ends with (of the polling API for `.sync`), in the member names
    /// that Step Functions uses; `None` if nothing is known of it, so that nothing is checked.
    fn output_shape(&self, resource: &TaskResource) -> Option<String>;

    /// A shape of the same service.
    fn shape(&self, resource: &TaskResource, name: &str) -> Option<Shape>;
}

/// One shape of a service model.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// An object with known members; others are allowed.
    Structure(Vec<Member>),
    /// An array; the shape of its items.
    List(String),
    /// An object with any names; the shape of its values.
    Map(String),
    /// A string or a blob.
    Text {
        /// The fewest characters.
        length_min: Option<usize>,
        /// The most characters.
        length_max: Option<usize>,
        /// The only values; any if empty.
        values: Vec<String>,
    },
    /// A number.
    Number {
        /// The smallest value.
        min: Option<f64>,
        /// The largest value.
        max: Option<f64>,
    },
    /// `true` or `false`.
    Boolean,
    /// A point in time: a string in results.
    Timestamp,
    /// Anything.
    Any,
}

/// A member of a structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name in results.
    pub name: String,
    /// The name of its shape.
    pub shape: String,
    /// Whether a result always has it.
    pub is_required: bool,
}

/// No result is nested deeper: the JSON parser refuses deeper ones before.
const DEPTH_MAX: usize = 128;

/// Checks a mocked result; AWS's words for the first thing that is wrong.
pub(super) fn check(
    schema: &dyn MockSchema,
    resource: &TaskResource,
    result: &Value,
    mode: FieldValidationMode,
) -> Result<(), TestStateError> {
    if mode == FieldValidationMode::None {
        return Ok(());
    }
    let Some(name) = schema.output_shape(resource) else { return Ok(()) };
    let checking = Checking { schema, resource, is_strict: mode == FieldValidationMode::Strict };
    checking.value("", &name, result, 0).map_err(|problem| {
        TestStateError::Validation(format!("Mock result schema validation error: {problem}"))
    })
}

struct Checking<'a> {
    schema: &'a dyn MockSchema,
    resource: &'a TaskResource,
    is_strict: bool,
}

impl Checking<'_> {
    fn value(&self, field: &str, shape: &str, value: &Value, depth: usize) -> Result<(), String> {
        let Some(shape) = self.schema.shape(self.resource, shape).filter(|_| depth < DEPTH_MAX) else {
            return Ok(());
        };
        match (shape, value) {
            (Shape::Structure(members), Value::Object(fields)) => {
                for member in members {
                    match fields.get(&member.name) {
                        Some(value) => self.value(&member.name, &member.shape, value, depth + 1)?,
                        None if member.is_required && self.is_strict => {
                            return Err(format!("Required field '{}' is missing", member.name));
                        }
                        None => {}
                    }
                }
                Ok(())
            }
            (Shape::List(item), Value::Array(items)) => {
                items.iter().try_for_each(|value| self.value(field, &item, value, depth + 1))
            }
            (Shape::Map(item), Value::Object(fields)) => {
                fields.values().try_for_each(|value| self.value(field, &item, value, depth + 1))
            }
            (Shape::Text { length_min, length_max, values }, Value::String(text)) => {
                text_is_right(field, text, (length_min, length_max), &values)
            }
            (Shape::Number { min, max }, Value::Number(number)) => {
                number_is_right(field, number.as_f64().unwrap_or_default(), min, max)
            }
            (Shape::Boolean, Value::Bool(_)) | (Shape::Timestamp, Value::String(_)) | (Shape::Any, _) => {
                Ok(())
            }
            (shape, _) => Err(format!("Field '{field}' must be {}", kind(&shape))),
        }
    }
}

fn text_is_right(
    field: &str,
    text: &str,
    (length_min, length_max): (Option<usize>, Option<usize>),
    values: &[String],
) -> Result<(), String> {
    let length = text.chars().count();
    if length_min.is_some_and(|min| length < min) {
        return Err(format!("Field '{field}' is smaller than the minimum length"));
    }
    if length_max.is_some_and(|max| length > max) {
        return Err(format!("Field '{field}' exceeds the maximum length"));
    }
    if !values.is_empty() && !values.iter().any(|value| value == text) {
        return Err(format!("Field '{field}' is not an expected value"));
    }
    Ok(())
}

fn number_is_right(field: &str, number: f64, min: Option<f64>, max: Option<f64>) -> Result<(), String> {
    if min.is_some_and(|min| number < min) {
        return Err(format!("Field '{field}' is less than the minimum value"));
    }
    if max.is_some_and(|max| number > max) {
        return Err(format!("Field '{field}' exceeds the maximum value"));
    }
    Ok(())
}

fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Structure(_) | Shape::Map(_) => "an object",
        Shape::List(_) => "an array",
        Shape::Text { .. } | Shape::Timestamp => "a string",
        Shape::Number { .. } => "a number",
        Shape::Boolean => "a boolean",
        Shape::Any => "a value",
    }
}
