//! Percent-encoding of queries and of forms (`application/x-www-form-urlencoded`, RFC 3986).

use std::fmt::Write as _;

use serde_json::Value;

/// How a form shows that a value is one of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ArrayFormat {
    /// `array[0]=a&array[1]=b`
    #[default]
    Indices,
    /// `array=a&array=b`
    Repeat,
    /// `array=a,b`
    Commas,
    /// `array[]=a&array[]=b`
    Brackets,
}

impl ArrayFormat {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "INDICES" => Self::Indices,
            "REPEAT" => Self::Repeat,
            "COMMAS" => Self::Commas,
            "BRACKETS" => Self::Brackets,
            _ => return None,
        })
    }
}

/// Nothing is nested deeper: a payload is not.
const DEPTH_MAX: usize = 128;

/// A text with every byte encoded that is not unreserved.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// `name=value&…`
pub(crate) fn encoded_pairs(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Names with a value, or with a list of values, of a field of a state's arguments.
pub(crate) fn pairs(field: &str, value: Option<&Value>) -> Result<Vec<(String, String)>, String> {
    let members = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(format!("The field \"{field}\" must be an object")),
    };
    let mut pairs = Vec::new();
    for (name, value) in members {
        match value {
            Value::Null => {}
            Value::Array(items) => pairs.extend(items.iter().map(|item| (name.clone(), text(item)))),
            other => pairs.push((name.clone(), text(other))),
        }
    }
    Ok(pairs)
}

/// A JSON value as a form: members of members in brackets.
pub(crate) fn form(value: &Value, format: ArrayFormat) -> String {
    let mut pairs = Vec::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        flatten(name.clone(), value, format, &mut pairs, 0);
    }
    encoded_pairs(&pairs)
}

fn flatten(
    name: String,
    value: &Value,
    format: ArrayFormat,
    pairs: &mut Vec<(String, String)>,
    depth: usize,
) {
    match value {
        Value::Null => {}
        Value::Object(members) if depth < DEPTH_MAX => {
            for (member, value) in members {
                flatten(format!("{name}[{member}]"), value, format, pairs, depth + 1);
            }
        }
        Value::Array(items) if format == ArrayFormat::Commas && items.iter().all(is_scalar) => {
            pairs.push((name, items.iter().map(text).collect::<Vec<_>>().join(",")));
        }
        Value::Array(items) if depth < DEPTH_MAX => {
            for (index, item) in items.iter().enumerate() {
                let name = match format {
                    ArrayFormat::Repeat => name.clone(),
                    ArrayFormat::Brackets => format!("{name}[]"),
                    ArrayFormat::Indices | ArrayFormat::Commas => format!("{name}[{index}]"),
                };
                flatten(name, item, format, pairs, depth + 1);
            }
        }
        scalar => pairs.push((name, text(scalar))),
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Object(_) | Value::Array(_))
}

/// A scalar as it stands in a URL or a header.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arrays_are_written_as_each_format_has_them() {
        let value = json!({"array": ["a", "b"]});
        let written = |name: &str| form(&value, ArrayFormat::parse(name).unwrap());
        assert_eq!(written("INDICES"), "array%5B0%5D=a&array%5B1%5D=b");
        assert_eq!(written("REPEAT"), "array=a&array=b");
        assert_eq!(written("COMMAS"), "array=a%2Cb");
        assert_eq!(written("BRACKETS"), "array%5B%5D=a&array%5B%5D=b");
        assert_eq!(ArrayFormat::parse("NONE"), None);
    }

    #[test]
    fn a_form_is_written_as_aws_shows_it() {
        let value = json!({"description": "Monthly subscription",
            "metadata": {"order_details": "monthly report data"}, "customer": 1234567890, "paid": true, "none": null});
        assert_eq!(
            form(&value, ArrayFormat::Indices),
            "description=Monthly%20subscription&metadata%5Border_details%5D=monthly%20report%20data&customer=1234567890&paid=true"
        );
        let nested = json!({"a": [{"b": 1}, ["ü"]]});
        assert_eq!(form(&nested, ArrayFormat::Commas), "a%5B0%5D%5Bb%5D=1&a%5B1%5D=%C3%BC");
    }
}
