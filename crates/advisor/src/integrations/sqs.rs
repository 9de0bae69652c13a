//! SQS (AWS: IAM policies for calling Amazon SQS).

use crate::grant::Grant;
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "sendMessage" {
        return None;
    }
    let any = if task.is_console() { "*".to_owned() } else { task.place.arn("sqs", "*") };
    let queues = task.arns(&["QueueUrl"], |url| queue(task, url), &any);
    Some(vec![Grant::call(&["sqs:SendMessage"], queues)])
}

/// The queue of a URL such as `https://sqs.us-east-1.amazonaws.com/123456789012/q`.
fn queue(task: &Task<'_>, url: &str) -> String {
    let parts: Vec<&str> = url.split('/').collect();
    match parts.as_slice() {
        ["https:" | "http:", "", host, account, name] => {
            let region = host.strip_prefix("sqs.").and_then(|rest| rest.split('.').next());
            let region = region.filter(|region| region.contains('-')).unwrap_or(&task.place.region);
            task.place.arn_in("sqs", region, account, name)
        }
        _ => task.named("sqs", "", parts.last().copied().unwrap_or(url)),
    }
}
