//! Whether a field's value is of its kind.

use serde_json::Value;
use stepward_query::{Expression, Root, jsonata_source};
use stepward_types::Timestamp;

use super::{Kind, Roots, object};
use crate::machine::QueryLanguage;
use crate::machine::source::{Problems, Source};

/// Checks one value; `name` is the field's, for the place of the mistake.
pub(super) fn value<'a>(
    problems: &mut Problems,
    source: &Source<'a>,
    name: &'a str,
    (value, kind): (&'a Value, Kind),
) {
    let at = || source.at(name);
    match kind {
        Kind::Any => {}
        Kind::Text => expect(problems, value.is_string(), "String", at),
        Kind::Flag => expect(problems, value.is_boolean(), "Boolean", at),
        Kind::Open => expect(problems, value.is_object(), "Object", at),
        Kind::Number => expect(problems, value.is_number(), "Number", at),
        Kind::Whole(least, most) if !is_expression(source, value) => {
            whole(problems, value, (least, most), at)
        }
        Kind::Fraction(least, most) if !is_expression(source, value) => {
            fraction(problems, value, (least, most), at);
        }
        Kind::Whole(..) | Kind::Fraction(..) => {}
        Kind::Word(words) => word(problems, value, words, at),
        Kind::Path => path(problems, value, at),
        Kind::Reference(roots) => reference(problems, value, roots, at),
        Kind::ReferenceOrCall => reference_or_call(problems, value, at),
        Kind::Condition => {
            expect(problems, value.is_boolean() || is_expression(source, value), "Boolean", at)
        }
        Kind::Timestamp if !is_expression(source, value) => timestamp(problems, value, at),
        Kind::Timestamp => {}
        Kind::Object(table) => match source.object(name) {
            Some(inner) => object(problems, &inner, table),
            None => problems.add("Expected value of type Object", at()),
        },
        Kind::Objects(table, may_be_empty) => {
            if list(problems, source, name, may_be_empty) {
                source.objects(name).iter().for_each(|inner| object(problems, inner, table));
            }
        }
        Kind::Scopes => {
            list(problems, source, name, false);
        }
        Kind::ErrorNames | Kind::Texts => texts(problems, value, matches!(kind, Kind::ErrorNames), at),
    }
}

fn expect(problems: &mut Problems, is_right: bool, expected: &str, at: impl Fn() -> String) {
    if !is_right {
        problems.add(format!("Expected value of type {expected}"), at());
    }
}

/// In JSONata, a number or a timestamp may be an expression.
fn is_expression(source: &Source<'_>, value: &Value) -> bool {
    source.language == QueryLanguage::Jsonata
        && value.as_str().is_some_and(|text| jsonata_source(text).is_some())
}

fn whole(problems: &mut Problems, value: &Value, (least, most): (i64, i64), at: impl Fn() -> String) {
    match value.as_i64() {
        Some(number) if number < least => problems.add(format!("Minimum value is {least}"), at()),
        Some(number) if number > most => problems.add(format!("Maximum value is {most}"), at()),
        Some(_) => {}
        None if value.is_u64() => problems.add(format!("Maximum value is {most}"), at()),
        None => problems.add("Expected value of type Integer", at()),
    }
}

fn fraction(problems: &mut Problems, value: &Value, (least, most): (f64, f64), at: impl Fn() -> String) {
    match value.as_f64() {
        Some(number) if number < least => problems.add(format!("Minimum value is {least:?}"), at()),
        Some(number) if number > most => problems.add(format!("Maximum value is {most:?}"), at()),
        Some(_) => {}
        None => problems.add("Expected value of type Float", at()),
    }
}

fn word(problems: &mut Problems, value: &Value, words: &[&str], at: impl Fn() -> String) {
    match value.as_str() {
        Some(text) if words.contains(&text) => {}
        Some(_) => {
            let message = format!("Value should be one of the following: [{}]", words.join(", "));
            problems.add(message, at());
        }
        None => problems.add("Expected value of type String", at()),
    }
}

fn path(problems: &mut Problems, value: &Value, at: impl Fn() -> String) {
    let is_path = match value {
        Value::Null => true,
        value => value.as_str().is_some_and(|text| problems.checked_path(text).is_some()),
    };
    if !is_path {
        problems.add("Value must be a valid JSONPath.", at());
    }
}

fn reference(problems: &mut Problems, value: &Value, roots: Roots, at: impl Fn() -> String) {
    if value.is_null() && roots == Roots::Writable {
        return;
    }
    let Some(text) = value.as_str() else {
        problems.add("Expected value of type String", at());
        return;
    };
    if !text.starts_with('$') {
        problems.add("Value is not a Reference Path: Reference path didn't start with '$'", at());
        return;
    }
    let is_allowed = |root| match roots {
        Roots::Writable => root == Root::Input,
        Roots::Data => root != Root::Context,
        Roots::Any => true,
    };
    let is_reference = problems
        .checked_path(text)
        .is_some_and(|path| path.is_reference() && path.root().is_some_and(is_allowed));
    if !is_reference {
        problems.add("Value is not a Reference Path", at());
    }
}

/// The functions that give a text (AWS: what `ErrorPath` and `CausePath` take).
const TEXT_FUNCTIONS: [&str; 7] =
    ["Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID"];

fn reference_or_call(problems: &mut Problems, value: &Value, at: impl Fn() -> String) {
    let Some(call) = value.as_str().filter(|text| text.starts_with("States.")) else {
        return reference(problems, value, Roots::Any, at);
    };
    let name = call.strip_prefix("States.").and_then(|rest| rest.split('(').next()).unwrap_or_default();
    if !TEXT_FUNCTIONS.contains(&name.trim_end()) || Expression::parse(call).is_err() {
        problems.add("Value must be a valid JSONPath or a valid intrinsic function call", at());
    }
}

fn timestamp(problems: &mut Problems, value: &Value, at: impl Fn() -> String) {
    match value.as_str() {
        None => problems.add("Expected value of type String", at()),
        Some(text) if Timestamp::parse_rfc3339(text).is_err() => {
            problems.add("String does not match RFC3339 timestamp", at());
        }
        Some(_) => {}
    }
}

/// Checks that a field is a list of objects; whether they can be looked at.
fn list(problems: &mut Problems, source: &Source<'_>, name: &str, may_be_empty: bool) -> bool {
    let Some(items) = source.get(name).and_then(Value::as_array) else {
        problems.add("Expected value of type Array", source.at(name));
        return false;
    };
    if items.is_empty() && !may_be_empty {
        problems.add("Value cannot be empty", source.at(name));
    }
    for (index, item) in items.iter().enumerate() {
        if !item.is_object() {
            problems.add("Expected value of type Object", format!("{}[{index}]", source.at(name)));
        }
    }
    true
}

fn texts(problems: &mut Problems, value: &Value, must_have_one: bool, at: impl Fn() -> String) {
    let Some(items) = value.as_array() else {
        problems.add("Expected value of type Array", at());
        return;
    };
    if items.is_empty() && must_have_one {
        problems.add("Value cannot be empty", at());
    }
    for (index, item) in items.iter().enumerate() {
        if !item.is_string() {
            problems.add("Expected value of type String", format!("{}[{index}]", at()));
        }
    }
}
