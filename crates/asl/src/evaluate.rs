//! What a state's fields see, and what they evaluate to.

mod context;

use std::cell::OnceCell;
use std::sync::Arc;

use serde_json::Value;
use stepward_query::{Payload, QueryError, Scope, Variables};

use crate::failure::Failure;
use crate::machine::{
    Number, Path, PathField, QueryLanguage, ResultPathField, Selector, SelectorForm, State, Text,
};
use crate::run::{CHILD_EVENT_ID, FrameId, MapItem};
use crate::states::exit::PAYLOAD_BYTES_MAX;
use crate::step::Step;

/// The most levels of arrays and objects in a value that a state makes: within what JSON parsers take.
const PAYLOAD_DEPTH_MAX: u32 = 100;

/// What the fields of the state that a frame is in see.
pub(crate) struct Data {
    pub(crate) id: FrameId,
    /// The state's raw input.
    raw: Payload,
    /// After `InputPath`.
    effective: Payload,
    variables: Variables,
    /// `$states.result`.
    pub(crate) result: Option<Payload>,
    /// `$states.errorOutput`.
    pub(crate) error_output: Option<Payload>,
    /// What `$` is in a JSONPath `Assign`; the effective input if unset.
    pub(crate) assign_root: Option<Payload>,
    /// `Task.Token` of the context object.
    pub(crate) token: Option<Arc<str>>,
    /// `Map.Item` of the context object, while an iteration is started.
    pub(crate) item: Option<MapItem>,
    context: OnceCell<Value>,
}

impl Data {
    pub(crate) fn of(step: &Step<'_>, id: FrameId) -> Result<Self, Failure> {
        let frame = step.frame(id).ok_or_else(|| Failure::runtime("The state is gone."))?;
        Ok(Self {
            id,
            raw: frame.input.clone(),
            effective: frame.input.clone(),
            variables: frame.variables.clone(),
            result: None,
            error_output: None,
            assign_root: None,
            token: None,
            item: None,
            context: OnceCell::new(),
        })
    }

    /// The input after `InputPath`.
    pub(crate) fn effective(&self) -> Payload {
        self.effective.clone()
    }

    /// Applies `InputPath`.
    pub(crate) fn effective_input(&mut self, step: &Step<'_>, state: &State) -> Result<Payload, Failure> {
        self.effective = self.path_field(step, state, &state.io.input_path, self.raw.clone())?;
        Ok(self.effective.clone())
    }

    /// Applies `Parameters` or `Arguments`, or gives the input on.
    pub(crate) fn arguments(
        &self,
        step: &Step<'_>,
        state: &State,
        input: Payload,
    ) -> Result<Payload, Failure> {
        match &state.io.arguments {
            Some(selector) => self.limited(state, self.select(step, state, selector, Some(&input))?),
            None => Ok(input),
        }
    }

    /// JSONata's `Output`.
    pub(crate) fn output(
        &self,
        step: &Step<'_>,
        state: &State,
        output: Option<&Selector>,
        default: Payload,
    ) -> Result<Payload, Failure> {
        match output {
            Some(selector) => self.select(step, state, selector, None),
            None => Ok(default),
        }
    }

    /// Applies `ResultPath` to the raw input.
    pub(crate) fn combine(
        &self,
        step: &Step<'_>,
        state: &State,
        path: &ResultPathField,
        result: Payload,
    ) -> Result<Payload, Failure> {
        match path {
            ResultPathField::Whole => Ok(result),
            ResultPathField::Discard => Ok(self.raw.clone()),
            ResultPathField::At(path) => {
                let combined = path.write(self.raw.value().clone(), result.into_value());
                made(state, combined.map_err(|error| self.failure(step, state, error))?)
            }
        }
    }

    /// Applies `OutputPath`.
    pub(crate) fn output_path(
        &self,
        step: &Step<'_>,
        state: &State,
        output: Payload,
    ) -> Result<Payload, Failure> {
        self.path_field(step, state, &state.io.output_path, output)
    }

