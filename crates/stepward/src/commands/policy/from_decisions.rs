//! `stepward policy from-decisions`: the least policy of what a role was recorded to call.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};

use super::apply::{Apply, Plan, apply};
use crate::client::{Server, list, member, text};

#[derive(Args)]
pub(crate) struct FromDecisions {
    /// Name or ARN of the role.
    #[arg(long)]
    role: String,
    /// Only decisions since then: RFC 3339, or seconds since 1970.
    #[arg(long)]
    since: Option<String>,
    #[command(flatten)]
    apply: Apply,
    #[command(flatten)]
    server: Server,
}

pub(crate) fn run(arguments: &FromDecisions) -> Result<ExitCode> {
    let mut input = json!({"role": arguments.role});
    if let (Some(since), Some(fields)) = (&arguments.since, input.as_object_mut()) {
        fields.insert("since".to_owned(), json!(seconds(since)?));
    }
    let made = arguments.server.stepward("PolicyFromDecisions", &input)?;
    notes(&made);
    eprintln!("note: made of {} calls in {} decisions", member(&made, "calls"), member(&made, "decisions"));
    let policy: Value = serde_json::from_str(text(&made, "policy"))?;
    println!("{}", serde_json::to_string_pretty(&policy)?);
    if arguments.apply.is_asked() {
        let role_arn = text(&made, "roleArn");
        let role_name = role_arn.rsplit('/').next().unwrap_or_default().to_owned();
        apply(&arguments.server, &Plan { role_name, policy, trust_policy: None })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The notes of an answer, on standard error.
pub(super) fn notes(answer: &Value) {
    for note in list(answer, "notes") {
        eprintln!("note: {}", note.as_str().unwrap_or_default());
    }
}

/// Seconds since 1970 of a time as people write it.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact")]
pub(super) fn seconds(text: &str) -> Result<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Ok(seconds);
    }
    let time = stepward_types::Timestamp::parse_rfc3339(text)
        .with_context(|| format!("{text} is no time such as 2026-01-31T12:00:00Z"))?;
    Ok(time.millis() as f64 / 1_000.0)
}
