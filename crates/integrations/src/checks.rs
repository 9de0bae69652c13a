//! What AWS refuses of a task when its state machine is made: resources that are none, parameters that the service does
//! not have or that are missing, and the managed rule that a job needs.

use serde_json::{Map, Value};
use stepward_models::{Kind, Service, Shape, integration, service};
use stepward_wire::client::{NameStyle, member_name};

use crate::optimized::{optimized, own_arguments};

/// No parameters are nested deeper.
const DEPTH_MAX: usize = 32;

/// Which field of the task a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Resource,
    /// `Parameters`, or `Arguments` in JSONata.
    Parameters,
}

/// AWS's optimized integrations that have jobs: the actions with `.sync`.
const JOBS: &[(&str, &[&str])] = &[
    ("athena", &["startQueryExecution"]),
    ("batch", &["submitJob"]),
    ("bedrock", &["createModelCustomizationJob"]),
    ("codebuild", &["startBuild", "startBuildBatch", "retryBuildBatch"]),
    ("databrew", &["startJobRun"]),
    ("ecs", &["runTask"]),
    (
        "eks",
        &[
            "runJob",
            "createCluster",
            "deleteCluster",
            "createFargateProfile",
            "deleteFargateProfile",
            "createNodegroup",
            "deleteNodegroup",
        ],
    ),
    ("elasticmapreduce", &["createCluster", "terminateCluster", "addStep"]),
    ("emr-containers", &["deleteVirtualCluster", "startJobRun"]),
    (
        "emr-serverless",
        &[
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ],
    ),
    ("glue", &["startJobRun"]),
    ("mediaconvert", &["createJob"]),
    (
        "sagemaker",
        &[
            "createHyperParameterTuningJob",
            "createLabelingJob",
            "createProcessingJob",
            "createTrainingJob",
            "createTransformJob",
        ],
    ),
    ("states", &["startExecution"]),
];

/// The other actions of optimized integrations.
const REQUESTS: &[(&str, &[&str])] = &[
    ("apigateway", &["invoke"]),
    ("athena", &["stopQueryExecution", "getQueryExecution", "getQueryResults"]),
    ("bedrock", &["invokeModel"]),
    ("bedrockagentcore", &["invokeHarness"]),
    (
        "codebuild",
        &["stopBuild", "stopBuildBatch", "batchDeleteBuilds", "batchGetReports", "deleteBuildBatch"],
    ),
    ("eks", &["call"]),
    (
        "elasticmapreduce",
        &[
            "setClusterTerminationProtection",
            "cancelStep",
            "modifyInstanceFleetByName",
            "modifyInstanceGroupByName",
        ],
    ),
    ("emr-containers", &["createVirtualCluster"]),
    ("http", &["invoke"]),
    ("lambda", &["invoke"]),
    ("sagemaker", &["createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint"]),
];

/// Services whose actions may wait for a token.
const WITH_TOKEN: &[&str] =
    &["apigateway", "bedrock", "ecs", "eks", "events", "lambda", "sns", "sqs", "states"];

/// What is wrong with a task, in AWS's words.
pub fn check_task(resource: &str, parameters: Option<&Map<String, Value>>) -> Vec<(Part, String)> {
    let Some(named) = Named::of(resource) else { return Vec::new() };
    let unknown = || {
        let text = format!(
            "The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
        );
        vec![(Part::Resource, text)]
    };
    match named.sdk_service {
        Some(name) => {
            let Some(known) = integration(name).filter(|_| !named.is_sync()) else { return unknown() };
            // A service that AWS has and that has no model any more: its actions cannot be known.
            let Some(name) = known.service else { return Vec::new() };
            let Some(operation) = known.operation(named.action) else { return unknown() };
            let (Some(parameters), Some(service)) = (parameters, service(name)) else { return Vec::new() };
            let Some(shape) = operation.input.map(|id| service.shape(id)) else { return Vec::new() };
            let mut problems = Vec::new();
            missing(shape, parameters, NameStyle::V2, &mut problems);
            unsupported(service, shape, parameters, &mut problems, 0);
            problems.into_iter().map(|text| (Part::Parameters, text)).collect()
        }
        None => {
            if !named.is_offered() {
                return unknown();
            }
            let Some(parameters) = parameters else { return Vec::new() };
            let mut problems = Vec::new();
            // AWS: parameters that it does not know are found out when the task starts.
            match (own_arguments(named.service, named.action), named.operation()) {
                (Some(needed), _) => needed.iter().for_each(|name| lacking(name, parameters, &mut problems)),
                (None, Some(shape)) => missing(shape, parameters, NameStyle::V1, &mut problems),
                (None, None) => {}
            }
            problems.into_iter().map(|text| (Part::Parameters, text)).collect()
        }
    }
}

/// The rule that Step Functions makes to hear of a job's end, which the role must let it make.
pub fn managed_rule(resource: &str) -> Option<&'static str> {
    let named = Named::of(resource).filter(|named| named.sdk_service.is_none() && named.is_sync())?;
    rule_of(named.service, named.action)
}