    fn path_field(
        &self,
        step: &Step<'_>,
        state: &State,
        field: &PathField,
        root: Payload,
    ) -> Result<Payload, Failure> {
        match field {
            PathField::Whole => Ok(root),
            PathField::Null => Ok(Payload::empty()),
            PathField::At(path) => self.path_in(step, state, path, root.value()).map(Payload::new),
        }
    }

    /// The value of a path into the effective input.
    pub(crate) fn path(&self, step: &Step<'_>, state: &State, path: &Path) -> Result<Value, Failure> {
        self.path_in(step, state, path, self.effective.value())
    }

    fn path_in(&self, step: &Step<'_>, state: &State, path: &Path, root: &Value) -> Result<Value, Failure> {
        let found = path.expression.evaluate(&self.scope(step, root, path.reads_context));
        let found = found.map_err(|error| self.failure(step, state, error))?;
        found.map_err(|error| {
            self.runtime(step, state, &format!("Invalid path '{}' : {}", path.text(), error.0))
        })
    }

    /// The value of a path into the effective input, if there is one.
    pub(crate) fn find(&self, step: &Step<'_>, path: &Path) -> Option<Value> {
        path.expression.evaluate(&self.scope(step, self.effective.value(), path.reads_context)).ok()?.ok()
    }

    /// What a path reads, for as long as the expression is evaluated.
    pub(crate) fn scope<'a>(&'a self, step: &'a Step<'_>, root: &'a Value, reads_context: bool) -> Scope<'a> {
        let context = if reads_context { self.context(step) } else { &Value::Null };
        Scope { input: root, context, variables: &self.variables, seed: &step.random }
    }

    /// The value of a template or of JSON with JSONata in it. `root` is what `$` is, in JSONPath.
    pub(crate) fn select(
        &self,
        step: &Step<'_>,
        state: &State,
        selector: &Selector,
        root: Option<&Payload>,
    ) -> Result<Payload, Failure> {
        let value = match &selector.form {
            SelectorForm::JsonPath(template) => {
                let root = root.unwrap_or(&self.effective);
                template.evaluate(&self.scope(step, root.value(), selector.reads_context))
            }
            SelectorForm::Jsonata(field) => field.evaluate(&self.states(step, selector), selector.field),
        };
        made(state, value.map_err(|error| self.failure(step, state, error))?)
    }

