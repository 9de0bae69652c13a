//! `stepward validate`: definitions checked as CreateStateMachine checks them.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};
use stepward_asl::{Diagnostic, Machine, MachineType, Severity};

#[derive(Args)]
pub(crate) struct Validate {
    /// Definition files (JSON).
    #[arg(required_unless_present = "batch")]
    files: Vec<PathBuf>,
    /// Type of the state machines.
    #[arg(long = "type", default_value = "STANDARD", value_parser = ["STANDARD", "EXPRESS"])]
    machine_type: String,
    /// Read {"id", "definition", "type"?} lines from standard input and answer each with a line.
    #[arg(long)]
    batch: bool,
    /// How the diagnostics are printed.
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(crate) fn run(validate: &Validate) -> Result<ExitCode> {
    if validate.batch {
        super::batch(answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut has_error = false;
    for file in &validate.files {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let diagnostics = check(&text, &validate.machine_type);
        has_error |= diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        print(&file.display().to_string(), &diagnostics, &validate.format);
    }
    Ok(if has_error { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn check(definition: &str, machine_type: &str) -> Vec<Diagnostic> {
    let machine_type = if machine_type == "EXPRESS" { MachineType::Express } else { MachineType::Standard };
    Machine::parse(definition, machine_type).1
}

fn answer(request: &Value) -> Value {
    let definition = match request.get("definition") {
        Some(Value::String(text)) => text.clone(),
        Some(definition) => definition.to_string(),
        None => String::new(),
    };
    let diagnostics = check(&definition, request.get("type").and_then(Value::as_str).unwrap_or("STANDARD"));
    let has_error = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    json!({
        "id": request.get("id"),
        "result": if has_error { "FAIL" } else { "OK" },
        "diagnostics": diagnostics.iter().map(shown).collect::<Vec<_>>(),
    })
}

fn shown(diagnostic: &Diagnostic) -> Value {
    json!({
        "severity": word(diagnostic),
        "code": diagnostic.code,
        "message": diagnostic.message,
        "location": diagnostic.location,
    })
}

fn word(diagnostic: &Diagnostic) -> &'static str {
    if diagnostic.severity == Severity::Error { "ERROR" } else { "WARNING" }
}

fn print(file: &str, diagnostics: &[Diagnostic], format: &str) {
    if format == "json" {
        let shown: Vec<Value> = diagnostics.iter().map(shown).collect();
        println!("{}", json!({"file": file, "diagnostics": shown}));
        return;
    }
    if diagnostics.is_empty() {
        println!("{file}: OK");
    }
    for diagnostic in diagnostics {
        let place = diagnostic.location.as_deref().unwrap_or("/");
        println!("{file}: {} {} at {place}: {}", word(diagnostic), diagnostic.code, diagnostic.message);
    }
}
