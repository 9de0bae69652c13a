//! What can run, but hardly as meant (AWS: the warning codes of ValidateStateMachineDefinitionDiagnostic).

use serde_json::Value;
use stepward_query::Expression;

use crate::diagnostic::Diagnostic;
use crate::event::StateType;
use crate::machine::QueryLanguage;
use crate::machine::choice::operator;
use crate::machine::source::{Problems, Source};

/// The fields that are payload templates.
const TEMPLATES: [&str; 4] = ["Parameters", "ResultSelector", "ItemSelector", "Assign"];

/// Warns of texts of a state that look like paths where nothing reads them as paths.
pub(in crate::machine) fn warnings(problems: &mut Problems, state_type: StateType, state: &Source<'_>) {
    if state.language != QueryLanguage::JsonPath {
        return;
    }
    for field in TEMPLATES {
        if let Some(template) = state.get(field).filter(|template| has_text(template, &is_unmarked)) {
            each_text(template, &state.at(field), &mut |place, key, text| {
                if is_unmarked(key, text) {
                    let message = "No .$ on a field that appears to be a JSONPath or Intrinsic Function.";
                    problems.told.push(Diagnostic::warning("NO_DOLLAR", message, place));
                }
            });
        }
    }
    if state_type == StateType::Pass
        && let Some(result) = state.get("Result")
    {
        each_text(result, &state.at("Result"), &mut |place, key, text| {
            if key.ends_with(".$") || is_dynamic(text) {
                let message = "The Result of a Pass state is static: a path in it is not evaluated.";
                problems.told.push(Diagnostic::warning("PASS_RESULT_IS_STATIC", message, place));
            }
        });
    }
    if state_type == StateType::Choice {
        state.objects("Choices").iter().for_each(|rule| operands(problems, rule));
    }
}

fn operands(problems: &mut Problems, rule: &Source<'_>) {
    for (name, value) in rule.fields {
        let is_literal = operator(name).is_some_and(|(_, is_path)| !is_path);
        if is_literal && value.as_str().is_some_and(is_dynamic) {
            let message = "Field value looks like a path, but field name does not end with 'Path'.";
            problems.told.push(Diagnostic::warning("NO_PATH", message, rule.at(name)));
        }
    }
    let nested = rule.objects("And").into_iter().chain(rule.objects("Or")).chain(rule.object("Not"));
    nested.for_each(|inner| operands(problems, &inner));
}

fn is_unmarked(key: &str, text: &str) -> bool {
    !key.ends_with(".$") && is_dynamic(text)
}

/// Whether there is a text in a value that is asked for. The depth is bounded by the JSON parser.
fn has_text(value: &Value, is_wanted: &dyn Fn(&str, &str) -> bool) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| match value {
            Value::String(text) => is_wanted(key, text),
            value => has_text(value, is_wanted),
        }),
        Value::Array(items) => items.iter().any(|item| has_text(item, is_wanted)),
        _ => false,
    }
}

/// Whether a text would be a path or an intrinsic function. A lone `$` or `$name` is more likely money or a variable of a
/// shell.
fn is_dynamic(text: &str) -> bool {
    ["$.", "$[", "$$.", "States."].iter().any(|start| text.starts_with(start))
        && Expression::parse(text).is_ok()
}

/// Every text of a value with its place and the key it belongs to. The depth is bounded by the JSON parser.
fn each_text(value: &Value, place: &str, found: &mut dyn FnMut(&str, &str, &str)) {
    below(value, &mut place.to_owned(), found);
}

/// The place is written to and cut back, as most texts have nothing to be told of.
fn below(value: &Value, place: &mut String, found: &mut dyn FnMut(&str, &str, &str)) {
    let length = place.len();
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                place.push('/');
                place.push_str(key);
                match value {
                    Value::String(text) => found(place, key, text),
                    value => below(value, place, found),
                }
                place.truncate(length);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                place.push_str(&format!("[{at}]"));
                below(item, place, found);
                place.truncate(length);
            }
        }
        _ => {}
    }
}
