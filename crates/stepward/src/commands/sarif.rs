//! Findings as SARIF 2.1.0, which code hosts show beside the lines that they are about: one log for every command.

use std::ops::Range;

use serde_json::{Value, json};

/// A rule that a tool's findings name.
pub(super) struct Rule<'a> {
    pub(super) id: &'a str,
    pub(super) about: Option<&'a str>,
}

/// A finding, with its place in a file where it is known.
pub(super) struct Finding<'a> {
    pub(super) rule: &'a str,
    /// `error`, `warning` or `note`.
    pub(super) level: &'static str,
    pub(super) message: String,
    pub(super) file: &'a str,
    /// The file's text and the bytes of it that the finding is about.
    pub(super) place: Option<(&'a str, Range<usize>)>,
    /// A name of the place that is no line, such as a JSON pointer.
    pub(super) logical: Option<&'a str>,
}

/// The log of one run of a tool.
pub(super) fn log(tool: &str, rules: &[Rule<'_>], findings: &[Finding<'_>]) -> Value {
    let results: Vec<Value> = findings.iter().map(|finding| result(rules, finding)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": tool,
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(rule: &Rule<'_>) -> Value {
    match rule.about {
        Some(about) => json!({"id": rule.id, "shortDescription": {"text": about}}),
        None => json!({"id": rule.id}),
    }
}

fn result(rules: &[Rule<'_>], finding: &Finding<'_>) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(finding.file)}});
    if let (Some((text, span)), Some(fields)) = (&finding.place, physical.as_object_mut()) {
        let (line, column) = position(text, span.start);
        let (end_line, end_column) = position(text, span.end);
        let region =
            json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column});
        fields.insert("region".to_owned(), region);
    }
    let mut location = json!({"physicalLocation": physical});
    if let (Some(name), Some(fields)) = (finding.logical, location.as_object_mut()) {
        fields.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": name}]));
    }
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|rule| rule.id == finding.rule),
        "level": finding.level,
        "message": {"text": finding.message},
        "locations": [location],
    })
}

/// A file's name as a relative reference: what is not allowed in one is escaped.
fn uri(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    uri
}

/// Line and column of a byte, both from 1; columns count characters.
pub(super) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        assert_eq!(position("ab\ncéd", 0), (1, 1));
        assert_eq!(position("ab\ncéd", 6), (2, 3));
    }

    #[test]
    fn a_finding_says_its_rule_and_its_place() {
        let rules = [Rule { id: "a", about: None }, Rule { id: "b", about: Some("About b.") }];
        let finding = Finding {
            rule: "b",
            level: "note",
            message: "It is.".to_owned(),
            file: "my file.json",
            place: Some(("ab\ncd", 3..4)),
            logical: Some("/States/A"),
        };
        let log = log("tool", &rules, &[finding]);
        let result = &log["runs"][0]["results"][0];
        assert_eq!(result["ruleIndex"], 1);
        let location = &result["locations"][0];
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "my%20file.json");
        assert_eq!(location["physicalLocation"]["region"]["startLine"], 2);
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "/States/A");
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][1]["shortDescription"]["text"], "About b.");
    }
}
