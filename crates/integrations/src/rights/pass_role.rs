//! Dependent rights: who hands a role to a service must be allowed to pass it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stepward_models::authorization;

use super::{Right, reference, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

/// No input is nested deeper: parsers refuse it.
const DEPTH_MAX: usize = 128;
/// Members that name a role, perhaps by its name alone.
const BY_NAME: [(&str, &[&str]); 2] =
    [("emr", &["ServiceRole", "JobFlowRole", "AutoScalingRole"]), ("glue", &["Role"])];

/// `iam:PassRole` for every role of the input, where the action of the call depends on it.
pub(super) async fn rights(call: &ApiCall, lookup: &Lookup<'_>) -> Vec<Right> {
    let depends = authorization(reference::prefix(call))
        .and_then(|known| known.action(&call.operation.name))
        .is_some_and(|(_, action)| action.dependents.iter().any(|right| right == "iam:PassRole"));
    if !depends && !matches!(call.service.name.as_str(), "ecs") {
        return Vec::new();
    }
    let mut roles = named(call);
    if let ("ecs", "RunTask" | "StartTask") = (call.service.name.as_str(), call.operation.name.as_str()) {
        roles.extend(of_task_definition(call, lookup).await);
    }
    roles.sort();
    roles.dedup();
    let service = passed_to(&call.service.name, &call.service.endpoint_prefix);
    roles
        .into_iter()
        .map(|role| Right::new("iam:PassRole", role).key("iam:PassedToService", &service))
        .collect()
}

/// The roles that an input names.
pub(super) fn named(call: &ApiCall) -> Vec<String> {
    let mut roles = BTreeSet::new();
    collect(&call.input, 0, &mut roles);
    roles.extend(by_name(call));
    roles.into_iter().collect()
}

/// AWS: Glue and EMR take the name of a role for its ARN.
fn by_name(call: &ApiCall) -> Vec<String> {
    let members = BY_NAME.iter().find(|(service, _)| *service == call.service.name);
    let named = members.into_iter().flat_map(|(_, members)| members.iter());
    let names = named.filter_map(|member| text(&call.input, member)).filter(|name| !name.starts_with("arn:"));
    names.map(|name| format!("arn:aws:iam::{}:role/{name}", call.account)).collect()
}

/// Each role once: one that is there many times must not hide another.
fn collect(value: &Value, depth: usize, roles: &mut BTreeSet<String>) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::String(text) if text.starts_with("arn:aws:iam::") && text.contains(":role/") => {
            roles.insert(text.clone());
        }
        Value::Object(members) => members.values().for_each(|member| collect(member, depth + 1, roles)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, depth + 1, roles)),
        _ => {}
    }
}

/// AWS: the roles of the task definition are passed, too, where the call does not override them.
async fn of_task_definition(call: &ApiCall, lookup: &Lookup<'_>) -> Vec<String> {
    let Some(definition) = text(&call.input, "taskDefinition") else { return Vec::new() };
    let question = json!({"taskDefinition": definition});
    let Some(found) = lookup.ask("ecs", "DescribeTaskDefinition", question).await else { return Vec::new() };
    let overrides = call.input.get("overrides").unwrap_or(&Value::Null);
    let found = found.get("taskDefinition").unwrap_or(&Value::Null);
    let roles =
        ["taskRoleArn", "executionRoleArn"].into_iter().filter(|name| text(overrides, name).is_none());
    roles.filter_map(|name| text(found, name).map(str::to_owned)).collect()
}

/// The service that uses the role in the end.
fn passed_to(name: &str, prefix: &str) -> String {
    let service = match name {
        "ecs" => "ecs-tasks",
        "emr" => "elasticmapreduce",
        "events" => "events",
        "stepfunctions" => "states",
        _ => prefix.rsplit('.').next().unwrap_or(prefix),
    };
    format!("{service}.amazonaws.com")
}
