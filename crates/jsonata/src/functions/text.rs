//! Values as text: what `&` and `$string` write, and JSON for errors.

use std::fmt::Write as _;

use crate::error::Error;
use crate::number;
use crate::value::{Function, Value, deeper};

/// Errors tell no more of a value.
const MESSAGE_BYTES_MAX: usize = 1_024 * 1_024;

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
pub(super) fn stringify(value: &Value, is_pretty: bool) -> Result<String, Error> {
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
    if text.len() > MESSAGE_BYTES_MAX {
        return;
    }
    deeper(|| write_any_json(value, text));
}

fn write_any_json(value: &Value, text: &mut String) {
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
            let is_shown = |value: &Value| match value {
                Value::Function(function) => matches!(**function, Function::Native(_)),
                value => !value.is_undefined(),
            };
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
