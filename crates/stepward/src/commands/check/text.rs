//! A report for people: findings with the place in the definition, then every call with its verdict.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::Value;
use stepward_advisor::span_of;

use super::Checked;
use crate::client::{list, text as word};

pub(super) fn told(checked: &Checked) -> String {
    let mut text = String::new();
    for finding in list(&checked.report, "findings") {
        text.push_str(&finding_told(checked, finding));
        text.push_str("\n\n");
    }
    for state in list(&checked.report, "states") {
        let calls = list(state, "calls");
        let notes = list(state, "notes");
        if calls.is_empty() && notes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}", word(state, "name"));
        for call in calls {
            let by = list(call, "deciding").iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ");
            let by = if by.is_empty() { String::new() } else { format!(" ({by})") };
            let verdict = word(call, "verdict").to_lowercase();
            let _ =
                writeln!(text, "  {verdict:8} {} on {}{by}", word(call, "action"), word(call, "resource"));
        }
        for note in notes {
            let _ = writeln!(text, "  note     {}", note.as_str().unwrap_or_default());
        }
    }
    let _ = write!(text, "{}: {}", checked.source, word(&checked.report, "result"));
    text
}

fn finding_told(checked: &Checked, finding: &Value) -> String {
    let level = match word(finding, "level") {
        "ERROR" => Level::ERROR,
        "WARNING" => Level::WARNING,
        _ => Level::NOTE,
    };
    let title = level.primary_title(word(finding, "message")).id(word(finding, "code"));
    let location = finding.get("location").and_then(Value::as_str);
    let source = checked.definition.as_deref();
    let place = source.and_then(|source| Some((source, span_of(source, location?)?)));
    let group = match place {
        Some((source, span)) => {
            let snippet = Snippet::source(source).path(&checked.source);
            title.element(snippet.annotation(AnnotationKind::Primary.span(span)))
        }
        None => annotate_snippets::Group::with_title(title),
    };
    let mut told = Renderer::plain().render(&[group]).to_string();
    if let Some(fix) = finding.get("fix").and_then(Value::as_str) {
        let _ = write!(told, "\n  fix: {fix}");
    }
    told
}
