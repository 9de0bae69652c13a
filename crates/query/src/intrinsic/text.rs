//! States.Format and States.StringSplit.

use serde_json::Value;

/// Fills each `{}` of the template in turn; `\{`, `\}`, `\'` and `\\` are the characters themselves.
pub(super) fn format(template: &str, arguments: &[Value]) -> Result<Value, String> {
    let mut arguments = arguments.iter();
    let mut formatted = String::with_capacity(template.len());
    let mut characters = template.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => formatted.push(characters.next().ok_or("the template ends with an open escape")?),
            '{' if characters.as_str().starts_with('}') => {
                characters.next();
                let argument =
                    arguments.next().ok_or("the template has more places than there are arguments")?;
                write_plain(&mut formatted, argument);
            }
            '{' | '}' => return Err(format!("the template has an unmatched '{character}'")),
            character => formatted.push(character),
        }
    }
    if arguments.next().is_some() {
        return Err("the template has fewer places than there are arguments".to_owned());
    }
    Ok(Value::String(formatted))
}

/// As AWS prints a value in a text: `{Id=1, Tags=[a, b]}`; strings are not quoted.
fn write_plain(to: &mut String, value: &Value) {
    let separate = |to: &mut String, index: usize| {
        if index > 0 {
            to.push_str(", ");
        }
    };
    match value {
        Value::String(text) => to.push_str(text),
        Value::Array(items) => {
            to.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(to, index);
                write_plain(to, item);
            }
            to.push(']');
        }
        Value::Object(fields) => {
            to.push('{');
            for (index, (name, item)) in fields.iter().enumerate() {
                separate(to, index);
                to.push_str(name);
                to.push('=');
                write_plain(to, item);
            }
            to.push('}');
        }
        scalar => to.push_str(&scalar.to_string()),
    }
}

/// Splits at any of the characters of the delimiters; empty parts are left out.
pub(super) fn split(text: &Value, delimiters: &Value) -> Result<Value, String> {
    let (Some(text), Some(delimiters)) = (text.as_str(), delimiters.as_str()) else {
        return Err("both arguments must be strings".to_owned());
    };
    if delimiters.is_empty() {
        return Ok(Value::Array(vec![text.into()]));
    }
    let parts = text.split(|character| delimiters.contains(character)).filter(|part| !part.is_empty());
    Ok(Value::Array(parts.map(Value::from).collect()))
}
