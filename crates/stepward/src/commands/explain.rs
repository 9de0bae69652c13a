//! `stepward explain`: which states of an execution were denied, for lack of what, and what would fix it.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::client::{Server, list, member, text};

#[derive(Args)]
pub(crate) struct Explain {
    /// ARN of an execution; of an Express one, what the decision log still has is told.
    execution_arn: String,
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
    #[command(flatten)]
    server: Server,
}

/// Fails when something was denied.
pub(crate) fn run(arguments: &Explain) -> Result<ExitCode> {
    let told =
        arguments.server.stepward("ExplainExecution", &json!({"executionArn": arguments.execution_arn}))?;
    let denials = list(&told, "denials");
    if arguments.format == "json" {
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        print(&told, denials);
    }
    Ok(if denials.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(told: &Value, denials: &[Value]) {
    let status = member(told, "status").as_str().unwrap_or("Express");
    println!("{} ({status})", arn_name(text(told, "executionArn")));
    if denials.is_empty() {
        println!("Nothing was denied.");
    }
    for denial in denials {
        let state = member(denial, "stateName").as_str().unwrap_or("the execution");
        println!("\n{state}: {} on {} was denied", text(denial, "action"), text(denial, "resource"));
        if let Some(statement) = member(denial, "deniedBy").as_str() {
            println!("  by: {statement}");
        } else if let Some(missing) = member(denial, "missing").as_str() {
            println!("  because no {missing} allows it");
        }
        for line in text(denial, "explanation").lines().skip(1) {
            println!("  {line}");
        }
        if let Some(fix) = member(denial, "fix").as_str() {
            println!("  fix: {fix}");
        }
    }
}

fn arn_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
