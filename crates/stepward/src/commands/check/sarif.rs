//! A report as SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};
use stepward_advisor::span_of;

use super::Checked;

pub(super) fn log(checked: &Checked) -> Value {
    let findings = checked.report.get("findings").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut rules: Vec<&str> = findings.iter().filter_map(|finding| finding["code"].as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stepward check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| json!({"id": rule})).collect::<Vec<_>>(),
            }},
            "results": findings.iter().map(|finding| result(checked, finding)).collect::<Vec<_>>(),
        }],
    })
}

fn result(checked: &Checked, finding: &Value) -> Value {
    let level = match finding["level"].as_str() {
        Some("ERROR") => "error",
        Some("WARNING") => "warning",
        _ => "note",
    };
    let mut physical = json!({"artifactLocation": {"uri": checked.source}});
    let place = finding["location"].as_str().and_then(|location| {
        let source = checked.definition.as_deref()?;
        Some((source, span_of(source, location)?))
    });
    if let (Some((source, span)), Some(fields)) = (place, physical.as_object_mut()) {
        let (line, column) = position(source, span.start);
        let (end_line, end_column) = position(source, span.end);
        fields.insert(
            "region".to_owned(),
            json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}),
        );
    }
    json!({
        "ruleId": finding["code"],
        "level": level,
        "message": {"text": finding["message"]},
        "locations": [{"physicalLocation": physical}],
    })
}

/// Line and column from 1, in characters.
fn position(source: &str, at: usize) -> (usize, usize) {
    let before = source.get(..at).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
