//! The states of a definition, flat: those of branches and item processors, too.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stepward_asl::{Diagnostic, Machine, MachineType, QueryLanguage, Severity};

use crate::fold::Fold;
use crate::place::Place;
use crate::shape::Shape;

/// No definition is nested deeper.
const DEPTH_MAX: usize = 100;
/// How often values are carried from one variable to the next.
const ROUNDS: usize = 6;

/// A definition that is sound, and where it lives.
#[derive(Clone, Debug)]
pub struct Definition {
    text: String,
    document: Value,
    pub(crate) place: Place,
    variables: BTreeMap<String, Shape>,
}

/// One state as it is written.
pub(crate) struct State<'a> {
    pub(crate) name: &'a str,
    /// e.g. `/States/Each/ItemProcessor/States/Call`.
    pub(crate) location: String,
    pub(crate) fields: &'a Map<String, Value>,
    pub(crate) language: QueryLanguage,
}

impl Definition {
    /// Reads a definition; one with errors is refused with its diagnostics.
    pub fn parse(text: &str, machine_type: MachineType, place: Place) -> Result<Self, Vec<Diagnostic>> {
        let (machine, diagnostics) = Machine::parse(text, machine_type);
        if machine.is_none() || diagnostics.iter().any(|one| one.severity == Severity::Error) {
            return Err(diagnostics);
        }
        let document = serde_json::from_str(text).unwrap_or_default();
        let mut definition = Self { text: text.to_owned(), document, place, variables: BTreeMap::new() };
        for _ in 0..ROUNDS {
            // What a round finds is true whatever it did not know: each makes more known.
            let found = definition.assigned();
            if found == definition.variables {
                break;
            }
            definition.variables = found;
        }
        Ok(definition)
    }

    /// The definition as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where its state machine lives.
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn fold(&self) -> Fold<'_> {
        Fold { place: &self.place, variables: &self.variables }
    }

    /// Every state, in the order of the text.
    pub(crate) fn states(&self) -> Vec<State<'_>> {
        let mut found = Vec::new();
        collect(&self.document, "", QueryLanguage::JsonPath, 0, &mut found);
        found
    }

    /// What every variable can hold: of all of its assignments together.
    fn assigned(&self) -> BTreeMap<String, Shape> {
        let mut found: BTreeMap<String, Shape> = BTreeMap::new();
        for state in self.states() {
            for assign in state.assigns() {
                let shape = self.fold().field(assign, state.language);
                let names = match &shape {
                    // The whole of `Assign` cannot be an expression.
                    Shape::Known(_) | Shape::Object(_) => shape.names(),
                    _ => Vec::new(),
                };
                for name in names {
                    let value = shape.field(&name).unwrap_or(Shape::Unknown);
                    let known = found.remove(&name);
                    let both = known.map_or(value.clone(), |known| known.or(value));
                    found.insert(name, both);
                }
            }
        }
        found
    }
}

impl<'a> State<'a> {
    pub(crate) fn text(&self, field: &str) -> Option<&'a str> {
        self.fields.get(field)?.as_str()
    }

    pub(crate) fn get(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field)
    }

    /// Whether it is a Distributed Map.
    pub(crate) fn is_distributed_map(&self) -> bool {
        let mode = self.get("ItemProcessor").and_then(|processor| processor.pointer("/ProcessorConfig/Mode"));
        self.text("Type") == Some("Map") && mode.and_then(Value::as_str) == Some("DISTRIBUTED")
    }

    /// Its own `Assign`, and those of its choices and catchers.
    fn assigns(&self) -> Vec<&'a Value> {
        let mut found: Vec<&Value> = self.fields.get("Assign").into_iter().collect();
        for list in ["Choices", "Catch"] {
            let items = self.fields.get(list).and_then(Value::as_array).into_iter().flatten();
            found.extend(items.filter_map(|item| item.get("Assign")));
        }
        found
    }
}

fn collect<'a>(
    scope: &'a Value,
    location: &str,
    language: QueryLanguage,
    depth: usize,
    found: &mut Vec<State<'a>>,
) {
    if depth > DEPTH_MAX {
        return;
    }
    let language = language_of(scope, language);
    let states = scope.get("States").and_then(Value::as_object);
    for (name, state) in states.into_iter().flatten() {
        let Some(fields) = state.as_object() else { continue };
        let location = format!("{location}/States/{name}");
        let own = language_of(state, language);
        found.push(State { name, location: location.clone(), fields, language: own });
        for processor in ["ItemProcessor", "Iterator"] {
            if let Some(inner) = fields.get(processor) {
                collect(inner, &format!("{location}/{processor}"), own, depth + 1, found);
            }
        }
        let branches = fields.get("Branches").and_then(Value::as_array).into_iter().flatten();
        for (index, branch) in branches.enumerate() {
            collect(branch, &format!("{location}/Branches[{index}]"), own, depth + 1, found);
        }
    }
}

fn language_of(scope: &Value, outer: QueryLanguage) -> QueryLanguage {
    match scope.get("QueryLanguage").and_then(Value::as_str) {
        Some("JSONata") => QueryLanguage::Jsonata,
        Some("JSONPath") => QueryLanguage::JsonPath,
        _ => outer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(value: &Value) -> Definition {
        let place = Place::new("us-east-1", "123456789012", "M");
        Definition::parse(&value.to_string(), MachineType::Standard, place).unwrap()
    }

    #[test]
    fn states_of_branches_and_processors_are_found_with_their_language() {
        let found = definition(&json!({"StartAt": "P", "States": {
            "P": {"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}], "Next": "M"},
            "M": {"Type": "Map", "QueryLanguage": "JSONata", "End": true,
                  "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}},
        }}));
        let states = found.states();
        let told: Vec<String> =
            states.iter().map(|state| format!("{} {:?}", state.location, state.language)).collect();
        assert_eq!(
            told,
            [
                "/States/P JsonPath",
                "/States/P/Branches[0]/States/A JsonPath",
                "/States/M Jsonata",
                "/States/M/ItemProcessor/States/B Jsonata"
            ]
        );
    }

    #[test]
    fn variables_hold_what_all_of_their_assignments_give() {
        let found = definition(&json!({"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Assign": {"t": "x", "u.$": "States.Format('{}-y', $t)", "i.$": "$.i"}, "Next": "B"},
            "B": {"Type": "Pass", "Assign": {"t": "z"}, "End": true},
        }}));
        assert_eq!(found.variables["t"], Shape::Known(vec![json!("x"), json!("z")]));
        assert_eq!(found.variables["u"], Shape::Known(vec![json!("x-y"), json!("z-y")]));
        assert_eq!(found.variables["i"], Shape::Unknown);
    }
}
