//! Diagnostics of definitions as SARIF.

use std::collections::BTreeSet;

use serde_json::Value;
use stepward_asl::{Diagnostic, Severity};

use super::Checked;
use crate::commands::sarif;

/// The log of one run over all files.
pub(super) fn log(files: &[Checked]) -> Value {
    let all = || files.iter().flat_map(|file| file.diagnostics.iter().map(move |one| (file, one)));
    let codes: BTreeSet<&str> = all().map(|(_, one)| one.code).collect();
    let rules: Vec<_> = codes.into_iter().map(|id| sarif::Rule { id, about: None }).collect();
    let found: Vec<_> = all().map(|(file, one)| found(file, one)).collect();
    sarif::log("stepward", &rules, &found)
}

fn found<'a>(file: &'a Checked, diagnostic: &'a Diagnostic) -> sarif::Finding<'a> {
    sarif::Finding {
        rule: diagnostic.code,
        level: if diagnostic.severity == Severity::Error { "error" } else { "warning" },
        message: diagnostic.message.clone(),
        file: &file.definition.name,
        place: file.span(diagnostic).map(|span| (file.definition.text.as_str(), span)),
        logical: diagnostic.location.as_deref(),
    }
}
