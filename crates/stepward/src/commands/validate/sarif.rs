//! Diagnostics as SARIF 2.1.0, which code scanning services read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stepward_asl::{Diagnostic, Severity};

use super::{Checked, position};

/// The log of one run over all files.
pub(super) fn log(files: &[Checked]) -> Value {
    let results: Vec<Value> =
        files.iter().flat_map(|file| file.diagnostics.iter().map(|one| result(file, one))).collect();
    let codes: BTreeSet<&str> =
        files.iter().flat_map(|file| file.diagnostics.iter().map(|one| one.code)).collect();
    let rules: Vec<Value> = codes.iter().map(|code| json!({"id": code})).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "stepward", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(file: &Checked, diagnostic: &Diagnostic) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(&file.definition.name)}});
    if let (Some(span), Some(fields)) = (file.span(diagnostic), physical.as_object_mut()) {
        let text = &file.definition.text;
        let ((line, column), (end_line, end_column)) = (position(text, span.start), position(text, span.end));
        let region =
            json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column});
        fields.insert("region".to_owned(), region);
    }
    let mut location = json!({"physicalLocation": physical});
    if let (Some(place), Some(fields)) = (&diagnostic.location, location.as_object_mut()) {
        fields.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": place}]));
    }
    json!({
        "ruleId": diagnostic.code,
        "level": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
        "message": {"text": diagnostic.message},
        "locations": [location],
    })
}

/// A file's name as a relative reference: what is not allowed in one is escaped.
fn uri(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
