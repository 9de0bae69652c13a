//! What AWS refuses of a task's arguments when the task is about to start: before anything is scheduled.

use serde_json::Value;
use stepward_models::{Operation, Service, integration};
use stepward_wire::client::{NameStyle, from_arguments, member_name};

use crate::calls::operation;
use crate::checks::has_own_parameters;
use crate::optimized::{check_apigateway, check_http, optimized};

/// What is wrong with the arguments of `aws-sdk:<service>:<action>`, in AWS's words.
pub fn check_sdk_arguments(service: &str, action: &str, arguments: &Value) -> Option<String> {
    let known = integration(service)?;
    let (service, operation) = operation(known.service?, &known.operation(action)?.name)?;
    check(service, operation, arguments, NameStyle::V2)
}

/// What is wrong with the arguments of an optimized integration, in AWS's words.
pub fn check_optimized_arguments(service: &str, action: &str, arguments: &Value) -> Option<String> {
    let (named, name) = match (service, action) {
        ("http", "invoke") => return check_http(arguments),
        ("apigateway", "invoke") => return check_apigateway(arguments),
        ("lambda", "invoke") => ("lambda", "Invoke"),
        ("states", "startExecution") => ("stepfunctions", "StartExecution"),
        _ if has_own_parameters(service, action) => return None,
        _ => {
            let (integration, action) = optimized(service, action)?;
            (integration.service(), action.operation)
        }
    };
    let (service, operation) = operation(named, name)?;
    check(service, operation, arguments, NameStyle::V1)
}

fn check(service: &Service, operation: &Operation, arguments: &Value, style: NameStyle) -> Option<String> {
    let read = from_arguments(service, operation.input, arguments, style);
    if let Err(error) = read {
        return Some(error.to_string());
    }
    let shape = service.shape(operation.input?);
    let needed = shape.members().iter().filter(|member| shape.is_required(&member.name));
    // The SDK gives a token for repeating by itself.
    let mut names =
        needed.filter(|member| !member.is_idempotency_token).map(|member| member_name(member, style));
    let missing = names.find(|name| arguments.get(name).is_none_or(Value::is_null))?;
    Some(format!("The field \"{missing}\" is required but was missing"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_operation_does_not_have_or_lacks_is_told() {
        let sqs = |arguments: Value| check_optimized_arguments("sqs", "sendMessage", &arguments);
        assert_eq!(sqs(json!({"QueueUrl": "q", "MessageBody": {"any": "JSON"}})), None);
        let unknown = "The field \"TaskToken\" is not supported by Step Functions";
        assert_eq!(
            sqs(json!({"QueueUrl": "q", "MessageBody": "m", "TaskToken": "t"})).as_deref(),
            Some(unknown)
        );
        let missing = "The field \"QueueUrl\" is required but was missing";
        assert_eq!(sqs(json!({"MessageBody": "m"})).as_deref(), Some(missing));
        let unknown =
            check_sdk_arguments("s3", "getObject", &json!({"Bucket": "b", "Key": "k", "Keys": "k"}));
        assert_eq!(unknown.as_deref(), Some("The field \"Keys\" is not supported by Step Functions"));
    }

    #[test]
    fn integrations_of_their_own_shapes_are_let_pass() {
        assert_eq!(
            check_optimized_arguments(
                "states",
                "startExecution",
                &json!({"StateMachineArn": "a", "Input": {}})
            ),
            None
        );
        assert_eq!(
            check_optimized_arguments("lambda", "invoke", &json!({"FunctionName": "f", "Payload": {"a": 1}})),
            None
        );
        let step = json!({"ClusterId": "j", "Step": {"Name": "s"}});
        assert_eq!(check_optimized_arguments("elasticmapreduce", "addStep", &step), None);
        assert_eq!(check_optimized_arguments("eks", "call", &json!({"ClusterName": "c"})), None);
        let model = json!({"ModelId": "m", "Input": {"S3Uri": "s3://b/k"}});
        assert_eq!(check_optimized_arguments("bedrock", "invokeModel", &model), None);
        let entries = json!({"Entries": [{"Source": "s", "DetailType": "d", "Detail": {"a": 1}}]});
        assert_eq!(check_optimized_arguments("events", "putEvents", &entries), None);
    }
}
