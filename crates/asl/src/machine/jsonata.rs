//! JSON whose strings may be JSONata expressions.

use serde_json::Value;
use stepward_query::{
    JsonataScope, JsonataTemplate, Payload, QueryError, Seed, TemplateError, Variables, jsonata_source,
};
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
    template: JsonataTemplate,
}

impl JsonataField {
    pub(crate) fn parse(value: &Value) -> Result<Self, Vec<TemplateError>> {
        Ok(Self { value: value.clone(), template: JsonataTemplate::parse(value)? })
    }

    /// The field's expressions.
    pub(crate) fn template(&self) -> &JsonataTemplate {
        &self.template
    }

    /// The value with its expressions evaluated.
    pub(crate) fn evaluate(&self, states: &States<'_>, field: &str) -> Result<Value, QueryError> {
        let scope = JsonataScope {
            input: states.input,
            result: states.result,
            error_output: states.error_output,
            context: states.context,
            variables: states.variables,
            now_ms: states.now.millis(),
            seed: states.seed,
        };
        self.template.evaluate(&scope, field)
    }

    /// The expression without its delimiters, for messages.
    pub(crate) fn source(&self) -> String {
        let text = self.value.as_str().unwrap_or_default();
        jsonata_source(text).unwrap_or(text.trim()).to_owned()
    }
}
