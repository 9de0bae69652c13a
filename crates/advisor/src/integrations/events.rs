//! EventBridge (AWS: IAM policies for calling EventBridge).

use crate::grant::Grant;
use crate::shape::Shape;
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "putEvents" {
        return None;
    }
    Some(vec![Grant::call(&["events:PutEvents"], buses(task))])
}

/// The buses of all entries.
fn buses(task: &Task<'_>) -> Vec<String> {
    let any = if task.is_console() {
        "arn:aws:events:*:*:event-bus/*".replacen("aws", &task.place.partition, 1)
    } else {
        task.place.arn("events", "event-bus/*")
    };
    let Some(entries) = task.argument(&["Entries"]).as_ref().and_then(Shape::items) else { return vec![any] };
    let bus = |entry: &Shape| -> Vec<String> {
        // AWS: without a name it is the default bus.
        let Some(name) = entry.field("EventBusName") else {
            return vec![task.named("events", "event-bus/", "default")];
        };
        match task.usable(&name) {
            Some(names) => names.iter().map(|name| task.named("events", "event-bus/", name)).collect(),
            None => vec![any.clone()],
        }
    };
    entries.iter().flat_map(bus).collect()
}
