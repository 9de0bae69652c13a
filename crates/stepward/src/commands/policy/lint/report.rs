//! Findings for people, with carets into the source, and for programs.

use std::io::IsTerminal as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use super::Linted;
use super::finding::{Finding, Severity};

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
    let (line, column) = place(&file.text, finding.span.start);
    let (end_line, end_column) = place(&file.text, finding.span.end);
    json!({
        "rule": finding.rule.id(),
        "severity": finding.severity.word(),
        "message": finding.message,
        "help": finding.help,
        "start": {"line": line, "column": column},
        "end": {"line": end_line, "column": end_column},
    })
}

/// Line and column of a byte, both from 1; columns count characters.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}
