//! CodeBuild: what is done to builds and batches is allowed on their project, whose name begins their ids.

use serde_json::Value;

use super::{Right, list, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let (kind, named): (_, Vec<&str>) = match name {
        "StopBuild" | "RetryBuild" | "StopBuildBatch" | "RetryBuildBatch" | "DeleteBuildBatch" => {
            ("project", text(input, "id").into_iter().collect())
        }
        "BatchGetBuilds" | "BatchDeleteBuilds" | "BatchGetBuildBatches" => ("project", texts(input, "ids")),
        "BatchGetProjects" => ("project", texts(input, "names")),
        "BatchGetReports" => ("report-group", texts(input, "reportArns")),
        "BatchGetReportGroups" => ("report-group", texts(input, "reportGroupArns")),
        _ => return None,
    };
    let mut rights: Vec<Right> = Vec::new();
    for given in named {
        let right = Right::new(format!("codebuild:{name}"), owner(call, kind, given));
        if !rights.contains(&right) {
            rights.push(right);
        }
    }
    (!rights.is_empty()).then_some(rights)
}

fn texts<'a>(input: &'a Value, name: &str) -> Vec<&'a str> {
    list(input, name).filter_map(Value::as_str).collect()
}

/// The project or report group of a name, an id `name:uuid`, or the ARN of either.
fn owner(call: &ApiCall, kind: &str, given: &str) -> String {
    let name = given.rsplit('/').next().unwrap_or(given).split(':').next().unwrap_or_default();
    let mut parts = given.split(':').skip(3);
    match (given.starts_with("arn:"), parts.next(), parts.next()) {
        (true, Some(region), Some(account)) => format!("arn:aws:codebuild:{region}:{account}:{kind}/{name}"),
        _ => call.arn("codebuild", &format!("{kind}/"), name),
    }
}
