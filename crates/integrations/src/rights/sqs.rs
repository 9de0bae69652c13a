//! SQS: queues are named by their URLs, and batches need the right of one.

use super::{Right, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let name = call.operation.name.as_str();
    let action = format!("sqs:{}", name.strip_suffix("Batch").unwrap_or(name));
    let input = &call.input;
    let queue = if let Some(url) = text(input, "QueueUrl") {
        let queue = queue_arn(call, url);
        // What follows a question mark is no part of the address to some, and the name of the queue to others.
        let other = queue_arn(call, &url.replace(['?', '#'], "/"));
        if other != queue {
            return Some(vec![Right::new(&*action, queue), Right::new(action, other)]);
        }
        queue
    } else if let Some(name) = text(input, "QueueName") {
        let owner = text(input, "QueueOwnerAWSAccountId").unwrap_or(&call.account);
        format!("arn:aws:sqs:{}:{owner}:{name}", call.region)
    } else if let Some(source) = text(input, "SourceArn") {
        source.to_owned()
    } else if text(input, "TaskHandle").is_some() {
        "*".to_owned()
    } else {
        call.arn("sqs", "", "*")
    };
    Some(vec![Right::new(action, queue)])
}

/// `https://…/123456789012/name`, an ARN, or a name.
pub(super) fn queue_arn(call: &ApiCall, url: &str) -> String {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let is_account = |part: &&str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    let account = parts.next().filter(is_account).unwrap_or(&call.account);
    if url.starts_with("arn:") {
        url.to_owned()
    } else {
        format!("arn:aws:sqs:{}:{account}:{name}", call.region)
    }
}
