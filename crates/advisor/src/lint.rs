//! What is wrong with a policy, or riskier than it looks, with its place in the text.

mod actions;
mod finding;
mod keys;
mod principals;
mod resources;
mod source;
mod statement;

use stepward_policy::{Policy, PolicyKind};

pub use finding::{Finding, Rule, Severity};
use source::{Content, Node};

/// Findings of a policy document (JSON), in the order of their places. The kind is found out from the document when
/// it is not said.
pub fn lint(text: &str, kind: Option<PolicyKind>) -> Vec<Finding> {
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
    let kind = kind.unwrap_or_else(|| guessed(&document));
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

#[cfg(test)]
mod tests;
