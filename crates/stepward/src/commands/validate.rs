//! `stepward validate`: definitions checked as CreateStateMachine checks them.

mod sarif;
mod text;

pub(crate) use text::print;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};
use stepward_asl::{Diagnostic, MachineType, Severity};
use stepward_services::states::check_definition;

use crate::definition::Definition;

/// Checks Amazon States Language definitions. The exit code is 1 if one of them has an error.
#[derive(Args)]
pub(crate) struct Validate {
    /// Definition files, JSON or YAML; - reads standard input.
    #[arg(required_unless_present = "batch", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Type of the state machines.
    #[arg(long = "type", default_value = "STANDARD", value_parser = ["STANDARD", "EXPRESS"])]
    machine_type: String,
    /// Put a value in place of ${NAME}, as DefinitionSubstitutions do. May be given several times.
    #[arg(short, long = "substitute", value_name = "NAME=VALUE", value_parser = substitution)]
    substitutions: Vec<(String, String)>,
    /// Read {"id", "definition", "type"?} lines from standard input and answer each with a line.
    #[arg(long)]
    batch: bool,
    /// How the diagnostics are printed: for people, as a JSON object a file, or as SARIF for code scanning.
    #[arg(long, default_value = "text", value_parser = ["text", "json", "sarif"])]
    format: String,
}

/// Takes `NAME=VALUE` apart.
pub(crate) fn substitution(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => bail!("'{text}' is not of the form NAME=VALUE"),
    }
}

/// What was found in one file.
pub(crate) struct Checked {
    pub(crate) definition: Definition,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Checked {
    pub(crate) fn has_error(&self) -> bool {
        has_error(&self.diagnostics)
    }

    /// Where in the text a diagnostic points to.
    pub(crate) fn span(&self, diagnostic: &Diagnostic) -> Option<std::ops::Range<usize>> {
        let location = diagnostic.location.as_deref().unwrap_or("/");
        if let Some((line, column)) = parser_position(location) {
            return self.definition.character_at(line, column);
        }
        self.definition.span(location, named_field(&diagnostic.message))
    }
}

pub(crate) fn run(validate: &Validate) -> Result<ExitCode> {
    if validate.batch {
        super::batch(answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let machine_type = machine_type(&validate.machine_type);
    let mut has_failed = false;
    let mut checked = Vec::new();
    for file in &validate.files {
        match Definition::read(file, &validate.substitutions) {
            Ok(definition) => checked.push(check(definition, machine_type)),
            // The other files are checked all the same.
            Err(error) => {
                has_failed = true;
                eprintln!("stepward: {error:#}");
            }
        }
    }
    has_failed |= checked.iter().any(Checked::has_error);
    match validate.format.as_str() {
        "sarif" => println!("{:#}", sarif::log(&checked)),
        "json" => checked.iter().for_each(|file| println!("{}", as_json(file))),
        _ => checked.iter().for_each(text::print),
    }
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn machine_type(name: &str) -> MachineType {
    if name == "EXPRESS" { MachineType::Express } else { MachineType::Standard }
}

/// Checks a file's definition. What a placeholder hides cannot be judged, so it is warned of only.
pub(crate) fn check(definition: Definition, machine_type: MachineType) -> Checked {
    let (_, mut diagnostics) = check_definition(&definition.json, machine_type);
    for diagnostic in &mut diagnostics {
        let location = diagnostic.location.as_deref().unwrap_or_default();
        if diagnostic.severity == Severity::Error && definition.has_placeholder(location) {
            diagnostic.severity = Severity::Warning;
            diagnostic.code = "PLACEHOLDER";
            diagnostic.message =
                "The value has a placeholder; give it with --substitute NAME=VALUE.".to_owned();
        }
    }
    Checked { definition, diagnostics }
}

/// Line and column of text that is no JSON: the parser's place ends with `; line: 1, column: 4]`.
fn parser_position(location: &str) -> Option<(usize, usize)> {
    let (_, position) = location.strip_suffix(']')?.rsplit_once("; line: ")?;
    let (line, column) = position.split_once(", column: ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// The field that a message names, if it is about one that the object has.
fn named_field(message: &str) -> Option<&str> {
    let after = message.split_once("ield '")?.1;
    after.split_once('\'').map(|(name, _)| name)
}

fn answer(request: &Value) -> Value {
    let definition = match request.get("definition") {
        Some(Value::String(text)) => text.clone(),
        Some(definition) => definition.to_string(),
        None => String::new(),
    };
    let type_name = request.get("type").and_then(Value::as_str).unwrap_or("STANDARD");
    let (_, diagnostics) = check_definition(&definition, machine_type(type_name));
    let shown: Vec<Value> = diagnostics.iter().map(shown).collect();
    json!({"id": request.get("id"), "result": result(&diagnostics), "diagnostics": shown})
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

fn result(diagnostics: &[Diagnostic]) -> &'static str {
    if has_error(diagnostics) { "FAIL" } else { "OK" }
}

fn shown(diagnostic: &Diagnostic) -> Value {
    json!({
        "severity": if diagnostic.severity == Severity::Error { "ERROR" } else { "WARNING" },
        "code": diagnostic.code,
        "message": diagnostic.message,
        "location": diagnostic.location,
    })
}

fn as_json(file: &Checked) -> Value {
    let diagnostics = file.diagnostics.iter().map(|diagnostic| {
        let mut shown = shown(diagnostic);
        if let (Some(span), Some(fields)) = (file.span(diagnostic), shown.as_object_mut()) {
            let (line, column) = super::sarif::position(&file.definition.text, span.start);
            fields.insert("line".to_owned(), line.into());
            fields.insert("column".to_owned(), column.into());
        }
        shown
    });
    let diagnostics: Vec<Value> = diagnostics.collect();
    json!({"file": file.definition.name, "result": result(&file.diagnostics), "diagnostics": diagnostics})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parsers_place_is_read() {
        assert_eq!(parser_position("[Source: (String)\"x; line: 9\"; line: 1, column: 4]"), Some((1, 4)));
        assert_eq!(parser_position("/States/X"), None);
    }

    #[test]
    fn a_message_names_its_field() {
        assert_eq!(named_field("Field 'Catch' is not supported"), Some("Catch"));
        assert_eq!(named_field("The QueryLanguage is set to 'JSONata', but field 'A' is only"), Some("A"));
        assert_eq!(named_field("Value cannot be empty"), None);
    }
}
