//! Functions on objects, and those on values of any kind.

use std::sync::Arc;

use super::argument;
use crate::ast::Names;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::number;
use crate::value::{Object, Value, deeper};

pub(super) fn boolean(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(truth(argument(arguments, 0)).map_or(Value::Undefined, Value::Bool))
}

pub(super) fn not(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(truth(argument(arguments, 0)).map_or(Value::Undefined, |value| Value::Bool(!value)))
}

/// As arguments, functions are false.
fn truth(value: &Value) -> Option<bool> {
    if value.is_function() { Some(false) } else { value.to_boolean() }
}

pub(super) fn exists(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(Value::Bool(!argument(arguments, 0).is_undefined()))
}

pub(super) fn keys(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let mut found = Names::default();
    collect_keys(evaluator, argument(arguments, 0), &mut found)?;
    Ok(Value::sequence(found.into_iter().map(Value::String).collect()))
}

fn collect_keys(evaluator: &mut Evaluator<'_>, value: &Value, found: &mut Names) -> Result<(), Error> {
    match value {
        Value::Object(fields) => {
            evaluator.pass_over(std::slice::from_ref(value))?;
            found.extend(fields.keys().cloned());
            Ok(())
        }
        Value::Array(array) => {
            evaluator.pass_over(std::slice::from_ref(value))?;
            deeper(|| array.items.iter().try_for_each(|item| collect_keys(evaluator, item, found)))
        }
        _ => Ok(()),
    }
}

pub(super) fn lookup(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let key = argument(arguments, 1).as_str().unwrap_or_default();
    Ok(look_up(argument(arguments, 0), key))
}

fn look_up(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(fields) => fields.get(key).cloned().unwrap_or_default(),
        Value::Array(array) => {
            let found = array
                .items
                .iter()
                .map(|item| deeper(|| look_up(item, key)))
                .filter(|found| !found.is_undefined());
            Value::sequence(found.flat_map(|found| found.items()).collect())
        }
        _ => Value::Undefined,
    }
}

pub(super) fn spread(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    evaluator.walk(argument(arguments, 0), 48)?;
    Ok(spread_value(argument(arguments, 0)))
}

fn spread_value(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let single = |(key, value): (&Arc<str>, &Value)| {
                Value::object(Object::from_iter([(Arc::clone(key), value.clone())]))
            };
            Value::sequence(fields.iter().map(single).collect())
        }
        Value::Array(array) if array.items.is_empty() => Value::sequence(Vec::new()),
        Value::Array(array) => {
            Value::array(array.items.iter().flat_map(|item| spread_value(item).items()).collect())
        }
        other => other.clone(),
    }
}

pub(super) fn merge(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let value = argument(arguments, 0);
    if value.is_undefined() {
        return Ok(Value::Undefined);
    }
    let mut merged = Object::default();
    for item in value.items() {
        if let Value::Object(fields) = item {
            merged.extend(fields.iter().map(|(key, value)| (Arc::clone(key), value.clone())));
        }
    }
    Ok(Value::object(merged))
}

pub(super) fn error(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Err(Error::new("D3137").with(
        "message",
        argument(arguments, 0)
            .as_str()
            .filter(|text| !text.is_empty())
            .unwrap_or("$error() function evaluated"),
    ))
}

pub(super) fn assert(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    if argument(arguments, 0).to_boolean() == Some(true) {
        return Ok(Value::Undefined);
    }
    Err(Error::new("D3141").with(
        "message",
        argument(arguments, 1)
            .as_str()
            .filter(|text| !text.is_empty())
            .unwrap_or("$assert() statement failed"),
    ))
}

pub(super) fn kind(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(Value::text(match argument(arguments, 0) {
        Value::Undefined => return Ok(Value::Undefined),
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Function(_) => "function",
    }))
}

pub(super) fn clone(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let value = argument(arguments, 0);
    evaluator.walk(value, 24)?;
    Ok(copied(value).unwrap_or_else(|| value.clone()))
}

/// A value as the reference copies it, by writing and reading it: numbers with 15 digits, no functions. Nothing when
/// that changes nothing.
pub(crate) fn copied(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) if !number.is_finite() => Some(Value::Null),
        Value::Number(number) => {
            Some(number::rounded(*number)).filter(|rounded| rounded != number).map(Value::Number)
        }
        Value::Function(_) => Some(Value::text("")),
        Value::Array(array) => {
            let changed: Vec<Option<Value>> = array.items.iter().map(copied).collect();
            changed.iter().any(Option::is_some).then(|| {
                let items = array.items.iter().zip(changed);
                Value::array(items.map(|(item, changed)| changed.unwrap_or_else(|| item.clone())).collect())
            })
        }
        Value::Object(fields) => {
            let changed: Vec<Option<Value>> = fields.values().map(copied).collect();
            changed.iter().any(Option::is_some).then(|| {
                let fields = fields.iter().zip(changed);
                let fields = fields.map(|((key, value), changed)| {
                    (Arc::clone(key), changed.unwrap_or_else(|| value.clone()))
                });
                Value::object(fields.collect())
            })
        }
        _ => None,
    }
}

/// Evaluates a text as an expression, with the variables of the call and within the same budget.
pub(super) fn eval(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    input: &Value,
) -> Result<Value, Error> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Value::Undefined) };
    let focus = match argument(arguments, 1) {
        Value::Undefined => input.clone(),
        given => crate::evaluate::as_input(given),
    };
    let failed = |error: Error, code: &'static str| Error::new(code).value(error.message());
    let result = evaluator.evaluate_text(text, &focus).map_err(|error| failed(error, "D3120"))?;
    result.map_err(|error| failed(error, "D3121"))
}
