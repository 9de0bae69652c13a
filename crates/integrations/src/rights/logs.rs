//! CloudWatch Logs: groups, and streams in them.

use super::{Right, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let group = text(input, "logGroupName").or_else(|| {
        let arn = text(input, "logGroupIdentifier").or(text(input, "logGroupArn"))?;
        Some(arn.split(":log-group:").nth(1).unwrap_or(arn).trim_end_matches(":*"))
    })?;
    let stream = text(input, "logStreamName");
    let resource = match (name, stream) {
        ("PutLogEvents" | "GetLogEvents" | "DeleteLogStream" | "CreateLogStream", Some(stream)) => {
            call.arn("logs", "log-group:", &format!("{group}:log-stream:{stream}"))
        }
        ("CreateLogGroup" | "DeleteLogGroup", _) => call.arn("logs", "log-group:", group),
        _ => call.arn("logs", "log-group:", &format!("{group}:*")),
    };
    Some(vec![Right::new(format!("logs:{name}"), resource)])
}
