//! Functions that look for something in a text: a text, a regular expression, or what a function finds.

use std::ops::Range;
use std::sync::Arc;

use super::argument;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::regex::Pattern;
use crate::value::{Function, Object, Value};

/// A text in which a regular expression looks for matches.
#[derive(Debug)]
#[doc(hidden)]
pub struct Subject(Vec<u16>);

impl Subject {
    fn new(text: &str) -> Self {
        Self(text.encode_utf16().collect())
    }

    /// A part of it. Half a surrogate pair, which is no text here, becomes a replacement character.
    fn part(&self, range: Range<usize>) -> String {
        String::from_utf16_lossy(self.0.get(range).unwrap_or_default())
    }
}

/// What a regular expression gives when it is called: its first match in a text, or nothing.
pub(crate) fn first_match(
    evaluator: &mut Evaluator<'_>,
    pattern: &Pattern,
    text: Option<&Value>,
) -> Result<Value, Error> {
    let Some(Value::String(text)) = text else { return Ok(Value::Undefined) };
    match_from(evaluator, pattern, &Arc::new(Subject::new(text)), 0)
}

/// What a match's `next` gives. A match of nothing is refused: there would be no end of them.
pub(crate) fn next_match(
    evaluator: &mut Evaluator<'_>,
    pattern: &Pattern,
    subject: &Arc<Subject>,
    from: usize,
) -> Result<Value, Error> {
    if from >= subject.0.len() {
        return Ok(Value::Undefined);
    }
    let next = match_from(evaluator, pattern, subject, from)?;
    match &next {
        Value::Object(fields) if fields.get("match").and_then(Value::as_str) == Some("") => {
            Err(Error::new("D1004").value(pattern.source()))
        }
        _ => Ok(next),
    }
}

fn match_from(
    evaluator: &mut Evaluator<'_>,
    pattern: &Pattern,
    subject: &Arc<Subject>,
    from: usize,
) -> Result<Value, Error> {
    let Some(found) = evaluator.find(pattern, &subject.0, from)? else { return Ok(Value::Undefined) };
    let Range { start, end } = found.range;
    let groups = found
        .groups
        .into_iter()
        .map(|group| group.map_or(Value::Undefined, |group| subject.part(group).into()));
    let groups: Vec<Value> = groups.collect();
    evaluator.spend(groups.len() * 24 + (end - start))?;
    let next = Function::NextMatch { pattern: pattern.clone(), subject: Arc::clone(subject), from: end };
    Ok(Value::object(Object::from_iter([
        ("match".into(), subject.part(start..end).into()),
        ("start".into(), start.into()),
        ("end".into(), end.into()),
        ("groups".into(), Value::array(groups)),
        ("next".into(), Value::Function(Arc::new(next))),
    ])))
}

/// The groups of the first match in a text.
pub(crate) fn groups(
    evaluator: &mut Evaluator<'_>,
    pattern: &Pattern,
    text: &str,
) -> Result<Option<Vec<Option<String>>>, Error> {
    let subject = Subject::new(text);
    let found = evaluator.find(pattern, &subject.0, 0)?;
    let part = |group: Option<Range<usize>>| group.map(|group| subject.part(group));
    Ok(found.map(|found| found.groups.into_iter().map(part).collect()))
}

/// A match: where, in units of UTF-16, and what was given for it.
struct Found {
    start: usize,
    end: usize,
    value: Value,
}

/// Every match of a regular expression, or of a function that finds matches itself. As in the reference, the match behind
/// the last one that is wanted is looked for, too.
fn matches(
    evaluator: &mut Evaluator<'_>,
    pattern: &Value,
    text: &Arc<str>,
    limit: usize,
) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    if limit == 0 {
        return Ok(found);
    }
    let next = evaluator.apply(pattern, vec![Value::String(Arc::clone(text))], &Value::Undefined);
    evaluator.turns += 1;
    let mut next = next?;
    while let Value::Object(fields) = &next {
        if found.len() >= limit {
            break;
        }
        evaluator.step()?;
        let number = |key: &str| fields.get(key).and_then(Value::as_number);
        let (Some(start), Some(end)) = (number("start"), number("end")) else {
            return Err(Error::new("T1010"));
        };
        found.push(Found { start: unit(start), end: unit(end), value: next.clone() });
        let following = fields.get("next").cloned().unwrap_or_default();
        let turns = evaluator.turns;
        let result = evaluator.apply(&following, Vec::new(), &Value::Undefined);
        // A regular expression's own `next` is not waited for.
        if matches!(&following, Value::Function(next) if matches!(**next, Function::NextMatch { .. })) {
            evaluator.turns = turns + 1;
        }
        next = result?;
    }
    Ok(found)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no place becomes the first"
)]
fn unit(number: f64) -> usize {
    number as usize
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
    let whole = Subject::new(text);
    let found = match pattern {
        Value::String(part) => text
            .match_indices(&**part)
            .take(limit)
            .map(|(start, part)| {
                let units = |text: &str| text.encode_utf16().count();
                let start = text.get(..start).map_or(0, units);
                let value = Value::object(Object::from_iter([
                    ("match".into(), Value::text(part)),
                    ("groups".into(), Value::array(Vec::new())),
                ]));
                Found { start, end: start + units(part), value }
            })
            .collect(),
        pattern => matches(evaluator, pattern, text, limit)?,
    };
    let mut result = String::new();
    let mut from = 0;
    for found in found {
        result.push_str(&whole.part(from..found.start));
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
    result.push_str(&whole.part(from..whole.0.len()));
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
            let (whole, mut parts, mut from) = (Subject::new(text), Vec::new(), 0);
            for found in matches(evaluator, pattern, text, limit)? {
                parts.push(whole.part(from..found.start).into());
                from = found.end;
            }
            if parts.len() < limit {
                parts.push(whole.part(from..whole.0.len()).into());
            }
            parts
        }
    };
    evaluator.spend(parts.len() * 32)?;
    Ok(Value::array(parts))
}
