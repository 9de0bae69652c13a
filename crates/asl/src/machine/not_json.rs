//! What AWS's parser (Jackson) says of text that is not JSON.

use crate::diagnostic::{Diagnostic, Severity};

/// How much of a definition the message repeats.
const SOURCE_CHARACTERS_MAX: usize = 500;

/// The values that Jackson expects where a value may stand.
const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// Tells a parser's error in the words of AWS's parser.
pub(super) fn diagnostic(text: &str, error: &serde_json::Error) -> Diagnostic {
    if text.trim().is_empty() {
        let diagnostic = Diagnostic::schema("Definition must be a valid JSON object", "/");
        return Diagnostic { location: None, ..diagnostic };
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let (reason, column) = unknown_word(line, error.column()).unwrap_or_else(|| reason(line, error));
    let shown: String = text.chars().take(SOURCE_CHARACTERS_MAX).collect();
    let left_out = text.chars().skip(SOURCE_CHARACTERS_MAX).count();
    let truncated = if left_out > 0 { format!("[truncated {left_out} chars]") } else { String::new() };
    let location =
        format!("[Source: (String)\"{shown}\"{truncated}; line: {}, column: {column}]", error.line());
    Diagnostic {
        severity: Severity::Error,
        code: "INVALID_JSON_DESCRIPTION",
        message: format!("{reason}\n at {location}"),
        location: Some(location),
    }
}

/// A word that is no value has a message of its own, and a column behind it.
fn unknown_word(line: &str, column: usize) -> Option<(String, usize)> {
    let before = column.saturating_sub(1).min(line.len());
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = line.as_bytes();
    let start = before - bytes.iter().take(before).rev().take_while(|byte| is_word(byte)).count();
    let word: String =
        bytes.iter().skip(start).take_while(|byte| is_word(byte)).map(|&byte| char::from(byte)).collect();
    if !word.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    Some((format!("Unrecognized token '{word}': was expecting {VALUES}"), start + word.len() + 1))
}

fn reason(line: &str, error: &serde_json::Error) -> (String, usize) {
    let (told, column) = (error.to_string(), error.column());
    if error.is_eof() {
        let what = if told.contains("list") { "Array" } else { "Object" };
        return (format!("Unexpected end-of-input: expected close marker for {what}"), column + 1);
    }
    let Some(character) = line.get(..column).and_then(|before| before.chars().next_back()) else {
        return (told, column);
    };
    let has_comma = told.contains("trailing comma");
    let expected = if told.contains("expected `,` or `}`") {
        "was expecting comma to separate Object entries".to_owned()
    } else if told.contains("expected `,` or `]`") {
        "was expecting comma to separate Array entries".to_owned()
    } else if told.contains("expected `:`") {
        "was expecting a colon to separate field name and value".to_owned()
    } else if told.contains("key must be a string") || (has_comma && character == '}') {
        "was expecting double-quote to start field name".to_owned()
    } else if told.contains("expected value") || has_comma {
        format!("expected a valid value {VALUES}")
    } else {
        return (told, column);
    };
    (format!("Unexpected character ('{character}' (code {})): {expected}", u32::from(character)), column + 1)
}

#[cfg(test)]
mod tests {
    use crate::machine::{Machine, MachineType};

    fn first_line(text: &str) -> String {
        let (_, diagnostics) = Machine::parse(text, MachineType::Standard);
        let message = diagnostics.into_iter().next().map(|one| one.message).unwrap_or_default();
        message.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn mistakes_are_told_as_by_awss_parser() {
        for (text, expected) in [
            (
                r#"{"a": 1 "b": 2}"#,
                "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            ),
            (
                r#"{"a": [1 2]}"#,
                "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
            ),
            (
                r#"{"a" 1}"#,
                "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            ),
            (
                "{'a': 1}",
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            ),
            (
                r#"{"a": 1,}"#,
                "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
            ),
            (r#"{"a": "#, "Unexpected end-of-input: expected close marker for Object"),
            (
                r#"{"a": True}"#,
                "Unrecognized token 'True': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
        ] {
            assert_eq!(first_line(text), expected, "{text}");
        }
    }
}
