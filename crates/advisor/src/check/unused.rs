//! What a role grants and the definition never uses.

use serde_json::Value;

use super::{Against, Finding, Level};
use crate::definition::Definition;
use crate::generate::{Settings, needed, settings_grants};
use crate::glob::{covers, meets};
use crate::grant::Grant;
use crate::role::NamedPolicy;
use crate::task::Style;

/// Grants of one statement that no state uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    pub policy: String,
    /// `Sid`, or the position from 0.
    pub statement: String,
    /// The unused ones of its actions.
    pub actions: Vec<String>,
    /// Whether nothing of the statement is used.
    pub is_whole: bool,
}

impl Unused {
    pub(super) fn finding(&self) -> Finding {
        let Self { policy, statement, actions, is_whole } = self;
        let what = if *is_whole { "nothing of it" } else { "not all of it" };
        Finding {
            level: Level::Note,
            code: "UNUSED_GRANT",
            message: format!(
                "{policy}, statement {statement}: the definition uses {what}; unused: {}",
                actions.join(", ")
            ),
            location: None,
            fix: None,
        }
    }
}

pub(super) fn unused(definition: &Definition, against: &Against<'_>) -> Vec<Unused> {
    let calls = used(definition, against);
    let mut found = Vec::new();
    for policy in &against.role.policies {
        for (index, statement) in statements(policy).into_iter().enumerate() {
            found.extend(of_statement(policy, index, statement, &calls));
        }
    }
    found
}

/// Everything that the definition can use: in either style, with what the settings need.
fn used(definition: &Definition, against: &Against<'_>) -> Vec<Grant> {
    let everything = Settings { is_traced: true, is_logged: true };
    let mut grants = settings_grants(against.settings.unwrap_or(everything));
    for style in [Style::LeastPrivilege, Style::Console] {
        for needed in needed(definition, style) {
            grants.extend(needed.grants);
        }
    }
    let place = definition.place();
    let redrives = place.arn("states", &format!("execution:{}/*", place.state_machine));
    grants.push(Grant::call(&["states:RedriveExecution"], vec![redrives]));
    grants
}

fn statements(policy: &NamedPolicy) -> Vec<&Value> {
    match policy.document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

fn of_statement(policy: &NamedPolicy, index: usize, statement: &Value, calls: &[Grant]) -> Option<Unused> {
    if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
        return None;
    }
    let actions = texts(statement.get("Action")?);
    let resources = statement.get("Resource").map(texts);
    let is_used = |action: &&String| {
        calls.iter().any(|grant| {
            let does =
                grant.actions.iter().any(|called| covers(&action.to_lowercase(), &called.to_lowercase()));
            let on = resources.as_ref().is_none_or(|resources| {
                grant.resources.iter().any(|called| resources.iter().any(|resource| meets(resource, called)))
            });
            does && on
        })
    };
    let (used, unused): (Vec<&String>, Vec<&String>) = actions.iter().partition(is_used);
    if unused.is_empty() {
        return None;
    }
    let sid = statement.get("Sid").and_then(Value::as_str);
    Some(Unused {
        policy: policy.name.clone(),
        statement: sid.map_or_else(|| index.to_string(), str::to_owned),
        actions: unused.into_iter().cloned().collect(),
        is_whole: used.is_empty(),
    })
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}
