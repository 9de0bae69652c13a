//! Functions on strings.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::argument;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::number;
use crate::regex::Pattern;
use crate::value::{Function, Object, Value};

/// A value as `&` and `$string` make text of it.
pub(crate) fn to_text(value: &Value) -> Result<String, Error> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Function(_) => Ok(String::new()),
        Value::Number(number) if !number.is_finite() => Err(Error::new("D3001").value(*number)),
        other => stringify(other, false),
    }
}

/// JSON text, indented or not; numbers with 15 digits, functions as empty texts.
pub(crate) fn stringify(value: &Value, is_pretty: bool) -> Result<String, Error> {
    let mut text = String::new();
    write(value, is_pretty.then_some(0), &mut text)?;
    Ok(text)
}

fn write(value: &Value, indent: Option<usize>, text: &mut String) -> Result<(), Error> {
    match value {
        Value::Undefined => {}
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(&value.to_string()),
        Value::Number(number) if number.is_finite() => text.push_str(&number::write_rounded(*number)),
        // As in the reference: what is no number is null in JSON, what is infinite is out of range.
        Value::Number(number) if number.is_nan() => text.push_str("null"),
        Value::Number(number) => return Err(Error::new("D1001").value(*number)),
        Value::String(content) => quote(content, text),
        Value::Function(_) => text.push_str("\"\""),
        Value::Array(array) => {
            text.push('[');
            for (at, item) in array.items.iter().enumerate() {
                separate(at > 0, indent, text);
                if item.is_undefined() {
                    text.push_str("null");
                }
                write(item, indent.map(|indent| indent + 1), text)?;
            }
            finish(array.items.is_empty(), indent, text);
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            let mut is_first = true;
            for (key, value) in fields.iter().filter(|(_, value)| !value.is_undefined()) {
                separate(!is_first, indent, text);
                is_first = false;
                quote(key, text);
                text.push_str(if indent.is_some() { ": " } else { ":" });
                write(value, indent.map(|indent| indent + 1), text)?;
            }
            finish(is_first, indent, text);
            text.push('}');
        }
    }
    Ok(())
}

/// JSON text as JavaScript writes it, for errors: all digits, and null for what is no JSON.
pub(crate) fn write_json(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) if number.is_finite() => text.push_str(&number::write(*number)),
        Value::Null | Value::Undefined | Value::Number(_) => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::String(content) => quote(content, text),
        Value::Function(function) => match function.as_ref() {
            Function::Native(native) => {
                let _ = write!(
                    text,
                    "{{\"_jsonata_function\":true,\"signature\":{{\"definition\":\"{}\"}}}}",
                    native.definition()
                );
            }
            _ => text.push_str("null"),
        },
        Value::Array(array) => {
            text.push('[');
            for (at, item) in array.items.iter().enumerate() {
                separate(at > 0, None, text);
                write_json(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            let is_shown = |value: &Value| !value.is_function() && !value.is_undefined();
            for (at, (key, value)) in fields.iter().filter(|(_, value)| is_shown(value)).enumerate() {
                separate(at > 0, None, text);
                quote(key, text);
                text.push(':');
                write_json(value, text);
            }
            text.push('}');
        }
    }
}

fn separate(follows: bool, indent: Option<usize>, text: &mut String) {
    if follows {
        text.push(',');
    }
    if let Some(indent) = indent {
        text.push('\n');
        text.push_str(&"  ".repeat(indent + 1));
    }
}

fn finish(is_empty: bool, indent: Option<usize>, text: &mut String) {
    if let Some(indent) = indent.filter(|_| !is_empty) {
        text.push('\n');
        text.push_str(&"  ".repeat(indent));
    }
}

fn quote(content: &str, text: &mut String) {
    text.push_str(&serde_json::Value::String(content.to_owned()).to_string());
}

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
        other => stringify(other, is_pretty)?,
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
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Value::Undefined) };
    let characters: Vec<char> = text.chars().collect();
    let size = characters.len() as f64;
    let start = argument(arguments, 1).as_number().unwrap_or(0.0);
    let start = if size + start < 0.0 { 0.0 } else { start };
    let bound = |at: f64| (if at < 0.0 { size + at.trunc() } else { at }).clamp(0.0, size) as usize;
    let from = bound(start);
    let to = match argument(arguments, 2).as_number() {
        Some(length) if length <= 0.0 => return Ok(Value::text("")),
        Some(length) => bound(if start >= 0.0 { start + length } else { size + start + length }),
        None => characters.len(),
    };
    Ok(Value::text(characters.get(from..to.max(from)).unwrap_or_default().iter().collect::<String>()))
}

fn mapped(arguments: &[Value], map: impl Fn(&str) -> String) -> Value {
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

pub(super) fn base64_encode(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    // The reference takes each character for one byte.
    Ok(mapped(arguments, |text| {
        let bytes = text.encode_utf16().map(|unit| unit.to_le_bytes()[0]);
        STANDARD.encode(bytes.collect::<Vec<u8>>())
    }))
}

pub(super) fn base64_decode(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(mapped(arguments, |text| {
        // As the reference does: what is no digit is skipped, and a `=` ends it. Each byte is one character.
        let digits = text.chars().take_while(|letter| *letter != '=').filter_map(|letter| match letter {
            '-' => Some('+'),
            '_' => Some('/'),
            letter => (letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/')).then_some(letter),
        });
        let mut digits: String = digits.collect();
        if digits.len() % 4 == 1 {
            digits.pop();
        }
        LENIENT.decode(digits).unwrap_or_default().into_iter().map(char::from).collect()
    }))
}

/// Without padding, whatever the last bits are.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

const COMPONENT: &str = "-_.!~*'()";
const WHOLE: &str = "-_.!~*'();/?:@&=+$,#";

fn encode(text: &str, kept: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

pub(super) fn encode_url_component(
    _: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    url(arguments, "encodeUrlComponent", |text| checked(text).map(|text| encode(text, COMPONENT)))
}

pub(super) fn encode_url(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    url(arguments, "encodeUrl", |text| checked(text).map(|text| encode(text, WHOLE)))
}

/// Half a surrogate pair, which reading has replaced, cannot be encoded.
fn checked(text: &str) -> Option<&str> {
    (!text.contains('\u{fffd}')).then_some(text)
}

pub(super) fn decode_url_component(
    _: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    url(arguments, "decodeUrlComponent", |text| decode(text, ""))
}

pub(super) fn decode_url(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    url(arguments, "decodeUrl", |text| decode(text, ";/?:@&=+$,#"))
}

fn url(
    arguments: &[Value],
    name: &'static str,
    map: impl Fn(&str) -> Option<String>,
) -> Result<Value, Error> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Value::Undefined) };
    map(text).map(Value::text).ok_or_else(|| Error::new("D3140").value(text).with("functionName", name))
}

/// Decodes all but what stands for one of the kept characters.
fn decode(text: &str, kept: &str) -> Option<String> {
    let mut decoded = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (first, second) = (bytes.next(), bytes.next());
        let value = u8::try_from(digit(first)? << 4 | digit(second)?).ok()?;
        if kept.as_bytes().contains(&value) {
            decoded.extend([b'%', first?, second?]);
        } else {
            decoded.push(value);
        }
    }
    String::from_utf8(decoded).ok()
}
