//! Grants put together to a policy: equal ones once, neighbours in one statement, identifiers unique.

use serde_json::{Map, Value, json};

use crate::grant::{Condition, Grant};
use crate::task::Style;

/// A statement that is being put together.
#[derive(Clone, Debug, PartialEq)]
struct Statement {
    sid: Option<String>,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
    condition: Option<Value>,
}

/// The statements of the grants, in their order.
pub(crate) fn statements(grants: Vec<Grant>, style: Style) -> Vec<Value> {
    let mut merged: Vec<Statement> = Vec::new();
    for grant in grants {
        let condition = grant.condition_json();
        let statement = Statement {
            sid: grant.sid.filter(|_| style == Style::Console).map(str::to_owned),
            actions: grant.actions,
            resources: grant.resources,
            conditions: grant.conditions,
            condition,
        };
        add(&mut merged, statement, style);
    }
    if style == Style::LeastPrivilege {
        merged = same_resources_together(merged);
    }
    name_apart(&mut merged);
    merged.iter().map(Statement::to_json).collect()
}

fn add(merged: &mut Vec<Statement>, statement: Statement, style: Style) {
    let same = merged.iter_mut().find(|other| {
        let is_named_alike = other.sid == statement.sid || style == Style::LeastPrivilege;
        is_named_alike && other.actions == statement.actions && other.condition == statement.condition
    });
    match same {
        Some(other) => union(&mut other.resources, statement.resources),
        None => merged.push(statement),
    }
}

/// The resources of both, where `*` takes all others in.
fn union(resources: &mut Vec<String>, more: Vec<String>) {
    for resource in more {
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    if resources.iter().any(|resource| resource == "*") {
        resources.retain(|resource| resource == "*");
    }
}

/// Statements on the same resources, under the same conditions, as one.
fn same_resources_together(statements: Vec<Statement>) -> Vec<Statement> {
    let mut together: Vec<Statement> = Vec::new();
    for statement in statements {
        let same = together
            .iter_mut()
            .find(|other| other.resources == statement.resources && other.conditions == statement.conditions);
        match same {
            Some(other) => {
                for action in statement.actions {
                    if !other.actions.contains(&action) {
                        other.actions.push(action);
                    }
                }
            }
            None => together.push(statement),
        }
    }
    together
}

/// Statement identifiers are unique in a policy: a second one of a name gets the next free number.
fn name_apart(statements: &mut [Statement]) {
    let mut taken: Vec<String> = Vec::new();
    for statement in statements {
        let Some(sid) = &statement.sid else { continue };
        let mut name = sid.clone();
        let stem = sid.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
        let mut number = 2;
        while taken.contains(&name) {
            name = format!("{stem}{number}");
            number += 1;
        }
        taken.push(name.clone());
        statement.sid = Some(name);
    }
}

impl Statement {
    fn to_json(&self) -> Value {
        let mut fields = Map::new();
        if let Some(sid) = &self.sid {
            fields.insert("Sid".to_owned(), json!(sid));
        }
        fields.insert("Effect".to_owned(), json!("Allow"));
        fields.insert("Action".to_owned(), json!(self.actions));
        fields.insert("Resource".to_owned(), json!(self.resources));
        if let Some(condition) = &self.condition {
            fields.insert("Condition".to_owned(), condition.clone());
        }
        Value::Object(fields)
    }
}

/// A policy document of statements.
pub(crate) fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(actions: &[&str], resources: &[&str]) -> Grant {
        Grant::call(actions, resources.iter().map(|resource| (*resource).to_owned()).collect())
    }

    #[test]
    fn equal_actions_share_a_statement() {
        let made = statements(vec![grant(&["a:B"], &["x"]), grant(&["a:B"], &["y", "x"])], Style::Console);
        assert_eq!(made, [json!({"Effect": "Allow", "Action": ["a:B"], "Resource": ["x", "y"]})]);
    }

    #[test]
    fn least_privilege_puts_actions_on_the_same_resource_together() {
        let grants = vec![grant(&["a:B"], &["x"]), grant(&["a:C"], &["x"])];
        let made = statements(grants, Style::LeastPrivilege);
        assert_eq!(made, [json!({"Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": ["x"]})]);
    }

    #[test]
    fn identifiers_are_unique() {
        let grants = vec![
            grant(&["a:B"], &["x"]).sid("Statement1"),
            grant(&["a:C"], &["x"]).sid("Statement2"),
            grant(&["a:D"], &["x"]).sid("Statement1"),
        ];
        let made = statements(grants, Style::Console);
        let sids: Vec<&str> = made.iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
        assert_eq!(sids, ["Statement1", "Statement2", "Statement3"]);
    }
}
