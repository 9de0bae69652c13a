//! Functions on strings.

use super::argument;
use super::text::stringify;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::value::Value;

pub(super) fn string(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let value = match argument(arguments, 0) {
        Value::Array(array) if array.is_wrapper => array.items.first().unwrap_or(&Value::Undefined),
        value => value,
    };
    let is_pretty = argument(arguments, 1).to_boolean().unwrap_or(false);
    let text = match value {
        Value::Undefined => return Ok(Value::Undefined),
        Value::String(_) => return Ok(value.clone()),
        Value::Function(_) => String::new(),
        Value::Number(number) if !number.is_finite() => return Err(Error::new("D3001").value(*number)),
        other => {
            evaluator.walk(other, 8)?;
            stringify(other, is_pretty)?
        }
    };
    evaluator.spend(text.len())?;
    Ok(Value::text(text))
}

/// Counted in characters, not in units of UTF-16.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "clamped to the length of a text"
)]
pub(super) fn substring(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    // Applied partially, it is not checked what it gets: as in the reference, a list is as good as its characters.
    let characters: Vec<String> = match argument(arguments, 0) {
        Value::String(text) => text.chars().map(String::from).collect(),
        Value::Array(array) => array.items.iter().map(joined).collect(),
        _ => return Ok(Value::Undefined),
    };
    let size = characters.len() as f64;
    let start = argument(arguments, 1).as_number().unwrap_or(0.0);
    let start = if size + start < 0.0 { 0.0 } else { start };
    let bound = |at: f64| (if at < 0.0 { size + at.trunc() } else { at }).clamp(0.0, size) as usize;
    let from = bound(start);
    let to = match argument(arguments, 2).as_number() {
        Some(length) if length <= 0.0 || argument(arguments, 1).is_undefined() => return Ok(Value::text("")),
        Some(length) => bound(if start >= 0.0 { start + length } else { size + start + length }),
        None => characters.len(),
    };
    Ok(Value::text(characters.get(from..to.max(from)).unwrap_or_default().concat()))
}

/// A value as JavaScript joins it to others.
fn joined(value: &Value) -> String {
    match value {
        Value::Undefined | Value::Null | Value::Function(_) => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => crate::number::write(*number),
        Value::String(text) => text.to_string(),
        Value::Array(array) => array.items.iter().map(joined).collect::<Vec<_>>().join(","),
        Value::Object(_) => "[object Object]".to_owned(),
    }
}

pub(super) fn mapped(arguments: &[Value], map: impl Fn(&str) -> String) -> Value {
    argument(arguments, 0).as_str().map_or(Value::Undefined, |text| Value::text(map(text)))
}

pub(super) fn substring_before(
    _: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    // As in JavaScript, nothing is the text "undefined".
    let part = argument(arguments, 1).as_str().unwrap_or("undefined").to_owned();
    Ok(mapped(arguments, |text| text.find(&part).and_then(|at| text.get(..at)).unwrap_or(text).to_owned()))
}

pub(super) fn substring_after(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let part = argument(arguments, 1).as_str().unwrap_or_default().to_owned();
    Ok(mapped(arguments, |text| {
        text.find(&part).and_then(|at| text.get(at + part.len()..)).unwrap_or(text).to_owned()
    }))
}

pub(super) fn lowercase(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(mapped(arguments, str::to_lowercase))
}

pub(super) fn uppercase(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(mapped(arguments, str::to_uppercase))
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
pub(super) fn length(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(argument(arguments, 0)
        .as_str()
        .map_or(Value::Undefined, |text| Value::Number(text.chars().count() as f64)))
}

pub(super) fn trim(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(mapped(arguments, |text| {
        text.split([' ', '\t', '\n', '\r']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }))
}

pub(super) fn pad(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Value::Undefined) };
    let width = argument(arguments, 1).as_number().unwrap_or(0.0);
    let padding = argument(arguments, 2).as_str().filter(|padding| !padding.is_empty()).unwrap_or(" ");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded by the budget below"
    )]
    let missing = (width.abs() as usize).saturating_sub(text.chars().count());
    evaluator.spend(missing.saturating_mul(4))?;
    let padding: String = padding.chars().cycle().take(missing).collect();
    Ok(Value::text(if width < 0.0 { padding + text } else { text.to_owned() + &padding }))
}

pub(super) fn join(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let list = argument(arguments, 0);
    if list.is_undefined() {
        return Ok(Value::Undefined);
    }
    let separator = argument(arguments, 1).as_str().unwrap_or_default();
    let items = list.items();
    let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    let joined = texts.join(separator);
    evaluator.spend(joined.len())?;
    Ok(Value::text(joined))
}
