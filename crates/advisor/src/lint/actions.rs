//! Rules about actions: are they known, and are they everything.

use stepward_models::{authorization, authorization_prefixes};
use stepward_policy::PolicyKind;

use super::finding::{Finding, Rule};
use super::source::Text;
use super::statement::{Statement, matching};
use crate::spelling::nearest;

pub(super) fn check(statement: &Statement, findings: &mut Vec<Finding>) {
    for text in &statement.actions.texts {
        findings.extend(unknown(text));
        if grants(statement) && !statement.actions.is_not {
            findings.extend(wildcard(text));
        }
    }
    if grants(statement) && statement.actions.is_not {
        let message =
            "NotAction with Allow allows every action but these, of every service, also of new ones";
        findings.push(
            Finding::warning(Rule::NegatedElement, &statement.actions.span, message)
                .help("name the actions that are needed in Action"),
        );
    }
}

/// Whether the statement gives rights; SCPs, RCPs and boundaries only limit them.
pub(super) fn grants(statement: &Statement) -> bool {
    use PolicyKind::{Boundary, ResourceControl, ServiceControl};
    statement.allows && !matches!(statement.kind, ServiceControl | ResourceControl | Boundary)
}

fn unknown(text: &Text) -> Option<Finding> {
    let (prefix, name) = text.text.split_once(':')?;
    if prefix.contains(['*', '?']) {
        return None;
    }
    let Some(service) = authorization(prefix) else {
        let finding =
            Finding::error(Rule::UnknownService, &text.span, format!("no service has the prefix '{prefix}'"));
        let near = nearest(prefix, authorization_prefixes());
        return Some(match near {
            Some(near) => finding.help(format!("did you mean {near}:{name}?")),
            None => finding,
        });
    };
    if !matching(&text.text).is_empty() {
        return None;
    }
    let is_pattern = name.contains(['*', '?']);
    let message = if is_pattern {
        format!("'{}' matches no action of {prefix}", text.text)
    } else {
        format!("{prefix} has no action '{name}'")
    };
    let finding = Finding::error(Rule::UnknownAction, &text.span, message);
    let near = nearest(name, service.actions.keys().map(String::as_str)).filter(|_| !is_pattern);
    Some(match near {
        Some(near) => finding.help(format!("did you mean {prefix}:{near}?")),
        None => finding,
    })
}

fn wildcard(text: &Text) -> Option<Finding> {
    let what = match text.text.split_once(':') {
        None if text.text == "*" => "every action of every service".to_owned(),
        Some(("*", "*")) => "every action of every service".to_owned(),
        Some((service, "*")) => format!("every action of {service}"),
        _ => return None,
    };
    Some(
        Finding::warning(Rule::WildcardAction, &text.span, format!("'{}' allows {what}", text.text))
            .help("name the actions that are needed"),
    )
}
