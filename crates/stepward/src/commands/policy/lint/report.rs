//! Findings for people, with carets into the source, and for programs.

use std::io::IsTerminal as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use stepward_advisor::lint::{Finding, Severity};

use super::Linted;
use crate::commands::sarif::position;

pub(super) fn print_text(linted: &[Linted]) {
    let is_quiet = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_coloured = std::io::stdout().is_terminal() && !is_quiet;
    let renderer = if is_coloured { Renderer::styled() } else { Renderer::plain() };
    for file in linted {
        print!("{}", text(file, &renderer));
    }
}

pub(super) fn text(file: &Linted, renderer: &Renderer) -> String {
    if file.findings.is_empty() {
        return format!("{}: nothing to remark\n", file.path);
    }
    let mut shown = String::new();
    for finding in &file.findings {
        shown += &renderer.render(&report(file, finding)).to_string();
        shown += "\n\n";
    }
    let count = |severity| file.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    shown + &format!("{}: {errors} errors, {warnings} warnings\n", file.path)
}

fn report<'a>(file: &'a Linted, finding: &'a Finding) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let caret = AnnotationKind::Primary.span(finding.span.clone());
    let snippet = Snippet::source(file.text.as_str()).path(file.path.as_str()).annotation(caret);
    let group = level.primary_title(finding.message.as_str()).id(finding.rule.id()).element(snippet);
    vec![match &finding.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }]
}

pub(super) fn print_json(linted: &[Linted]) {
    for file in linted {
        let findings: Vec<Value> = file.findings.iter().map(|finding| shown(file, finding)).collect();
        println!("{}", json!({"file": file.path, "findings": findings}));
    }
}

fn shown(file: &Linted, finding: &Finding) -> Value {
    let (line, column) = position(&file.text, finding.span.start);
    let (end_line, end_column) = position(&file.text, finding.span.end);
    json!({
        "rule": finding.rule.id(),
        "severity": finding.severity.word(),
        "message": finding.message,
        "help": finding.help,
        "start": {"line": line, "column": column},
        "end": {"line": end_line, "column": end_column},
    })
}
