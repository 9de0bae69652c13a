//! `stepward policy lint`: what is wrong with policies, or riskier than it looks, with its place in the file.

mod actions;
mod finding;
mod glob;
mod keys;
mod nearest;
mod principals;
mod report;
mod resources;
mod sarif;
mod source;
mod statement;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use stepward_policy::{Policy, PolicyKind};

use finding::{Finding, Rule, Severity};
use source::{Content, Node};

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
        let findings = lint(&text, arguments.kind);
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

fn lint(text: &str, kind: Option<Kind>) -> Vec<Finding> {
    let document = match source::read(text) {
        Ok(document) => document,
        Err(error) => {
            return vec![Finding::error(
                Rule::Malformed,
                &error.span,
                format!("not JSON: {}", error.message),
            )];
        }
    };
    let kind = kind.map_or_else(|| guessed(&document), PolicyKind::from);
    let mut findings = Vec::new();
    if let Err(error) = Policy::parse(text, kind) {
        findings.push(Finding::error(Rule::Malformed, &start(&document), error.to_string()));
    }
    for statement in statement::statements(&document, kind) {
        let known = statement.known_actions();
        actions::check(&statement, &mut findings);
        resources::check(&statement, &known, &mut findings);
        keys::check(&statement, &known, &mut findings);
        principals::check(&statement, &mut findings);
    }
    if document.field("Version").and_then(Node::text) != Some("2012-10-17") {
        variables(&document, &mut findings);
    }
    findings.sort_by_key(|finding| (finding.span.start, finding.rule));
    findings
}

/// The opening of the document.
fn start(document: &Node) -> std::ops::Range<usize> {
    document.span.start..document.span.start + 1
}

/// The kind that a document looks like: policies with principals are of resources, or trust policies when they are
/// about being assumed and name no resource.
fn guessed(document: &Node) -> PolicyKind {
    let statements = document.field("Statement").map(Node::items).unwrap_or_default();
    let has = |name: &str| statements.iter().any(|statement| statement.field(name).is_some());
    if !has("Principal") && !has("NotPrincipal") {
        return PolicyKind::Identity;
    }
    let is_assumed = |action: &str| action.to_ascii_lowercase().starts_with("sts:");
    let actions = statements.iter().filter_map(|statement| statement.field("Action")).flat_map(Node::texts);
    let only_sts = actions.map(|action| is_assumed(&action.text)).reduce(|all, one| all && one);
    if only_sts == Some(true) && !has("Resource") { PolicyKind::Trust } else { PolicyKind::Resource }
}

/// Policy variables of a document in whose version they are plain text.
fn variables(node: &Node, findings: &mut Vec<Finding>) {
    match &node.value {
        Content::Text(text) if text.contains("${") => {
            let message = format!("'{text}' is plain text: variables need version 2012-10-17");
            findings.push(
                Finding::warning(Rule::VariableInOldVersion, &node.span, message)
                    .help("add \"Version\": \"2012-10-17\""),
            );
        }
        Content::List(items) => items.iter().for_each(|item| variables(item, findings)),
        Content::Object(fields) => fields.iter().for_each(|(_, value)| variables(value, findings)),
        Content::Text(_) | Content::Null => {}
    }
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