    fn states<'a>(&'a self, step: &'a Step<'_>, selector: &Selector) -> crate::machine::States<'a> {
        crate::machine::States {
            input: &self.raw,
            result: self.result.as_ref(),
            error_output: self.error_output.as_ref(),
            context: if selector.reads_context { self.context(step) } else { &Value::Null },
            variables: &self.variables,
            now: step.now,
            seed: &step.random,
        }
    }

    /// The context object, made once.
    fn context<'a>(&'a self, step: &'a Step<'_>) -> &'a Value {
        if let Some(context) = &step.given_context {
            return context;
        }
        self.context.get_or_init(|| context::object(step, self))
    }

    pub(crate) fn number(
        &self,
        step: &Step<'_>,
        state: &State,
        number: &Number,
        field: &'static str,
    ) -> Result<f64, Failure> {
        match number {
            Number::Literal(number) => Ok(*number),
            Number::Path(path) => {
                let value = self.path(step, state, path)?;
                value.as_f64().ok_or_else(|| {
                    let cause = format!(
                        "The {field}Path parameter cannot be parsed as a long value: {} == {}",
                        path.text(),
                        plain(&value)
                    );
                    self.runtime(step, state, &cause)
                })
            }
            Number::Jsonata(selector) => {
                let value = self.select(step, state, selector, None)?;
                let number = value.value().as_f64();
                number.ok_or_else(|| self.unexpected_type(step, state, selector, "number", value.value()))
            }
        }
    }

    pub(crate) fn text(
        &self,
        step: &Step<'_>,
        state: &State,
        text: &Text,
        field: &'static str,
    ) -> Result<String, Failure> {
        match text {
            Text::Literal(text) => Ok(text.to_string()),
            Text::Path(path) => {
                let found =
                    path.expression.evaluate(&self.scope(step, self.effective.value(), path.reads_context));
                let found = found.map_err(|error| self.failure(step, state, error))?;
                found.map(|value| plain(&value)).map_err(|_| {
                    // AWS: recorded for CausePath with these words.
                    let cause = format!(
                        "The JSONPath '{}' specified for the field '{field}Path' could not be found in the input '{}'",
                        path.text(),
                        self.effective.text()
                    );
                    self.runtime(step, state, &cause)
                })
            }
            Text::Jsonata(selector) => {
                let value = self.select(step, state, selector, None)?;
                let text = value.value().as_str().map(str::to_owned);
                text.ok_or_else(|| self.unexpected_type(step, state, selector, "string", value.value()))
            }
        }
    }

    fn limited(&self, state: &State, payload: Payload) -> Result<Payload, Failure> {
        if payload.bytes() > PAYLOAD_BYTES_MAX { Err(Failure::data_limit(&state.name)) } else { Ok(payload) }
    }

    /// A query that failed, told with the state it happened in.
    pub(crate) fn failure(&self, step: &Step<'_>, state: &State, error: QueryError) -> Failure {
        let mut failure = Failure::from(error);
        failure.cause = failure.cause.map(|cause| self.located(step, state, &cause));
        failure.is_final = failure.error.as_deref() == Some("States.Runtime");
        failure
    }

    /// A failure that ends the execution.
    pub(crate) fn runtime(&self, step: &Step<'_>, state: &State, cause: &str) -> Failure {
        let mut failure = Failure::runtime(self.located(step, state, cause));
        failure.is_final = true;
        failure
    }

    /// A failed JSONata evaluation.
    pub(crate) fn query_failure(
        &self,
        step: &Step<'_>,
        state: &State,
        cause: String,
        location: Option<String>,
    ) -> Failure {
        Failure::evaluation(self.located(step, state, &cause), location)
    }

    /// A JSONata field that gave a value of the wrong type.
    pub(crate) fn unexpected_type(
        &self,
        step: &Step<'_>,
        state: &State,
        selector: &Selector,
        expected: &str,
        value: &Value,
    ) -> Failure {
        let source = match &selector.form {
            SelectorForm::Jsonata(field) => field.source(),
            SelectorForm::JsonPath(_) => String::new(),
        };
        let cause = format!(
            "The JSONata expression '{source}' specified for the field '{}' returned an unexpected result type. Expected '{expected}', but was '{}' for value: {value}",
            selector.field,
            type_name(value)
        );
        self.query_failure(step, state, cause, Some(selector.field.to_owned()))
    }

    // AWS: every cause that a state's own processing gives begins so.
    fn located(&self, step: &Step<'_>, state: &State, cause: &str) -> String {
        let event_id =
            step.frame(self.id).map(|frame| frame.entered_event).unwrap_or_default() % CHILD_EVENT_ID;
        format!(
            "An error occurred while executing the state '{}' (entered at the event id #{event_id}). {cause}",
            state.name
        )
    }

    pub(crate) fn is_json_path(state: &State) -> bool {
        state.language == QueryLanguage::JsonPath
    }
}

/// A payload of a value that a state made. One that is nested too deeply is refused: a loop that wraps its input again
/// and again would come to values that nothing can parse any more.
pub(crate) fn made(state: &State, value: Value) -> Result<Payload, Failure> {
    if is_deeper(&value, PAYLOAD_DEPTH_MAX) {
        let cause = format!(
            "The state/task '{}' returned a result that is nested more than {PAYLOAD_DEPTH_MAX} levels deep.",
            state.name
        );
        return Err(Failure::new("States.DataLimitExceeded", cause));
    }
    Ok(Payload::new(value))
}

/// Whether a value has more levels than the limit.
pub(crate) fn is_deeper(value: &Value, limit: u32) -> bool {
    match value {
        Value::Array(items) => limit == 0 || items.iter().any(|item| is_deeper(item, limit - 1)),
        Value::Object(fields) => limit == 0 || fields.values().any(|field| is_deeper(field, limit - 1)),
        _ => false,
    }
}

/// A value as messages show it: strings without quotation marks.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
