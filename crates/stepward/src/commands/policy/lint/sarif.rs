//! A lint's findings as SARIF.

use serde_json::Value;
use stepward_advisor::lint::{Finding, Rule};

use super::Linted;
use crate::commands::sarif;

pub(super) fn log(linted: &[Linted]) -> Value {
    let rules = Rule::ALL.map(|rule| sarif::Rule { id: rule.id(), about: Some(rule.about()) });
    let found = linted.iter().flat_map(|file| file.findings.iter().map(|finding| found(file, finding)));
    sarif::log("stepward policy lint", &rules, &found.collect::<Vec<_>>())
}

fn found<'a>(file: &'a Linted, finding: &'a Finding) -> sarif::Finding<'a> {
    let help = finding.help.as_ref().map(|help| format!(" Help: {help}.")).unwrap_or_default();
    sarif::Finding {
        rule: finding.rule.id(),
        level: finding.severity.word(),
        message: format!("{}.{help}", finding.message),
        file: &file.path,
        place: Some((&file.text, finding.span.clone())),
        logical: None,
    }
}
