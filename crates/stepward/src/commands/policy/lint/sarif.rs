//! Findings as SARIF 2.1.0, which code hosts show beside the lines that they are about.

use serde_json::{Value, json};

use super::Linted;
use super::finding::{Finding, Rule};
use super::report::place;

pub(super) fn log(linted: &[Linted]) -> Value {
    let results: Vec<Value> =
        linted.iter().flat_map(|file| file.findings.iter().map(|finding| result(file, finding))).collect();
    let rules: Vec<Value> = Rule::ALL.into_iter().map(rule).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stepward policy lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(rule: Rule) -> Value {
    json!({"id": rule.id(), "shortDescription": {"text": rule.about()}})
}

fn result(file: &Linted, finding: &Finding) -> Value {
    let (line, column) = place(&file.text, finding.span.start);
    let (end_line, end_column) = place(&file.text, finding.span.end);
    let help = finding.help.as_ref().map(|help| format!(" Help: {help}.")).unwrap_or_default();
    json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == finding.rule),
        "level": finding.severity.word(),
        "message": {"text": format!("{}.{help}", finding.message)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&file.path)},
            "region": {
                "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
            },
        }}],
    })
}

/// The path as a URI reference: what is not plain is encoded.
fn uri(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
    }
    encoded
}
