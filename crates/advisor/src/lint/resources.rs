//! Rules about resources: do their types fit the actions, and are they everything.

use stepward_policy::PolicyKind;

use super::actions::grants;
use super::finding::{Finding, Rule};
use super::source::Text;
use super::statement::{Known, Statement};
use crate::glob::meets;

pub(super) fn check(statement: &Statement, known: &[Known], findings: &mut Vec<Finding>) {
    let resources = &statement.resources;
    if resources.is_not {
        if grants(statement) {
            let message = "NotResource with Allow allows every resource but these, also new ones";
            findings.push(
                Finding::warning(Rule::NegatedElement, &resources.span, message)
                    .help("name the resources that are needed in Resource"),
            );
        }
        return;
    }
    if let Some(everything) = resources.texts.iter().find(|text| text.text == "*") {
        findings.extend(wildcard(statement, known, everything));
        findings.extend(pass_role(statement, known, everything));
        return;
    }
    for text in &resources.texts {
        findings.extend(unfit(statement, known, text));
    }
    findings.extend(without_resource(statement, known));
}

fn wildcard(statement: &Statement, known: &[Known], everything: &Text) -> Option<Finding> {
    // A resource's own policy is about that resource, and a condition limits what is allowed.
    let is_limited = statement.kind == PolicyKind::Resource || !statement.conditions.is_empty();
    if !grants(statement) || is_limited {
        return None;
    }
    // Some actions act on nothing else; of the others, those that read only are often meant so.
    let first = known.iter().find(|known| !known.action.resources.is_empty() && writes(known))?;
    let types: Vec<&str> = known_types(first);
    let message = format!("{} is allowed on every resource", first.name);
    let help = format!("name the resources; it acts on: {}", types.join(", "));
    Some(Finding::warning(Rule::WildcardResource, &everything.span, message).help(help))
}

fn writes(known: &Known) -> bool {
    !matches!(known.action.level.as_deref(), Some("Read" | "List"))
}

fn known_types(known: &Known) -> Vec<&str> {
    known.action.resources.iter().map(|resource| resource.name.as_str()).collect()
}

fn pass_role(statement: &Statement, known: &[Known], everything: &Text) -> Option<Finding> {
    let passes = known.iter().any(|known| known.name == "iam:PassRole");
    let is_limited = !statement.values_of("iam:PassedToService").is_empty();
    (grants(statement) && passes && !is_limited).then(|| {
        let message =
            "every role may be passed to every service, also one with more rights than the caller's";
        Finding::warning(Rule::PassRole, &everything.span, message)
            .help("name the roles in Resource, and the services in a condition on iam:PassedToService")
    })
}

/// A resource that none of the statement's actions acts on.
fn unfit(statement: &Statement, known: &[Known], text: &Text) -> Option<Finding> {
    let acting: Vec<&Known> = known.iter().filter(|known| !known.action.resources.is_empty()).collect();
    if acting.is_empty() || statement.actions.texts.iter().any(|action| action.text.contains('*')) {
        return None;
    }
    if acting.iter().any(|known| fits(known, &text.text)) {
        return None;
    }
    let first = acting.first()?;
    let message = format!("{} does not act on '{}'", first.name, text.text);
    let help = format!("it acts on {}", arns(first).join(" or "));
    Some(Finding::error(Rule::ResourceType, &text.span, message).help(help))
}

/// Whether a resource of one of the action's types can be what the text stands for.
fn fits(known: &Known, text: &str) -> bool {
    let text = without_variables(text);
    arns(known).iter().any(|arn| meets(&without_variables(arn), &text))
}

fn arns(known: &Known) -> Vec<&str> {
    let types = known.action.resources.iter();
    types
        .filter_map(|resource| known.service.resources.get(&resource.name))
        .map(|of| of.arn.as_str())
        .collect()
}

/// The text with a `*` in the place of each variable.
fn without_variables(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        plain.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    plain + rest
}

/// An action that acts on no resource in a statement that names some: it is never allowed.
fn without_resource(statement: &Statement, known: &[Known]) -> Option<Finding> {
    let names_resources = !statement.resources.texts.is_empty() && statement.allows;
    // Resource policies are about their resource, whatever its type is called.
    if !names_resources || statement.kind == PolicyKind::Resource {
        return None;
    }
    let entry = statement.actions.texts.iter().find(|text| {
        let named: Vec<&Known> =
            known.iter().filter(|known| known.name.eq_ignore_ascii_case(&text.text)).collect();
        !named.is_empty() && named.iter().all(|known| known.action.resources.is_empty())
    })?;
    let message = format!("{} acts on no resource, so naming some never allows it", entry.text);
    Some(
        Finding::error(Rule::ActionWithoutResource, &entry.span, message)
            .help("put it into a statement of its own with \"Resource\": \"*\""),
    )
}
