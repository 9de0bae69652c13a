//! Finding the state, and everything that a request can be refused for.

use serde_json::{Map, Value, json};
use stepward_query::{Payload, Variables};
use stepward_types::Timestamp;

use super::{MockSchema, TestState, TestStateError, TestStateInput, configuration, context, mock};
use crate::diagnostic::{Diagnostic, Severity};
use crate::json_mistake::JsonMistake;
use crate::machine::{Machine, MachineType, StateId};
use crate::run::{ExecutionInfo, Frame, Phase, Run, Seed};

use super::context::STATE_NAME;

pub(super) fn prepare(
    input: TestStateInput,
    info: ExecutionInfo,
    (now, seed): (Timestamp, Seed),
    schema: &dyn MockSchema,
) -> Result<TestState, TestStateError> {
    mock::check_form(&input)?;
    let (machine, state) = state_of(&input)?;
    let found = machine.state(state).ok_or_else(|| invalid("State not found in definition"))?;
    let mocked = mock::outcome(&input, found, schema)?;
    configuration::check(&input, &machine, found)?;
    let is_of_task = configuration::is_of_task(&input, &machine);
    let given = input.context.as_deref().map(context::parse).transpose()?;
    let variables = input.variables.as_deref().map(variables_of).transpose()?;
    let text = input.input.as_deref().unwrap_or("{}");
    let payload = Payload::parse(text).map_err(|error| {
        let mistake = JsonMistake::of(text).map_or_else(|| error.to_string(), |mistake| mistake.reason);
        TestStateError::InvalidInput(format!("Invalid State Machine Execution Input: '{mistake}'"))
    })?;
    let map = configuration::map_around(&machine, found);
    let context =
        given.unwrap_or_else(|| context::default(&input, &info, (found, map), &payload, (now, seed)));
    let run = run_at(info, state, payload, variables.as_ref(), now);
    Ok(TestState { machine, run, state, input, variables, context, mocked, is_of_task, now, seed })
}

fn invalid(message: &str) -> TestStateError {
    TestStateError::Validation(message.to_owned())
}

fn variables_of(text: &str) -> Result<Value, TestStateError> {
    let value: Option<Value> = serde_json::from_str(text).ok();
    value.filter(Value::is_object).ok_or_else(|| invalid("Variables must be a valid JSON object"))
}

fn run_at(
    info: ExecutionInfo,
    state: StateId,
    input: Payload,
    variables: Option<&Value>,
    now: Timestamp,
) -> Run {
    let mut run = Run::new(info);
    let mut own = Variables::default();
    for (name, value) in variables.and_then(Value::as_object).into_iter().flatten() {
        own.assign(name.as_str().into(), Payload::new(value.clone()));
    }
    let mut frame = Frame::new(None, 0, state, input.clone(), own, 0);
    frame.phase = Phase::Entered;
    frame.entered_at = now;
    run.input = Some(input);
    run.started_at = Some(now);
    run.frames = vec![Some(frame)];
    run
}

/// The machine, and which of its states is meant.
fn state_of(input: &TestStateInput) -> Result<(Machine, StateId), TestStateError> {
    let definition = Machine::read(&input.definition).map_err(|diagnostic| refused(&[diagnostic]))?;
    let (definition, name) = match &input.state_name {
        Some(name) => (definition, name.as_str()),
        None => (machine_around(definition), STATE_NAME),
    };
    let (machine, diagnostics) = Machine::lower(&definition, MachineType::Standard);
    if input.state_name.is_some() && !mentions_state(&definition, name) {
        return Err(invalid("State not found in definition"));
    }
    let has_error = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let machine = machine.filter(|_| !has_error).ok_or_else(|| refused(&diagnostics))?;
    let state = machine.state_named(name).ok_or_else(|| invalid("State not found in definition"))?;
    Ok((machine, state))
}

fn refused(diagnostics: &[Diagnostic]) -> TestStateError {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let errors = errors.map(told).collect::<Vec<_>>().join(", ");
    TestStateError::InvalidDefinition(format!("Invalid State Machine Definition: '{errors}'"))
}

fn told(diagnostic: &Diagnostic) -> String {
    let location = diagnostic.location.as_deref().unwrap_or("null");
    format!("{}: {} at {location}", diagnostic.code, diagnostic.message)
}

/// Whether any scope of the definition has a state of that name. The depth is bounded by the JSON parser.
fn mentions_state(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(fields) => {
            let states = fields.get("States").and_then(Value::as_object);
            states.is_some_and(|states| states.contains_key(name))
                || fields.values().any(|field| mentions_state(field, name))
        }
        Value::Array(items) => items.iter().any(|item| mentions_state(item, name)),
        _ => false,
    }
}

/// A machine of the one state, with an empty state wherever it points to.
fn machine_around(state: Value) -> Value {
    let mut states = Map::new();
    for target in targets(&state) {
        states.insert(target, json!({ "Type": "Succeed" }));
    }
    states.insert(STATE_NAME.to_owned(), state);
    json!({ "StartAt": STATE_NAME, "States": states })
}

fn targets(state: &Value) -> Vec<String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let of_list = |field: &str| -> Vec<String> {
        let items = state.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(|item| text(item.get("Next"))).collect()
    };
    let own = text(state.get("Next")).into_iter().chain(text(state.get("Default")));
    own.chain(of_list("Choices")).chain(of_list("Catch")).collect()
}
