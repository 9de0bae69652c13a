//! Functions that look for something in a text: a text, a regular expression, or what a function finds.

use std::sync::Arc;

use super::argument;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::regex::Pattern;
use crate::value::{Function, Object, Value};

/// What a regular expression gives when it is called: a match with a `next`, or nothing.
pub(crate) fn regex_match(pattern: &Pattern, text: Option<&Value>, from: usize) -> Value {
    let Some(Value::String(text)) = text else { return Value::Undefined };
    let Some(found) = pattern.find(text, from) else { return Value::Undefined };
    let offset = |at: usize| Value::Number(characters(text, at));
    let groups = found.groups.iter().map(|group| group.as_ref().map_or(Value::Undefined, Value::text));
    let next = Function::NextMatch { pattern: pattern.clone(), text: Arc::clone(text), from: found.end };
    let matched = text.get(found.start..found.end).unwrap_or_default();
    Value::object(Object::from_iter([
        ("match".into(), Value::text(matched)),
        ("start".into(), offset(found.start)),
        ("end".into(), offset(found.end)),
        ("groups".into(), Value::array(groups.collect())),
        ("next".into(), Value::Function(Arc::new(next))),
    ]))
}

/// Bytes as JavaScript counts: units of UTF-16.
#[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
fn characters(text: &str, bytes: usize) -> f64 {
    text.get(..bytes).unwrap_or_default().encode_utf16().count() as f64
}

struct Found {
    start: usize,
    end: usize,
    value: Value,
}

/// Every match of a pattern, which is a text, a regular expression, or a function that finds matches itself.
fn matches(
    evaluator: &mut Evaluator<'_>,
    pattern: &Value,
    text: &Arc<str>,
    limit: usize,
) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    if let Value::Function(function) = pattern
        && let Function::Regex(regex) = function.as_ref()
    {
        let mut from = 0;
        while found.len() < limit
            && let Some(next) = regex.find(text, from)
        {
            if next.start == next.end {
                return Err(Error::new("D1004").value(format!("{regex:?}")));
            }
            from = next.end;
            let value = regex_match(regex, Some(&Value::String(Arc::clone(text))), next.start);
            found.push(Found { start: next.start, end: next.end, value });
        }
        return Ok(found);
    }
    let mut next = evaluator.apply(pattern, vec![Value::String(Arc::clone(text))], &Value::Undefined)?;
    while let Value::Object(fields) = &next {
        if found.len() >= limit {
            break;
        }
        let number = |key: &str| fields.get(key).and_then(Value::as_number);
        let (Some(start), Some(end)) = (number("start"), number("end")) else {
            return Err(Error::new("T1010"));
        };
        found.push(Found { start: bytes(text, start), end: bytes(text, end), value: next.clone() });
        let following = fields.get("next").cloned().unwrap_or_default();
        next = evaluator.apply(&following, Vec::new(), &Value::Undefined)?;
    }
    Ok(found)
}

fn bytes(text: &str, units: f64) -> usize {
    let mut passed = 0.0;
    for (at, character) in text.char_indices() {
        if passed >= units {
            return at;
        }
        passed += f64::from(u32::try_from(character.len_utf16()).unwrap_or(1));
    }
    text.len()
}

fn limit(value: &Value, code: &'static str) -> Result<usize, Error> {
    match value.as_number() {
        None => Ok(usize::MAX),
        Some(number) if number < 0.0 => Err(Error::new(code).value(number)),
        // One more begins what is no whole number.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        Some(number) => Ok(number.ceil() as usize),
    }
}

pub(super) fn match_all(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    let Value::String(text) = argument(arguments, 0) else { return Ok(Value::Undefined) };
    let limit = limit(argument(arguments, 2), "D3040")?;
    let found = matches(evaluator, argument(arguments, 1), text, limit)?;
    let shown = found.iter().map(|found| {
        let field = |key: &str| match &found.value {
            Value::Object(fields) => fields.get(key).cloned().unwrap_or_default(),
            _ => Value::Undefined,
        };
        Value::object(Object::from_iter([
            ("match".into(), field("match")),
            ("index".into(), field("start")),
            ("groups".into(), field("groups")),
        ]))
    });
    Ok(Value::sequence(shown.collect()))
}

