//! Statements of the role that can never allow anything: names that no service has, resources that no action acts on.

use stepward_policy::PolicyKind;

use super::{Finding, Level};
use crate::lint::{self, Rule, lint};
use crate::role::Role;

/// What the linter finds in the role's policies that says why a grant does nothing, with what was probably meant.
pub(super) fn findings(role: &Role) -> Vec<Finding> {
    let mut found = Vec::new();
    for policy in &role.policies {
        let all = lint(&policy.document.to_string(), Some(PolicyKind::Identity));
        found.extend(all.iter().filter_map(|finding| without_effect(&policy.name, finding)));
    }
    found
}

fn without_effect(policy: &str, finding: &lint::Finding) -> Option<Finding> {
    let code = match finding.rule {
        Rule::UnknownService => "UNKNOWN_SERVICE",
        Rule::UnknownAction => "UNKNOWN_ACTION",
        Rule::ResourceType => "WRONG_RESOURCE_TYPE",
        _ => return None,
    };
    let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    Some(Finding {
        level: Level::Warning,
        code,
        message: format!("{policy}: {}{help}", finding.message),
        location: None,
        fix: None,
    })
}
