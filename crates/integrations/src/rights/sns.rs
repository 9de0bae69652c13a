//! SNS: topics, endpoints and phone numbers.

use serde_json::Value;

use super::{Right, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let action = if name == "PublishBatch" { "sns:Publish".to_owned() } else { format!("sns:{name}") };
    let named = ["TopicArn", "TargetArn", "ResourceArn", "EndpointArn", "PlatformApplicationArn"];
    let resource = if let Some(arn) = named.iter().find_map(|name| text(input, name)) {
        arn.to_owned()
    } else if let Some(subscription) = text(input, "SubscriptionArn") {
        // AWS: the rights of a subscription are those of its topic.
        subscription.rsplit_once(':').map_or(subscription, |(topic, _)| topic).to_owned()
    } else if let (Some(topic), "CreateTopic") = (text(input, "Name"), name) {
        call.arn("sns", "", topic)
    } else if name == "ListTopics" || name == "ListSubscriptions" {
        call.arn("sns", "", "*")
    } else {
        "*".to_owned()
    };
    let member = |name: &str| input.get(name).unwrap_or(&Value::Null);
    let right = Right::new(action, resource)
        .member_key("sns:Protocol", member("Protocol"))
        .member_key("sns:Endpoint", member("Endpoint"));
    Some(vec![right])
}