pub(super) fn contains(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    let Value::String(text) = argument(arguments, 0) else { return Ok(Value::Undefined) };
    let holds = match argument(arguments, 1) {
        Value::String(part) => text.contains(&**part),
        pattern => {
            let found = evaluator.apply(pattern, vec![Value::String(Arc::clone(text))], &Value::Undefined)?;
            !found.is_undefined()
        }
    };
    Ok(Value::Bool(holds))
}

pub(super) fn replace(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let Value::String(text) = argument(arguments, 0) else { return Ok(Value::Undefined) };
    let (pattern, by) = (argument(arguments, 1), argument(arguments, 2));
    if pattern.as_str() == Some("") {
        return Err(Error::new("D3010").value(""));
    }
    let limit = limit(argument(arguments, 3), "D3011")?;
    let undefined = Value::text("undefined");
    let by = if by.is_undefined() { &undefined } else { by };
    if let (Value::String(part), Value::String(by)) = (pattern, by) {
        let result = text.replacen(&**part, by, limit);
        evaluator.spend(result.len())?;
        return Ok(Value::text(result));
    }
    let found = match pattern {
        Value::String(part) => text
            .match_indices(&**part)
            .take(limit)
            .map(|(start, part)| Found {
                start,
                end: start + part.len(),
                value: Value::object(Object::from_iter([
                    ("match".into(), Value::text(part)),
                    ("groups".into(), Value::array(Vec::new())),
                ])),
            })
            .collect(),
        pattern => matches(evaluator, pattern, text, limit)?,
    };
    let mut result = String::new();
    let mut from = 0;
    for found in found {
        result.push_str(text.get(from..found.start).unwrap_or_default());
        match by {
            Value::String(by) => substitute(by, &found.value, &mut result),
            by => match evaluator.apply(by, vec![found.value.clone()], &Value::Undefined)? {
                Value::String(by) => result.push_str(&by),
                other => {
                    return Err(Error::new("D3012").value(other));
                }
            },
        }
        from = found.end;
    }
    result.push_str(text.get(from..).unwrap_or_default());
    evaluator.spend(result.len())?;
    Ok(Value::text(result))
}

/// `$0` is the match, `$1` its first group, `$$` a dollar.
fn substitute(by: &str, found: &Value, result: &mut String) {
    let Value::Object(fields) = found else { return };
    let groups = fields.get("groups").map(Value::items).unwrap_or_default();
    let mut rest = by;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            result.push('$');
            rest = after;
            continue;
        }
        if let Some(after) = after.strip_prefix('0') {
            result.push_str(fields.get("match").and_then(Value::as_str).unwrap_or_default());
            rest = after;
            continue;
        }
        let digits = after.len() - after.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        // As many digits as there are groups for.
        let most = groups.len().to_string().len().min(digits);
        let taken = (1..=most).rev().find(|count| {
            let number: usize =
                after.get(..*count).and_then(|digits| digits.parse().ok()).unwrap_or(usize::MAX);
            number <= groups.len() || *count == 1
        });
        match taken {
            Some(count) => {
                let number: usize =
                    after.get(..count).and_then(|digits| digits.parse().ok()).unwrap_or(usize::MAX);
                let group = groups.get(number.wrapping_sub(1)).and_then(Value::as_str);
                result.push_str(group.unwrap_or_default());
                rest = after.get(count..).unwrap_or_default();
            }
            None => {
                result.push('$');
                rest = after;
            }
        }
    }
    result.push_str(rest);
}

pub(super) fn split(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let Value::String(text) = argument(arguments, 0) else { return Ok(Value::Undefined) };
    let limit = limit(argument(arguments, 2), "D3020")?;
    let whole = match argument(arguments, 2).as_number() {
        Some(number) if number.fract() > 0.0 => limit - 1,
        _ => limit,
    };
    let parts: Vec<Value> = match argument(arguments, 1) {
        Value::String(part) if part.is_empty() => {
            text.chars().take(whole).map(|letter| Value::text(letter.to_string())).collect()
        }
        Value::String(part) => text.split(&**part).take(whole).map(Value::text).collect(),
        pattern => {
            let mut parts = Vec::new();
            let mut from = 0;
            for found in matches(evaluator, pattern, text, limit)? {
                parts.push(Value::text(text.get(from..found.start).unwrap_or_default()));
                from = found.end;
            }
            if parts.len() < limit {
                parts.push(Value::text(text.get(from..).unwrap_or_default()));
            }
            parts
        }
    };
    evaluator.spend(parts.len() * 32)?;
    Ok(Value::array(parts))
}
