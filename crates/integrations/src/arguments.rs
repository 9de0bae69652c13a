//! What AWS refuses of a task's arguments when the task is about to start: before anything is scheduled.

use serde_json::{Map, Value};
use stepward_models::{Operation, Service, integration};
use stepward_wire::client::{NameStyle, from_arguments, member_name};

use crate::calls::operation;
use crate::optimized::{check_apigateway, check_emr, check_http, check_kubernetes, check_model, optimized};

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
        ("elasticmapreduce", _) => return check_emr(action, arguments),
        ("eks", "call" | "runJob") => return check_kubernetes(action, arguments),
        ("bedrock", "invokeModel") => return check_model(arguments),
        ("lambda", "invoke") => ("lambda", "Invoke"),
        ("states", "startExecution") => ("stepfunctions", "StartExecution"),
        _ => {
            let (integration, action) = optimized(service, action)?;
            (integration.service(), action.operation)
        }
    };
    check_members(named, name, arguments)
}

/// What is wrong with arguments that are the members of an operation.
pub(crate) fn check_members(service: &str, name: &str, arguments: &Value) -> Option<String> {
    let (service, operation) = operation(service, name)?;
    check(service, operation, arguments, NameStyle::V1)
}

/// The first of several fields that is not there.
pub(crate) fn missing(members: &Map<String, Value>, needed: &[&str]) -> Option<String> {
    let missing = needed.iter().find(|name| members.get(**name).is_none_or(Value::is_null))?;
    Some(format!("The field \"{missing}\" is required but was missing"))
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
        let told = |action: &str, arguments: Value| check_optimized_arguments("eks", action, &arguments);
        let cluster = json!({"ClusterName": "c", "CertificateAuthority": "YQ==", "Endpoint": "https://c", "Method": "GET", "Path": "/api"});
        assert_eq!(told("call", cluster.clone()), None);
        assert!(told("call", json!({"ClusterName": "c"})).unwrap().contains("CertificateAuthority"));
        assert!(told("runJob", cluster).unwrap().contains("Method"));
        let refused =
            |arguments: Value| check_optimized_arguments("bedrock", "invokeModel", &arguments).unwrap();
        assert!(refused(json!({"Body": {}})).contains("\"ModelId\" is required"));
        assert!(refused(json!({"ModelId": "m", "Input": {"S3Uri": "b"}})).contains("S3Uri"));
        assert!(
            refused(json!({"ModelId": "m", "Body": {}, "Input": {"S3Uri": "s3://b/k"}})).contains("both")
        );
        assert!(refused(json!({"ModelId": "m", "Bodies": {}})).contains("\"Bodies\" is not supported"));
        let model = json!({"ModelId": "m", "Input": {"S3Uri": "s3://b/k"}});
        assert_eq!(check_optimized_arguments("bedrock", "invokeModel", &model), None);
        let entries = json!({"Entries": [{"Source": "s", "DetailType": "d", "Detail": {"a": 1}}]});
        assert_eq!(check_optimized_arguments("events", "putEvents", &entries), None);
    }
}
