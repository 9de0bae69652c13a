//! Batch: a job needs rights on its definition and on its queue.

use super::{Right, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let action = format!("batch:{name}");
    match name {
        "SubmitJob" => {
            let definition = call.arn("batch", "job-definition/", text(input, "jobDefinition")?);
            let queue = call.arn("batch", "job-queue/", text(input, "jobQueue")?);
            Some(vec![Right::new(&*action, definition), Right::new(&*action, queue)])
        }
        "TerminateJob" | "CancelJob" => {
            Some(vec![Right::new(action, call.arn("batch", "job/", text(input, "jobId")?))])
        }
        // AWS: these take no resource.
        "DescribeJobs" | "ListJobs" => Some(vec![Right::new(action, "*")]),
        _ => None,
    }
}
