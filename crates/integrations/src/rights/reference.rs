//! Rights by the reference alone: the action of the operation's name, and ARNs whose variables the input names.

use serde_json::Value;
use stepward_models::{Authorization, authorization, operation_actions};

use super::Right;
use crate::calls::ApiCall;

/// Our own mark of a decision: the call has a resource, but which one cannot be told from its input.
pub(super) const NOT_DERIVED: &str = "stepward:ResourceNotDerived";

/// IAM's prefix of a service, where it is not the name in credential scopes.
pub(super) fn prefix(call: &ApiCall) -> &str {
    match call.service.name.as_str() {
        "cloudwatch" => "cloudwatch",
        "sesv2" | "ses" => "ses",
        "efs" => "elasticfilesystem",
        "mwaa" => "airflow",
        "stepfunctions" => "states",
        "apigateway" | "apigatewayv2" => "apigateway",
        "mediapackage-vod" => "mediapackage-vod",
        _ => &call.service.signing_name,
    }
}

pub(super) fn rights(call: &ApiCall) -> Vec<Right> {
    let actions = operation_actions(call.service, call.operation);
    actions.iter().flat_map(|action| of_action(call, action)).collect()
}

fn of_action(call: &ApiCall, right: &str) -> Vec<Right> {
    let (prefix, action) = right.split_once(':').unwrap_or(("", right));
    let known = authorization(prefix);
    let resources = known.map(|known| resources(known, action, call)).unwrap_or_default();
    if resources.is_empty() {
        let has_resources = known.and_then(|known| known.action(action));
        let is_right = has_resources.is_some_and(|(_, action)| action.resources.is_empty());
        let right = Right::new(right, "*");
        return vec![if is_right { right } else { right.key(NOT_DERIVED, "true") }];
    }
    resources.into_iter().map(|resource| Right::new(right, resource)).collect()
}

/// The ARNs that the input names, one of each resource type of the action.
fn resources(known: &Authorization, action: &str, call: &ApiCall) -> Vec<String> {
    let Some((_, action)) = known.action(action) else { return Vec::new() };
    let required = action.resources.iter().filter(|resource| resource.required);
    let optional = action.resources.iter().filter(|resource| !resource.required);
    let mut found = Vec::new();
    for resource in required.chain(optional) {
        let Some(template) = known.resources.get(&resource.name).map(|known| known.arn.as_str()) else {
            continue;
        };
        if let Some(arn) = filled(template, call)
            && !found.contains(&arn)
        {
            found.push(arn);
            break;
        }
    }
    found
}

/// A template with its variables replaced by members of the input; nothing where one is missing.
fn filled(template: &str, call: &ApiCall) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (variable, after) = after.split_once('}')?;
        filled.push_str(before);
        match variable {
            "Partition" => filled.push_str("aws"),
            "Region" => filled.push_str(&call.region),
            "Account" => filled.push_str(&call.account),
            variable => {
                let value = value_of(variable, &call.input)?;
                // A member that holds a whole ARN of this kind is the resource.
                if value.starts_with("arn:") {
                    return is_like(&value, template).then_some(value);
                }
                filled.push_str(&value);
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// The member that a variable means: `TableName`, `TableArn`, `Table` or `TableId` for `TableName`.
fn value_of(variable: &str, input: &Value) -> Option<String> {
    let base = ["Identifier", "Name", "Arn", "ARN", "Id", "ID"]
        .iter()
        .find_map(|suffix| variable.strip_suffix(suffix))
        .unwrap_or(variable);
    let names = ["", "Name", "Arn", "Id", "Identifier"].map(|suffix| format!("{base}{suffix}"));
    let members = input.as_object()?;
    let is_meant = |given: &str| {
        given.eq_ignore_ascii_case(variable) || names.iter().any(|name| name.eq_ignore_ascii_case(given))
    };
    let (_, value) = members.iter().find(|(name, value)| is_meant(name) && value.is_string())?;
    value.as_str().filter(|value| !value.is_empty()).map(str::to_owned)
}

/// Whether an ARN is of the service and the kind of a template.
pub(super) fn is_like(arn: &str, template: &str) -> bool {
    let parts = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let (arn, template) = (parts(arn), parts(template));
    let kind = |parts: &[String]| {
        let resource = parts.get(5).cloned().unwrap_or_default();
        resource.split(['/', ':', '$']).next().unwrap_or_default().to_owned()
    };
    arn.len() == 6
        && arn.get(2) == template.get(2)
        && (kind(&template).is_empty() || kind(&arn) == kind(&template))
}
