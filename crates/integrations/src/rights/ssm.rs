//! Systems Manager: parameters, whose names may begin with a slash that the ARN has anyway.

use serde_json::Value;

use super::{Right, list, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let action = format!("ssm:{name}");
    match name {
        "GetParameter"
        | "PutParameter"
        | "DeleteParameter"
        | "GetParameterHistory"
        | "LabelParameterVersion"
        | "UnlabelParameterVersion" => Some(vec![Right::new(action, parameter(call, text(input, "Name")?))]),
        "GetParameters" | "DeleteParameters" => {
            let names = list(input, "Names").filter_map(Value::as_str);
            Some(names.map(|name| Right::new(&*action, parameter(call, name))).collect())
        }
        "GetParametersByPath" => {
            let right = Right::new(action, parameter(call, text(input, "Path")?));
            Some(vec![right.member_key("ssm:Recursive", input.get("Recursive").unwrap_or(&Value::Null))])
        }
        "DescribeParameters" => Some(vec![Right::new(action, "*")]),
        "StartAutomationExecution" => {
            let document = text(input, "DocumentName")?;
            let version = text(input, "DocumentVersion").unwrap_or("$DEFAULT");
            Some(vec![Right::new(
                action,
                call.arn("ssm", "automation-definition/", &format!("{document}:{version}")),
            )])
        }
        _ => None,
    }
}

/// `name`, `/path/name`, with `:version` or `:label` behind it, or an ARN.
fn parameter(call: &ApiCall, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let name = name.split(':').next().unwrap_or(name);
    call.arn("ssm", "parameter/", name.strip_prefix('/').unwrap_or(name))
}
