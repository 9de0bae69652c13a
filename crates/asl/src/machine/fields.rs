//! Fields that are evaluated: paths, templates, and what is known of them beforehand.

use serde_json::Value;
use stepward_query::{Expression, ReferencePath, Template};

use super::jsonata::JsonataField;

/// A path, or an intrinsic function where one is allowed.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) expression: Expression,
    /// Whether the context object has to be made for it.
    pub(crate) reads_context: bool,
}

impl Path {
    pub(crate) fn new(expression: Expression) -> Self {
        let reads_context = expression.text().contains("$$");
        Self { expression, reads_context }
    }

    /// The path as it was written.
    pub(crate) fn text(&self) -> &str {
        self.expression.text()
    }
}

/// `InputPath` and `OutputPath`.
#[derive(Clone, Debug, Default)]
pub(crate) enum PathField {
    /// `$`: everything.
    #[default]
    Whole,
    /// `null`: an empty object.
    Null,
    At(Path),
}

/// `ResultPath`.
#[derive(Clone, Debug, Default)]
pub(crate) enum ResultPathField {
    /// `$`: the result is the output.
    #[default]
    Whole,
    /// `null`: the input is the output.
    Discard,
    At(ReferencePath),
}

/// A field that gives a whole value: a payload template (JSONPath) or JSON with `{% %}` strings (JSONata).
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    /// The field's name, for messages.
    pub(crate) field: &'static str,
    pub(crate) form: SelectorForm,
    /// Whether the context object has to be made for it.
    pub(crate) reads_context: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum SelectorForm {
    JsonPath(Template),
    Jsonata(JsonataField),
}

impl Selector {
    pub(crate) fn json_path(field: &'static str, template: Template, source: &Value) -> Self {
        Self { field, form: SelectorForm::JsonPath(template), reads_context: mentions(source, "$$") }
    }

    pub(crate) fn jsonata(field: &'static str, form: JsonataField) -> Self {
        let reads_context = form.template().reads_context();
        Self { field, form: SelectorForm::Jsonata(form), reads_context }
    }
}

/// Whether a text occurs in any string of a value. The value's depth is bounded by the JSON parser.
fn mentions(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(items) => items.iter().any(|item| mentions(item, text)),
        Value::Object(fields) => fields.values().any(|field| mentions(field, text)),
        _ => false,
    }
}
