//! `stepward policy`: evaluation of IAM policies.

mod evaluate;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Decide requests against policies, with every reason.
    Evaluate(evaluate::Evaluate),
}

pub(crate) fn run(policy: &Policy) -> Result<ExitCode> {
    match policy {
        Policy::Evaluate(arguments) => evaluate::run(arguments),
    }
}
