//! How an execution ends, on one line.

use serde_json::Value;
use stepward_asl::{Event, RunStatus, TaskOutcome};

use crate::script::Script;

/// `SUCCEEDED` and the output, or the status with error and cause.
pub(crate) fn of(script: &Script) -> String {
    if script.run.status() == RunStatus::Succeeded {
        return format!(
            "SUCCEEDED {}",
            script.run.output().map(|output| output.text().to_string()).unwrap_or_default()
        );
    }
    let last =
        script.events.iter().filter_map(Event::history).next_back().map(|event| event.to_api_json(true));
    let details = last
        .iter()
        .flat_map(|event| event.as_object().unwrap())
        .find_map(|(name, details)| name.ends_with("EventDetails").then(|| details.clone()));
    let text = |name: &str| {
        let value = details.as_ref().and_then(|details| details.get(name));
        value.and_then(Value::as_str).unwrap_or("-").to_owned()
    };
    format!("{:?} {}: {}", script.run.status(), text("error"), text("cause"))
}

/// Runs a definition to its end.
pub(crate) fn run(definition: &Value, input: &Value) -> String {
    of(&Script::new(&definition.to_string(), &input.to_string()).finish())
}

/// The same, with the outcomes of the tasks of the state `Call`.
pub(crate) fn run_with(definition: &Value, outcomes: impl IntoIterator<Item = TaskOutcome>) -> String {
    of(&Script::new(&definition.to_string(), "{}").on("Call", outcomes).finish())
}

/// A machine of one state `X` with a `Done` behind it.
pub(crate) fn one(state: &Value) -> Value {
    serde_json::json!({ "StartAt": "X", "States": { "X": state } })
}

/// The same in JSONata.
pub(crate) fn one_in_jsonata(state: &Value) -> Value {
    serde_json::json!({ "QueryLanguage": "JSONata", "StartAt": "X", "States": { "X": state } })
}
