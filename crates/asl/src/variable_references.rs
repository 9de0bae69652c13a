//! Which variables each state reads, as DescribeStateMachine tells it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use stepward_query::{Expression, JsonataTemplate, jsonata_source};

/// Fields whose text is a path although their name does not say so.
const PATHS: [&str; 4] = ["Variable", "ItemsPath", "InputPath", "OutputPath"];
/// No definition is nested deeper.
const DEPTH_MAX: usize = 100;

/// State name to the names of the variables that it reads, both sorted; states that read none are left out. A text
/// that is no definition reads none.
pub fn variable_references(definition: &str) -> BTreeMap<String, Vec<String>> {
    let definition: Value = serde_json::from_str(definition).unwrap_or_default();
    let mut found = BTreeMap::new();
    scope(&definition, &mut found, 0);
    found
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(state, names)| (state, names.into_iter().collect()))
        .collect()
}

type Found = BTreeMap<String, BTreeSet<String>>;

fn scope(definition: &Value, found: &mut Found, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    let states = definition.get("States").and_then(Value::as_object);
    for (name, state) in states.into_iter().flatten() {
        let Some(fields) = state.as_object() else { continue };
        found.entry(name.clone()).or_default().extend(reads(fields));
        for field in ["ItemProcessor", "Iterator"] {
            fields.get(field).into_iter().for_each(|processor| scope(processor, found, depth + 1));
        }
        let branches = fields.get("Branches").and_then(Value::as_array).into_iter().flatten();
        branches.for_each(|branch| scope(branch, found, depth + 1));
    }
}

/// The variables that a state itself reads, without the states in it.
fn reads(state: &Map<String, Value>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (key, value) in state {
        // The others are states of their own, or literals of which nothing is read.
        if !matches!(key.as_str(), "ItemProcessor" | "Iterator" | "Branches" | "Result" | "Comment") {
            field(key, value, &mut names, 0);
        }
    }
    names
}

fn field(key: &str, value: &Value, names: &mut BTreeSet<String>, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::String(text) => text_of(key, text, names),
        Value::Array(items) => items.iter().for_each(|item| field(key, item, names, depth + 1)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| field(key, value, names, depth + 1)),
        _ => {}
    }
}

/// Whether the name is that of a function that Step Functions adds to JSONata.
pub(crate) fn is_function(name: &str) -> bool {
    matches!(name, "partition" | "range" | "hash" | "random" | "uuid" | "parse")
}

fn text_of(key: &str, text: &str, names: &mut BTreeSet<String>) {
    if jsonata_source(text).is_some() {
        let Ok(template) = JsonataTemplate::parse(&Value::from(text)) else { return };
        for (_, part) in template.parts() {
            let read =
                part.references.variables.iter().filter(|name| *name != "states" && !is_function(name));
            names.extend(read.cloned());
        }
        return;
    }
    let is_path = key.ends_with(".$") || key.ends_with("Path") || PATHS.contains(&key);
    if is_path && let Ok(expression) = Expression::parse(text) {
        names.extend(expression.variables().into_iter().map(str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(state: &str) -> Vec<String> {
        let definition = format!(r#"{{"StartAt": "S", "States": {{"S": {state}}}}}"#);
        variable_references(&definition).remove("S").unwrap_or_default()
    }

    #[test]
    fn paths_templates_and_functions_read_variables() {
        assert_eq!(
            references(r#"{"Type": "Pass", "InputPath": "$b", "Parameters": {"x": "$no", "y.$": "$a.c"}}"#),
            ["a", "b"]
        );
        assert_eq!(
            references(r#"{"Type": "Choice", "Choices": [{"Variable": "$x", "StringEqualsPath": "$y"}]}"#),
            ["x", "y"]
        );
        assert_eq!(references(r#"{"Type": "Pass", "Assign": {"z.$": "States.Format('{}', $n)"}}"#), ["n"]);
        assert!(references(r#"{"Type": "Pass", "InputPath": "$.a", "Result": {"x.$": "$v"}}"#).is_empty());
    }

    #[test]
    fn jsonata_reads_what_it_does_not_bind() {
        let state = r#"{"Type": "Pass", "Output": "{% ($l := $v; $map($items, function($i) { $i + $l }) & '$no' & $string($states.input.x) & $uuid()) %}"}"#;
        assert_eq!(references(state), ["items", "v"]);
    }
}
