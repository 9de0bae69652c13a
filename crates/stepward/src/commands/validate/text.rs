//! Diagnostics for people: the lines of the definition with carets.

use std::io::IsTerminal as _;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use stepward_asl::{Diagnostic, Severity};

use super::Checked;

/// Prints what was found in a file.
pub(crate) fn print(file: &Checked) {
    let wants_color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let renderer = if wants_color { Renderer::styled() } else { Renderer::plain() };
    for diagnostic in &file.diagnostics {
        println!("{}\n", report(file, diagnostic, &renderer));
    }
    println!("{}: {}", file.definition.name, summary(&file.diagnostics));
}

fn report(file: &Checked, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = if diagnostic.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
    // What the parser says of a text that is no JSON repeats the text on further lines.
    let message = diagnostic.message.lines().next().unwrap_or_default();
    let title = level.primary_title(message).id(diagnostic.code);
    let place = diagnostic.location.as_deref().unwrap_or_default();
    // The place of text that is no JSON repeats the text.
    let label = if place.starts_with('/') { place } else { "" };
    match file.span(diagnostic) {
        Some(span) => {
            let annotation = AnnotationKind::Primary.span(span).label(label);
            let source = Snippet::source(file.definition.text.as_str())
                .path(file.definition.name.as_str())
                .annotation(annotation);
            renderer.render(&[title.element(source)])
        }
        None => renderer.render(&[annotate_snippets::Group::with_title(title)]),
    }
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|one| one.severity == severity).count();
    let counted = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let errors = counted(count(Severity::Error), "error");
    let warnings = counted(count(Severity::Warning), "warning");
    match (errors, warnings) {
        (None, None) => "OK".to_owned(),
        (None, Some(warnings)) => format!("OK, with {warnings}"),
        (Some(errors), None) => errors,
        (Some(errors), Some(warnings)) => format!("{errors}, {warnings}"),
    }
}
