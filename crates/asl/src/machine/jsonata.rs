//! JSON whose strings may be JSONata expressions.

use serde_json::Value;
use stepward_query::{Payload, QueryError, Seed, Variables};
use stepward_types::Timestamp;

/// What `$states` and the variables are.
pub(crate) struct States<'a> {
    pub(crate) input: &'a Payload,
    pub(crate) result: Option<&'a Payload>,
    pub(crate) error_output: Option<&'a Payload>,
    pub(crate) context: &'a Value,
    pub(crate) variables: &'a Variables,
    pub(crate) now: Timestamp,
    pub(crate) seed: &'a Seed,
}

/// A field of a JSONata state.
#[derive(Clone, Debug)]
pub(crate) struct JsonataField {
    value: Value,
}

impl JsonataField {
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        Ok(Self { value: value.clone() })
    }

    /// The value with its expressions evaluated.
    pub(crate) fn evaluate(&self, states: &States<'_>, field: &str) -> Result<Value, QueryError> {
        let _ = (states.input, states.result, states.error_output, states.context);
        let _ = (states.variables, states.now, states.seed);
        if !has_expression(&self.value) {
            return Ok(self.value.clone());
        }
        Err(QueryError {
            error: "States.QueryEvaluationError".to_owned(),
            cause: format!(
                "The JSONata expression '{}' specified for the field '{field}' cannot be evaluated by this version.",
                self.source()
            ),
            location: Some(field.to_owned()),
        })
    }

    /// The expression without its delimiters, for messages.
    pub(crate) fn source(&self) -> String {
        let text = self.value.as_str().unwrap_or_default();
        let inner = text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}"));
        inner.unwrap_or(text).trim().to_owned()
    }
}

/// Whether any string is an expression. The value's depth is bounded by the JSON parser.
fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => text.starts_with("{%") && text.ends_with("%}"),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(fields) => fields.values().any(has_expression),
        _ => false,
    }
}
