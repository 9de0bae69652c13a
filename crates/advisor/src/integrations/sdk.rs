//! AWS SDK integrations: any operation of any service, after its model and the service authorization reference.

mod dynamodb;
mod s3;

use stepward_models::{authorization, integration, integration_names, operation_actions, service};

use super::Needs;
use crate::grant::{Grant, Purpose};
use crate::reference;
use crate::shape::Shape;
use crate::task::Task;

/// Arguments are searched this deep for roles.
const DEPTH_MAX: usize = 12;

pub(super) fn needs(task: &Task<'_>, name: &str, action: &str) -> Needs {
    if task.is_console() {
        return Needs::of(Vec::new()).note(format!(
            "aws-sdk:{name}:{action}: the console of Step Functions makes no permissions for SDK integrations; the style \
             least-privilege does"
        ));
    }
    let Some(known) = integration(name) else {
        let nearest = crate::spelling::nearest(name, integration_names());
        let nearest = nearest.map(|name| format!(" Did you mean aws-sdk:{name}?")).unwrap_or_default();
        return Needs::of(Vec::new()).note(format!("There is no SDK integration aws-sdk:{name}.{nearest}"));
    };
    if known.service.is_none() {
        return without_model(task, name, action);
    }
    let (Some(model), Some(operation)) = (known.service.and_then(service), known.operation(action)) else {
        let names = known.service.and_then(service).map(|model| model.operations.keys().collect::<Vec<_>>());
        let nearest = names.and_then(|names| {
            crate::spelling::nearest(action, names.into_iter().map(String::as_str)).map(str::to_owned)
        });
        let nearest = nearest.map(|name| format!(" Did you mean {}?", camel(&name))).unwrap_or_default();
        return Needs::of(Vec::new()).note(format!("aws-sdk:{name} has no operation {action}.{nearest}"));
    };
    let special = match name {
        "s3" => s3::grants(task, &operation.name),
        "dynamodb" => dynamodb::grants(task, &operation.name),
        _ => None,
    };
    if let Some(grants) = special {
        return Needs::of(grants);
    }
    let mut grants = Vec::new();
    let mut notes = Vec::new();
    for action in operation_actions(model, operation) {
        if !is_known(&action) {
            notes.push(format!(
                "{action} is not in the service authorization reference: granted on everything"
            ));
        }
        let acted = if name == "sfn" {
            on_state_machine(task, &action)
        } else {
            reference::resources(&action, &task.arguments, task.place)
        };
        grants.push(Grant::call(&[&action], acted.certain));
        if !acted.possible.is_empty() {
            grants.push(Grant::new(Purpose::OnBehalf, &[&action], acted.possible));
        }
        grants.extend(passed_roles(task, &action));
    }
    Needs { grants, notes }
}

/// A service whose model is not embedded: the action of the operation's name, where the reference knows it.
fn without_model(task: &Task<'_>, name: &str, action: &str) -> Needs {
    let known = authorization(name).and_then(|reference| reference.action(action));
    let Some((action, _)) = known else {
        return Needs::of(Vec::new())
            .note(format!("aws-sdk:{name}:{action} is not known: its rights cannot be told"));
    };
    let action = format!("{name}:{action}");
    let acted = reference::resources(&action, &task.arguments, task.place);
    Needs::of(vec![Grant::call(&[&action], acted.certain)])
}

fn camel(operation: &str) -> String {
    let mut letters = operation.chars();
    letters
        .next()
        .map(|first| format!("{}{}", first.to_ascii_lowercase(), letters.as_str()))
        .unwrap_or_default()
}

fn is_known(action: &str) -> bool {
    let Some((prefix, name)) = action.split_once(':') else { return false };
    authorization(prefix).is_some_and(|reference| reference.action(name).is_some())
}

/// AWS: a version or an alias is authorized as its state machine.
fn on_state_machine(task: &Task<'_>, action: &str) -> reference::Acted {
    let mut acted = reference::resources(action, &task.arguments, task.place);
    for arn in &mut acted.certain {
        let parts: Vec<&str> = arn.split(':').collect();
        if parts.get(5) == Some(&"stateMachine") && parts.len() > 7 {
            *arn = parts.get(..7).map(|parts| parts.join(":")).unwrap_or_default();
        }
    }
    acted
}

/// The roles that the arguments name, when the action passes roles on.
fn passed_roles(task: &Task<'_>, action: &str) -> Option<Grant> {
    let (prefix, name) = action.split_once(':')?;
    let (_, known) = authorization(prefix)?.action(name)?;
    if !known.dependents.iter().any(|dependent| dependent.eq_ignore_ascii_case("iam:PassRole")) {
        return None;
    }
    let mut roles = Vec::new();
    collect_roles(task, "", &task.arguments, 0, &mut roles);
    if roles.is_empty() {
        return None;
    }
    Some(Grant::new(Purpose::PassRole, &["iam:PassRole"], roles))
}

fn collect_roles(task: &Task<'_>, name: &str, shape: &Shape, depth: usize, found: &mut Vec<String>) {
    if depth > DEPTH_MAX {
        return;
    }
    let is_role = name.ends_with("Role") || name.ends_with("RoleArn") || name.ends_with("RoleARN");
    if is_role && shape.names().is_empty() {
        match shape.texts() {
            Some(roles) => found.extend(roles.iter().map(|role| task.place.role(role))),
            None => found.push(task.any_role()),
        }
        return;
    }
    for field in shape.names() {
        if let Some(inner) = shape.field(&field) {
            collect_roles(task, &field, &inner, depth + 1, found);
        }
    }
    for item in shape.items().unwrap_or_default() {
        collect_roles(task, name, &item, depth + 1, found);
    }
}