/// The managed rule of the jobs of an action.
pub(crate) fn rule_of(service: &str, action: &str) -> Option<&'static str> {
    Some(match (service, action) {
        ("states", _) => "StepFunctionsGetEventsForStepFunctionsExecutionRule",
        ("batch", _) => "StepFunctionsGetEventsForBatchJobsRule",
        ("ecs", _) => "StepFunctionsGetEventsForECSTaskRule",
        ("sagemaker", "createTrainingJob") => "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
        ("sagemaker", "createTransformJob") => "StepFunctionsGetEventsForSageMakerTransformJobsRule",
        ("sagemaker", "createHyperParameterTuningJob") => "StepFunctionsGetEventsForSageMakerTuningJobsRule",
        ("emr-serverless", "startJobRun" | "cancelJobRun") => "StepFunctionsGetEventsForEMRServerlessJobRule",
        ("emr-serverless", _) => "StepFunctionsGetEventsForEMRServerlessApplicationRule",
        ("mediaconvert", _) => "StepFunctionsGetEventsForMediaConvertJobRule",
        ("codebuild", "startBuild") => "StepFunctionsGetEventForCodeBuildStartBuildRule",
        ("codebuild", _) => "StepFunctionsGetEventForCodeBuildStartBuildBatchRule",
        _ => return None,
    })
}

/// A Resource of an integration, taken apart.
struct Named<'a> {
    /// `dynamodb` of `aws-sdk:dynamodb:getItem`.
    sdk_service: Option<&'a str>,
    service: &'a str,
    action: &'a str,
    pattern: &'a str,
}

impl<'a> Named<'a> {
    fn of(resource: &'a str) -> Option<Self> {
        let mut parts = resource.splitn(6, ':');
        let is_states =
            parts.next() == Some("arn") && parts.next().is_some() && parts.next() == Some("states");
        let rest = parts.nth(2).filter(|_| is_states)?;
        let (name, pattern) = rest.split_once('.').unwrap_or((rest, ""));
        if let Some(rest) = name.strip_prefix("aws-sdk:") {
            let (service, action) = rest.split_once(':').unwrap_or((rest, ""));
            return Some(Self { sdk_service: Some(service), service, action, pattern });
        }
        let (service, action) = name.split_once(':')?;
        let is_resource = matches!(service, "activity" | "stateMachine" | "execution" | "express" | "mapRun");
        (!is_resource).then_some(Self { sdk_service: None, service, action, pattern })
    }

    /// The members that the operation of an optimized integration takes.
    fn operation(&self) -> Option<&'static Shape> {
        let (service_name, operation) = match (self.service, self.action) {
            ("lambda", "invoke") => ("lambda", "Invoke"),
            ("states", "startExecution") => ("stepfunctions", "StartExecution"),
            (service, action) => {
                let (integration, action) = optimized(service, action)?;
                (integration.service(), action.operation)
            }
        };
        let service = service(service_name)?;
        service.operations.get(operation)?.input.map(|id| service.shape(id))
    }

    fn is_sync(&self) -> bool {
        matches!(self.pattern, "sync" | "sync:2")
    }

    /// Whether AWS has the action, in the pattern that is asked for.
    fn is_offered(&self) -> bool {
        let has = |table: &[(&str, &[&str])]| {
            table.iter().any(|(service, actions)| *service == self.service && actions.contains(&self.action))
        };
        let known = optimized(self.service, self.action);
        let has_job = has(JOBS) || known.is_some_and(|(_, action)| action.has_sync);
        let has_token = WITH_TOKEN.contains(&self.service);
        let is_known = has_job || has(REQUESTS) || known.is_some();
        is_known
            && match self.pattern {
                "" => true,
                "sync" => has_job,
                "sync:2" => self.service == "states",
                "waitForTaskToken" => has_token,
                _ => false,
            }
    }
}

/// A key of a template without the mark of a path.
fn plain(key: &str) -> &str {
    key.strip_suffix(".$").unwrap_or(key)
}

fn missing(shape: &Shape, parameters: &Map<String, Value>, style: NameStyle, problems: &mut Vec<String>) {
    for member in shape.members() {
        let name = member_name(member, style);
        // The SDK gives a token for repeating by itself.
        if shape.is_required(&member.name) && !member.is_idempotency_token {
            lacking(&name, parameters, problems);
        }
    }
}

fn lacking(name: &str, parameters: &Map<String, Value>, problems: &mut Vec<String>) {
    if !parameters.keys().any(|key| plain(key) == name) {
        problems.push(format!("The field '{name}' is required but was missing"));
    }
}

fn unsupported(
    service: &Service,
    shape: &Shape,
    parameters: &Map<String, Value>,
    problems: &mut Vec<String>,
    depth: usize,
) {
    if depth > DEPTH_MAX {
        return;
    }
    for (key, value) in parameters {
        let found = shape.members().iter().find(|member| member_name(member, NameStyle::V2) == plain(key));
        match found {
            None => problems.push(format!("The field '{}' is not supported by Step Functions", plain(key))),
            Some(_) if key.ends_with(".$") => {}
            Some(member) => inside(service, service.shape(member.shape), value, problems, depth + 1),
        }
    }
}

