//! A definition that is not JSON, told in the words of AWS's parser.

use crate::diagnostic::{Diagnostic, Severity};
use crate::json_mistake::{JsonMistake, source};

/// Tells a parser's error in the words of AWS's parser.
pub(super) fn diagnostic(text: &str, error: &serde_json::Error) -> Diagnostic {
    if text.trim().is_empty() {
        let diagnostic = Diagnostic::schema("Definition must be a valid JSON object", "/");
        return Diagnostic { location: None, ..diagnostic };
    }
    let mistake = JsonMistake::of(text).unwrap_or_else(|| JsonMistake {
        reason: error.to_string(),
        position: (error.line(), error.column()),
    });
    let location = source(text, mistake.position);
    Diagnostic {
        severity: Severity::Error,
        code: "INVALID_JSON_DESCRIPTION",
        message: format!("{}\n at {location}", mistake.reason),
        location: Some(location),
    }
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
        assert_eq!(
            first_line(r#"{"a": 1 "b": 2}"#),
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"
        );
        assert_eq!(
            first_line(r#"{"a": "#),
            "Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"a\": \"; line: 1, column: 1])"
        );
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert!(first_line(&deep).starts_with("recursion limit exceeded"), "{}", first_line(&deep));
    }
}
