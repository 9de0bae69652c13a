//! Stepward: AWS Step Functions, self-hosted, with IAM that is really enforced.
#![allow(clippy::disallowed_methods, reason = "the binary is where the outside world comes in")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks on its standard streams"
)]

mod client;
mod commands;
mod config;
mod console;
mod credentials;
mod definition;
mod edge;
mod metrics;
mod organization;
mod provider_keys;
mod server;
mod settings;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Requests are made of many small values: see docs/benchmarks.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// AWS Step Functions, self-hosted, with IAM that is really enforced.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve Step Functions, IAM, STS and Lambda.
    Serve(commands::serve::Serve),
    /// Evaluate IAM policies, and make them for state machines.
    #[command(subcommand)]
    Policy(commands::policy::Policy),
    /// Check a definition against its role: what will be allowed, what is missing, what is too much.
    Check(commands::check::Check),
    /// Say which states of an execution were denied, and what would fix it.
    Explain(commands::explain::Explain),
    /// Check state machine definitions.
    Validate(commands::validate::Validate),
    /// Run a state machine here, and watch it.
    Run(commands::run::Run),
    /// Evaluate JSONata expressions.
    Jsonata(commands::jsonata::Jsonata),
    /// List what a running server allowed and denied.
    Decisions(commands::decisions::Decisions),
    /// Copy the store of a running or stopped server into a new file.
    Backup(commands::backup::Backup),
    /// Make a server's folder from a copy that `backup` wrote.
    Restore(commands::restore::Restore),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => commands::serve::run(&serve),
        Command::Policy(policy) => commands::policy::run(&policy),
        Command::Check(check) => commands::check::run(&check),
        Command::Explain(explain) => commands::explain::run(&explain),
        Command::Validate(validate) => commands::validate::run(&validate),
        Command::Run(run) => commands::run::run(&run),
        Command::Jsonata(jsonata) => commands::jsonata::run(&jsonata),
        Command::Decisions(decisions) => commands::decisions::run(&decisions),
        Command::Backup(backup) => commands::backup::run(&backup),
        Command::Restore(restore) => commands::restore::run(&restore),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("stepward: {error:#}");
        ExitCode::FAILURE
    })
}
