//! Where the states of a scope lead.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::diagnostic::Diagnostic;
use crate::machine::source::{Problems, Source};

/// Reports the states of a scope that nothing leads to. `start` is what `StartAt` says.
///
/// AWS: a state counts as reachable as soon as some state of its scope names it, be that one reachable or not.
pub(in crate::machine) fn reachable(problems: &mut Problems, states: &Source<'_>, start: Option<&str>) {
    let named: BTreeSet<&str> = states.fields.values().flat_map(targets).chain(start).collect();
    for name in states.fields.keys().filter(|name| !named.contains(name.as_str())) {
        let message = format!("State \"{name}\" is not reachable.");
        problems.told.push(Diagnostic::missing_target(message, states.at(name)));
    }
}

/// Whether one of the states ends its scope.
pub(in crate::machine) fn has_end(states: &Map<String, Value>) -> bool {
    states.values().any(|state| {
        matches!(state.get("Type").and_then(Value::as_str), Some("Succeed" | "Fail"))
            || state.get("End") == Some(&Value::Bool(true))
    })
}

/// The names that a state transitions to.
pub(super) fn targets(state: &Value) -> Vec<&str> {
    let own = ["Next", "Default"].iter().filter_map(|field| state.get(field));
    let listed = ["Choices", "Catch"].iter().filter_map(|field| state.get(field)?.as_array()).flatten();
    own.chain(listed.filter_map(|item| item.get("Next"))).filter_map(Value::as_str).collect()
}
