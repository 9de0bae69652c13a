//! CloudWatch Logs: groups, and streams in them.

use super::{Right, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let given = ["logGroupName", "logGroupIdentifier", "logGroupArn"];
    // Whoever is given two of them may take either.
    let mut groups: Vec<String> =
        given.iter().filter_map(|name| Some(group(call, text(input, name)?))).collect();
    groups.dedup();
    let stream = text(input, "logStreamName");
    let right = |group: &String| {
        let resource = match (name, stream) {
            ("PutLogEvents" | "GetLogEvents" | "DeleteLogStream" | "CreateLogStream", Some(stream)) => {
                format!("{group}:log-stream:{stream}")
            }
            ("CreateLogGroup" | "DeleteLogGroup", _) => group.clone(),
            _ => format!("{group}:*"),
        };
        Right::new(format!("logs:{name}"), resource)
    };
    (!groups.is_empty()).then(|| groups.iter().map(right).collect())
}

/// A group by its name or its ARN, which may end in `:*`.
fn group(call: &ApiCall, given: &str) -> String {
    call.arn("logs", "log-group:", given.trim_end_matches(":*"))
}
