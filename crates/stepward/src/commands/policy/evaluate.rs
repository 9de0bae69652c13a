//! `stepward policy evaluate`: one request from a file, or a batch from standard input.

mod case;
mod context;
mod shown;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};
use stepward_policy::Effect;

use case::Case;

#[derive(Args)]
pub(crate) struct Evaluate {
    /// A file with one request and its policies, in the form of the batch.
    #[arg(required_unless_present = "batch")]
    file: Option<PathBuf>,
    /// Read one request a line from standard input and answer each with a line.
    #[arg(long)]
    batch: bool,
    /// How the decision on a file is printed.
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(crate) fn run(arguments: &Evaluate) -> Result<ExitCode> {
    let Some(file) = arguments.file.as_ref().filter(|_| !arguments.batch) else {
        super::super::batch(|request| decide(request).unwrap_or_else(|error| failed(request, &error)))?;
        return Ok(ExitCode::SUCCESS);
    };
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let request: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    let case = Case::read(&request).with_context(|| file.display().to_string())?;
    let decided = case.decide();
    if arguments.format == "json" {
        println!("{}", answer(&request, &decided));
    } else {
        shown::print(&decided);
    }
    let is_allowed = decided.explanation.effect == Effect::Allowed;
    Ok(if is_allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn failed(request: &Value, error: &anyhow::Error) -> Value {
    // Deny when unsure: what cannot be understood is not allowed.
    json!({"id": request.get("id"), "decision": "ImplicitlyDenied", "reasons": [], "error": format!("{error:#}")})
}

fn decide(request: &Value) -> Result<Value> {
    Ok(answer(request, &Case::read(request)?.decide()))
}

fn answer(request: &Value, decided: &case::Decided) -> Value {
    let word = match decided.explanation.effect {
        Effect::Allowed => "Allowed",
        Effect::ImplicitlyDenied => "ImplicitlyDenied",
        Effect::ExplicitlyDenied => "ExplicitlyDenied",
    };
    let mut answer =
        json!({"id": request.get("id"), "decision": word, "reasons": decided.explanation.reasons()});
    if let (false, Some(fields)) = (decided.denial_text.is_empty(), answer.as_object_mut()) {
        fields.insert("message".to_owned(), json!(decided.denial_text));
    }
    answer
}

#[cfg(test)]
mod tests;
