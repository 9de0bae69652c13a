//! `stepward policy lint`: what is wrong with policies, or riskier than it looks, with its place in the file.

mod report;
mod sarif;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use stepward_advisor::lint::{Finding, Severity, lint};
use stepward_policy::PolicyKind;

#[derive(Args)]
pub(crate) struct Lint {
    /// Policy documents (JSON); `-` is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What the policies are attached to; found out from the document when it is not said.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// How the findings are printed.
    #[arg(long, default_value = "text", value_parser = ["text", "json", "sarif"])]
    format: String,
    /// Fail on warnings, too.
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Identity,
    Trust,
    Resource,
    Boundary,
    Session,
    Scp,
    Rcp,
    VpcEndpoint,
}

/// A file with what was found in it.
struct Linted {
    path: String,
    text: String,
    findings: Vec<Finding>,
}

pub(crate) fn run(arguments: &Lint) -> Result<ExitCode> {
    let mut linted = Vec::new();
    for file in &arguments.files {
        let path = file.display().to_string();
        let text = match path.as_str() {
            "-" => std::io::read_to_string(std::io::stdin())?,
            _ => std::fs::read_to_string(file).with_context(|| path.clone())?,
        };
        let findings = lint(&text, arguments.kind.map(PolicyKind::from));
        linted.push(Linted { path, text, findings });
    }
    match arguments.format.as_str() {
        "json" => report::print_json(&linted),
        "sarif" => println!("{:#}", sarif::log(&linted)),
        _ => report::print_text(&linted),
    }
    let mut all = linted.iter().flat_map(|linted| &linted.findings);
    let fails = all.any(|finding| arguments.deny_warnings || finding.severity == Severity::Error);
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl From<Kind> for PolicyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Identity => Self::Identity,
            Kind::Trust => Self::Trust,
            Kind::Resource => Self::Resource,
            Kind::Boundary => Self::Boundary,
            Kind::Session => Self::Session,
            Kind::Scp => Self::ServiceControl,
            Kind::Rcp => Self::ResourceControl,
            Kind::VpcEndpoint => Self::VpcEndpoint,
        }
    }
}

#[cfg(test)]
mod tests;
