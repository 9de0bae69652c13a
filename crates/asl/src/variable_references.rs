//! Which variables each state reads, as DescribeStateMachine tells it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use stepward_query::Expression;

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
        let mut names = BTreeSet::new();
        let Some(fields) = state.as_object() else { continue };
        for (key, value) in fields {
            match key.as_str() {
                "ItemProcessor" | "Iterator" => scope(value, found, depth + 1),
                "Branches" => {
                    value.as_array().into_iter().flatten().for_each(|branch| scope(branch, found, depth + 1))
                }
                // A literal: nothing in it is read.
                "Result" | "Comment" => {}
                key => field(key, value, &mut names, depth),
            }
        }
        found.entry(name.clone()).or_default().extend(names);
    }
}

fn field(key: &str, value: &Value, names: &mut BTreeSet<String>, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::String(text) => text_of(key, text, names),
        Value::Array(items) => items.iter().for_each(|item| field(key, item, names, depth + 1)),
        Value::Object(fields) => object(fields, names, depth),
        _ => {}
    }
}

fn object(fields: &Map<String, Value>, names: &mut BTreeSet<String>, depth: usize) {
    fields.iter().for_each(|(key, value)| field(key, value, names, depth + 1));
}

fn text_of(key: &str, text: &str, names: &mut BTreeSet<String>) {
    if let Some(expression) = text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}")) {
        names.extend(jsonata_variables(expression));
        return;
    }
    let is_path = key.ends_with(".$") || key.ends_with("Path") || PATHS.contains(&key);
    if is_path && let Ok(expression) = Expression::parse(text) {
        names.extend(expression.variables().into_iter().map(str::to_owned));
    }
}

/// `$name` that is no function call, no local binding, no parameter and not `$states`; strings are skipped.
fn jsonata_variables(expression: &str) -> BTreeSet<String> {
    let mut read = BTreeSet::new();
    let mut bound = BTreeSet::from(["states".to_owned()]);
    let mut characters = expression.char_indices().peekable();
    let mut quote = None;
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(open), '\\') if open != '`' => {
                characters.next();
            }
            (Some(open), character) if open == character => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, '$') => {
                let rest = expression.get(at + 1..).unwrap_or_default();
                let end = rest
                    .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
                    .unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                let after = after.trim_start();
                let is_parameter = expression.get(..at).is_some_and(is_in_parameters);
                if after.starts_with(":=") || is_parameter {
                    bound.insert(name.to_owned());
                } else if !name.is_empty() && !after.starts_with('(') {
                    read.insert(name.to_owned());
                }
                for _ in name.chars() {
                    characters.next();
                }
            }
            _ => {}
        }
    }
    read.retain(|name| !bound.contains(name) && !is_builtin(name));
    read
}

/// Whether the text ends inside the parameter list of a `function(`.
fn is_in_parameters(before: &str) -> bool {
    before.rfind('(').is_some_and(|open| {
        let list = before.get(open + 1..).unwrap_or_default();
        let head = before.get(..open).unwrap_or_default().trim_end();
        let is_list = list.chars().all(|letter| letter.is_alphanumeric() || "_$, ".contains(letter));
        is_list && (head.ends_with("function") || head.ends_with('λ'))
    })
}

/// Functions that are passed on by their name and not called.
fn is_builtin(name: &str) -> bool {
    const FUNCTIONS: [&str; 16] = [
        "string",
        "number",
        "boolean",
        "length",
        "uppercase",
        "lowercase",
        "trim",
        "sum",
        "max",
        "min",
        "average",
        "count",
        "exists",
        "not",
        "keys",
        "reverse",
    ];
    FUNCTIONS.contains(&name)
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
        let state = r#"{"Type": "Pass", "Output": "{% ($l := $v; $map($items, function($i) { $i + $l }) & '$no' & $states.input.$x) %}"}"#;
        assert_eq!(references(state), ["items", "v", "x"]);
    }
}
