//! EventBridge: buses, and rules of the default bus and of others.

use serde_json::Value;

use super::{Right, list, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    match name {
        "PutEvents" => {
            let mut rights: Vec<Right> = Vec::new();
            for entry in list(input, "Entries") {
                let bus = call.arn("events", "event-bus/", text(entry, "EventBusName").unwrap_or("default"));
                let member = |name: &str| entry.get(name).unwrap_or(&Value::Null);
                let right = Right::new("events:PutEvents", bus)
                    .member_key("events:source", member("Source"))
                    .member_key("events:detail-type", member("DetailType"));
                if !rights.contains(&right) {
                    rights.push(right);
                }
            }
            Some(if rights.is_empty() { vec![Right::new("events:PutEvents", "*")] } else { rights })
        }
        "PutRule" => {
            let right = Right::new("events:PutRule", rule(call, text(input, "Name")?));
            Some(vec![text(input, "EventPattern").into_iter().fold(right, of_pattern)])
        }
        "DeleteRule" | "DescribeRule" | "EnableRule" | "DisableRule" => {
            Some(vec![Right::new(format!("events:{name}"), rule(call, text(input, "Name")?))])
        }
        "PutTargets" | "RemoveTargets" | "ListTargetsByRule" => {
            let targets: Vec<String> =
                list(input, "Targets").filter_map(|target| text(target, "Arn").map(str::to_owned)).collect();
            let right = Right::new(format!("events:{name}"), rule(call, text(input, "Rule")?));
            Some(vec![right.keys("events:TargetArn", targets)])
        }
        "DescribeEventBus" | "PutPermission" | "RemovePermission" => {
            let bus = text(input, "Name").or(text(input, "EventBusName")).unwrap_or("default");
            Some(vec![Right::new(format!("events:{name}"), call.arn("events", "event-bus/", bus))])
        }
        _ => None,
    }
}

/// AWS: what a rule's pattern names is known to conditions on making the rule.
fn of_pattern(right: Right, pattern: &str) -> Right {
    let pattern: Value = serde_json::from_str(pattern).unwrap_or_default();
    let named = [
        ("events:source", "/source"),
        ("events:detail-type", "/detail-type"),
        ("events:detail.service", "/detail/service"),
        ("events:detail.eventTypeCode", "/detail/eventTypeCode"),
        ("events:detail.userIdentity.principalId", "/detail/userIdentity/principalId"),
    ];
    named.into_iter().fold(right, |right, (key, place)| {
        let values = pattern.pointer(place).and_then(Value::as_array).into_iter().flatten();
        right.keys(key, values.filter_map(Value::as_str).map(str::to_owned).collect())
    })
}

/// AWS: a rule of the default bus is named without it.
fn rule(call: &ApiCall, name: &str) -> String {
    let bus = text(&call.input, "EventBusName").unwrap_or("default");
    let bus = bus.rsplit('/').next().unwrap_or(bus);
    let kind = if bus == "default" { "rule/".to_owned() } else { format!("rule/{bus}/") };
    call.arn("events", &kind, name)
}
