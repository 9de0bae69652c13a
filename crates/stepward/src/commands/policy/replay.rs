//! `stepward policy replay`: which recorded calls a new policy would decide otherwise, before it is put in place.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;

use super::from_decisions::seconds;
use crate::client::{Server, list, member, text};

#[derive(Args)]
pub(crate) struct Replay {
    /// Name or ARN of the role.
    #[arg(long)]
    role: String,
    /// Files with the policies that take the place of the role's.
    #[arg(long = "policy", required = true, num_args = 1..)]
    policies: Vec<PathBuf>,
    /// Only decisions since then: RFC 3339, or seconds since 1970.
    #[arg(long)]
    since: Option<String>,
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
    #[command(flatten)]
    server: Server,
}

/// Fails when a recorded call would be newly denied.
pub(crate) fn run(arguments: &Replay) -> Result<ExitCode> {
    let read = |file: &PathBuf| std::fs::read_to_string(file).with_context(|| file.display().to_string());
    let policies = arguments.policies.iter().map(read).collect::<Result<Vec<_>>>()?;
    let mut input = json!({"role": arguments.role, "policies": policies});
    if let (Some(since), Some(fields)) = (&arguments.since, input.as_object_mut()) {
        fields.insert("since".to_owned(), json!(seconds(since)?));
    }
    let replayed = arguments.server.stepward("ReplayPolicy", &input)?;
    let changes = list(&replayed, "changes");
    if arguments.format == "json" {
        println!("{}", serde_json::to_string_pretty(&replayed)?);
    } else {
        for change in changes {
            let word =
                if text(change, "change") == "NEWLY_DENIED" { "newly denied" } else { "newly allowed" };
            println!(
                "{word:13} {} on {} (recorded {} times)",
                text(change, "action"),
                text(change, "resource"),
                member(change, "count")
            );
            if !text(change, "fix").is_empty() {
                println!("              fix: {}", text(change, "fix"));
            }
        }
        println!("{} of {} recorded calls would change", changes.len(), member(&replayed, "calls"));
    }
    let is_denied = changes.iter().any(|change| text(change, "change") == "NEWLY_DENIED");
    Ok(if is_denied { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
