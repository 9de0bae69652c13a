//! Variables: whether each that is read is assigned somewhere, and none of an outer scope is assigned again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::diagnostic::Diagnostic;
use crate::machine::source::{Problems, field as field_of};
use crate::variable_references::is_function;

/// The variables that each state reads, by the state's place.
pub(in crate::machine) type Reads = BTreeMap<String, BTreeSet<String>>;

/// Checks the machine's own scope and all scopes in it.
pub(in crate::machine) fn variables(problems: &mut Problems, definition: &Map<String, Value>, reads: &Reads) {
    let mut open = vec![Scope { definition, place: String::new(), outer: BTreeSet::new() }];
    while let Some(scope) = open.pop() {
        let own = assigned_in(scope.definition);
        scope.check(problems, &own, reads);
        open.extend(scope.inner(&own));
    }
}

struct Scope<'a> {
    definition: &'a Map<String, Value>,
    place: String,
    /// The variables of the scopes around it.
    outer: BTreeSet<&'a str>,
}

impl<'a> Scope<'a> {
    fn states(&self) -> impl Iterator<Item = (&'a str, &'a Map<String, Value>)> + use<'a> {
        let states = self.definition.get("States").and_then(Value::as_object);
        states.into_iter().flatten().filter_map(|(name, state)| Some((name.as_str(), state.as_object()?)))
    }

    fn place_of(&self, state: &str) -> String {
        format!("{}/States/{state}", self.place)
    }

    fn check(&self, problems: &mut Problems, own: &BTreeSet<&str>, reads: &Reads) {
        for (state_name, state) in self.states() {
            for assigned in assigned_by(state).filter(|assigned| self.outer.contains(assigned.name())) {
                // AWS: an inner scope cannot assign a variable of an outer one.
                let message = format!("Variable '{}' is assigned in an outer scope.", assigned.name());
                let place = format!("{}{}", self.place_of(state_name), assigned.place());
                problems.told.push(Diagnostic::of("INVALID_VARIABLE_NAME", message, place));
            }
            if reads.is_empty() {
                continue;
            }
            let place = self.place_of(state_name);
            for name in reads.get(&place).into_iter().flatten() {
                let is_known = own.contains(&**name) || self.outer.contains(&**name);
                if !is_known && !is_function(name) {
                    let message =
                        format!("Variable '${name}' is read, but no state that comes before assigns it.");
                    problems.told.push(Diagnostic::warning(Diagnostic::UNDEFINED_VARIABLE, message, &*place));
                }
            }
        }
    }

    fn inner(&self, own: &BTreeSet<&'a str>) -> Vec<Scope<'a>> {
        let mut inner = Vec::new();
        for (state_name, state) in self.states() {
            let visible = || self.outer.union(own).copied().collect();
            for field in ["ItemProcessor", "Iterator"] {
                if let Some(definition) = field_of(state, field).and_then(Value::as_object) {
                    let mode = definition.get("ProcessorConfig").and_then(|config| config.get("Mode"));
                    // AWS: a child execution does not see the variables around its Map.
                    let is_distributed = mode.and_then(Value::as_str) == Some("DISTRIBUTED");
                    let outer = if is_distributed { BTreeSet::new() } else { visible() };
                    inner.push(Scope {
                        definition,
                        place: format!("{}/{field}", self.place_of(state_name)),
                        outer,
                    });
                }
            }
            let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten();
            for (at, branch) in branches.enumerate() {
                if let Some(definition) = branch.as_object() {
                    let place = format!("{}/Branches[{at}]", self.place_of(state_name));
                    inner.push(Scope { definition, place, outer: visible() });
                }
            }
        }
        inner
    }
}

fn assigned_in(definition: &Map<String, Value>) -> BTreeSet<&str> {
    let states = definition.get("States").and_then(Value::as_object);
    let states = states.into_iter().flatten().filter_map(|(_, state)| state.as_object());
    states.flat_map(assigned_by).map(|assigned| assigned.name()).collect()
}

/// A variable that a state assigns.
struct Assignment<'a> {
    key: &'a str,
    /// The rule or the catcher that assigns it, if it is not the state itself.
    within: Option<(&'static str, usize)>,
}

impl<'a> Assignment<'a> {
    fn name(&self) -> &'a str {
        self.key.strip_suffix(".$").unwrap_or(self.key)
    }

    /// Where it is within the state.
    fn place(&self) -> String {
        match self.within {
            Some((field, at)) => format!("/{field}[{at}]/Assign/{}", self.key),
            None => format!("/Assign/{}", self.key),
        }
    }
}

/// The variables that a state assigns, in any of its ways.
fn assigned_by(state: &Map<String, Value>) -> impl Iterator<Item = Assignment<'_>> {
    let listed = ["Choices", "Catch"].into_iter().flat_map(|field| {
        let items = field_of(state, field).and_then(Value::as_array).into_iter().flatten().enumerate();
        items.filter_map(move |(at, item)| Some((Some((field, at)), item.as_object()?)))
    });
    std::iter::once((None, state)).chain(listed).flat_map(|(within, owner)| {
        let assign = field_of(owner, "Assign").and_then(Value::as_object);
        assign.into_iter().flatten().map(move |(key, _)| Assignment { key: key.as_str(), within })
    })
}
