//! `stepward policy`: IAM policies evaluated, checked, and made for state machines.

mod apply;
mod evaluate;
mod from_decisions;
mod generate;
mod lint;
mod replay;

pub(super) use generate::name_of;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Decide requests against policies, with every reason.
    Evaluate(evaluate::Evaluate),
    /// Find what is wrong with policies, or riskier than it looks.
    Lint(lint::Lint),
    /// Make the role that a definition needs.
    Generate(generate::Generate),
    /// Make the least policy of what a role was recorded to call.
    FromDecisions(from_decisions::FromDecisions),
    /// Say which recorded calls a new policy would decide otherwise.
    Replay(replay::Replay),
}

pub(crate) fn run(policy: &Policy) -> Result<ExitCode> {
    match policy {
        Policy::Evaluate(arguments) => evaluate::run(arguments),
        Policy::Lint(arguments) => lint::run(arguments),
        Policy::Generate(arguments) => generate::run(arguments),
        Policy::FromDecisions(arguments) => from_decisions::run(arguments),
        Policy::Replay(arguments) => replay::run(arguments),
    }
}