fn inside(service: &Service, shape: &Shape, value: &Value, problems: &mut Vec<String>, depth: usize) {
    match (&shape.kind, value) {
        (Kind::Structure { is_document: true, .. }, _) => {}
        (Kind::Structure { .. }, Value::Object(fields)) => {
            unsupported(service, shape, fields, problems, depth)
        }
        (Kind::List { member }, Value::Array(items)) if depth <= DEPTH_MAX => {
            let shape = service.shape(member.shape);
            items.iter().for_each(|item| inside(service, shape, item, problems, depth + 1));
        }
        (Kind::Map { value: member, .. }, Value::Object(fields)) if depth <= DEPTH_MAX => {
            let shape = service.shape(member.shape);
            let fixed = fields.iter().filter(|(key, _)| !key.ends_with(".$"));
            fixed.for_each(|(_, item)| inside(service, shape, item, problems, depth + 1));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(resource: &str, parameters: Value) -> String {
        let problems = check_task(&format!("arn:aws:states:::{resource}"), parameters.as_object());
        let shown = problems.into_iter().map(|(part, text)| format!("{part:?}: {text}"));
        shown.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_aws_has_is_let_pass() {
        for resource in [
            "lambda:invoke.waitForTaskToken",
            "states:startExecution.sync:2",
            "ecs:runTask.sync",
            "http:invoke",
            "elasticmapreduce:addStep.sync",
        ] {
            assert_eq!(check(resource, Value::Null), "", "{resource}");
        }
        assert_eq!(
            check("aws-sdk:dynamodb:getItem", json!({"TableName.$": "$.t", "Key": {"id": {"S.$": "$.id"}}})),
            ""
        );
        assert_eq!(check("aws-sdk:s3:listBuckets.waitForTaskToken", json!({})), "");
        assert_eq!(check("aws-sdk:lookoutvision:describeModel", json!({"ModelVersion": "1"})), "");
        assert!(check_task("arn:aws:lambda:us-east-1:123456789012:function:f", None).is_empty());
        assert!(check_task("arn:aws:states:us-east-1:123456789012:activity:a", None).is_empty());
    }

    #[test]
    fn a_resource_that_is_none_is_not_recognized() {
        for resource in [
            "dynamodb:query",
            "sqs:sendMessage.sync",
            "dynamodb:getItem.waitForTaskToken",
            "aws-sdk:nothing:getItem",
            "aws-sdk:dynamodb:getNothing",
            "aws-sdk:dynamodb:getItem.sync",
            "aws-sdk:sts:assumeRole",
            "glue:startJobRun.sync:2",
        ] {
            let expected = format!(
                "Resource: The resource provided arn:aws:states:::{resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
            );
            assert_eq!(check(resource, Value::Null), expected);
        }
    }

    #[test]
    fn parameters_are_those_of_the_operation() {
        assert_eq!(
            check("aws-sdk:ec2:describeInstances", json!({"Filter": []})),
            "Parameters: The field 'Filter' is not supported by Step Functions"
        );
        assert_eq!(
            check("aws-sdk:ec2:describeInstances", json!({"Filters": [{"name": "x"}]})),
            "Parameters: The field 'name' is not supported by Step Functions"
        );
        assert_eq!(
            check("sqs:sendMessage", json!({"MessageBody.$": "$"})),
            "Parameters: The field 'QueueUrl' is required but was missing"
        );
        for (resource, parameters, field) in [
            ("elasticmapreduce:addStep", json!({"ClusterId.$": "$.id"}), "Step"),
            ("elasticmapreduce:terminateCluster.sync", json!({}), "ClusterId"),
            ("lambda:invoke", json!({"Payload": {}}), "FunctionName"),
            ("states:startExecution", json!({"Input": {}}), "StateMachineArn"),
            ("http:invoke", json!({"Method": "GET"}), "ApiEndpoint"),
            ("apigateway:invoke", json!({"ApiEndpoint": "a"}), "Method"),
            ("bedrock:invokeModel", json!({"Body": {}}), "ModelId"),
        ] {
            let expected = format!("Parameters: The field '{field}' is required but was missing");
            assert_eq!(check(resource, parameters), expected, "{resource}");
        }
        assert_eq!(check("eks:call", json!({"ClusterName": "c"})).matches("required").count(), 4);
        // AWS finds it out when the task starts.
        assert_eq!(
            check("sqs:sendMessage", json!({"QueueUrl": "q", "MessageBody": "m", "TaskToken": "t"})),
            ""
        );
    }

    #[test]
    fn jobs_that_events_tell_of_have_a_managed_rule() {
        let rule = |resource: &str| managed_rule(&format!("arn:aws:states:::{resource}"));
        assert_eq!(rule("ecs:runTask.sync"), Some("StepFunctionsGetEventsForECSTaskRule"));
        assert_eq!(rule("ecs:runTask"), None);
        assert_eq!(rule("glue:startJobRun.sync"), None);
    }
}
