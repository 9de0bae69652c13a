//! A report as SARIF.

use serde_json::Value;
use stepward_advisor::span_of;

use super::Checked;
use crate::client::{list, text};
use crate::commands::sarif;

pub(super) fn log(checked: &Checked) -> Value {
    let findings = list(&checked.report, "findings");
    let mut codes: Vec<&str> = findings.iter().map(|finding| text(finding, "code")).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<_> = codes.into_iter().map(|id| sarif::Rule { id, about: None }).collect();
    let found: Vec<_> = findings.iter().map(|finding| found(checked, finding)).collect();
    sarif::log("stepward check", &rules, &found)
}

fn found<'a>(checked: &'a Checked, finding: &'a Value) -> sarif::Finding<'a> {
    let location = finding.get("location").and_then(Value::as_str);
    let place = location.and_then(|location| {
        let source = checked.definition.as_deref()?;
        Some((source, span_of(source, location)?))
    });
    sarif::Finding {
        rule: text(finding, "code"),
        level: match text(finding, "level") {
            "ERROR" => "error",
            "WARNING" => "warning",
            _ => "note",
        },
        message: text(finding, "message").to_owned(),
        file: &checked.source,
        place,
        logical: location,
    }
}
