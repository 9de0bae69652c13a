//! `stepward policy`: evaluation and checks of IAM policies.

mod evaluate;
mod lint;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Decide requests against policies, with every reason.
    Evaluate(evaluate::Evaluate),
    /// Find what is wrong with policies, or riskier than it looks.
    Lint(lint::Lint),
}

pub(crate) fn run(policy: &Policy) -> Result<ExitCode> {
    match policy {
        Policy::Evaluate(arguments) => evaluate::run(arguments),
        Policy::Lint(arguments) => lint::run(arguments),
    }
}
