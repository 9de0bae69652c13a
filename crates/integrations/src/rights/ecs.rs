//! ECS: task definitions, and tasks of clusters.

use serde_json::Value;

use super::{Right, list, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let cluster = text(input, "cluster").unwrap_or("default");
    let cluster_name = cluster.rsplit('/').next().unwrap_or(cluster);
    let cluster_arn = call.arn("ecs", "cluster/", cluster);
    let action = format!("ecs:{name}");
    let task = |given: &str| {
        let id = given.rsplit('/').next().unwrap_or(given);
        let arn = call.arn("ecs", "task/", &format!("{cluster_name}/{id}"));
        let arn = if given.starts_with("arn:") { given.to_owned() } else { arn };
        Right::new(&*action, arn).key("ecs:cluster", &cluster_arn)
    };
    match name {
        "RunTask" | "StartTask" => {
            let definition = call.arn("ecs", "task-definition/", text(input, "taskDefinition")?);
            // AWS: a family without a revision is its latest one.
            let has_revision = definition.rsplit('/').next().is_some_and(|name| name.contains(':'));
            let definition = if has_revision { definition } else { format!("{definition}:*") };
            Some(vec![Right::new(action, definition).key("ecs:cluster", &cluster_arn)])
        }
        "StopTask" | "ExecuteCommand" => Some(vec![task(text(input, "task")?)]),
        "DescribeTasks" => Some(list(input, "tasks").filter_map(Value::as_str).map(task).collect()),
        _ => None,
    }
}
