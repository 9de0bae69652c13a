//! Inputs for any operation, made from its model: every member has a value that gets as far as authorization.

use serde_json::{Map, Value, json};
use stepward_models::{Kind, Operation, Service, Shape};

const DEPTH_MAX: usize = 6;

/// Members that must be more than of the right type, by name; the first letter has no case.
const KNOWN: &str = r#"{
    "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:M",
    "stateMachineAliasArn": "arn:aws:states:us-east-1:123456789012:stateMachine:M:live",
    "stateMachineVersionArn": "arn:aws:states:us-east-1:123456789012:stateMachine:M:1",
    "executionArn": "arn:aws:states:us-east-1:123456789012:execution:M:e",
    "mapRunArn": "arn:aws:states:us-east-1:123456789012:mapRun:M/Map:11111111-1111-4111-8111-111111111111",
    "activityArn": "arn:aws:states:us-east-1:123456789012:activity:A",
    "roleArn": "arn:aws:iam::123456789012:role/R", "role": "arn:aws:iam::123456789012:role/R",
    "definition": "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}",
    "functionName": "F", "functionVersion": "$LATEST", "runtime": "python3.12", "handler": "m.h",
    "resource": "arn:aws:lambda:us-east-1:123456789012:function:F",
    "userName": "u", "roleName": "R", "groupName": "G", "policyName": "P", "instanceProfileName": "I",
    "policyArn": "arn:aws:iam::123456789012:policy/P", "permissionsBoundary": "arn:aws:iam::123456789012:policy/B",
    "serverCertificateName": "C", "virtualMFADeviceName": "D",
    "serialNumber": "arn:aws:iam::123456789012:mfa/D", "accessKeyId": "AKIAAAAAAAAAAAAAAAAA",
    "openIDConnectProviderArn": "arn:aws:iam::123456789012:oidc-provider/o.example", "url": "https://o.example",
    "SAMLProviderArn": "arn:aws:iam::123456789012:saml-provider/S", "AWSServiceName": "ecs.amazonaws.com",
    "deletionTaskId": "task/aws-service-role/ecs.amazonaws.com/R/1", "path": "/", "newPath": "/", "pathPrefix": "/",
    "policySourceArn": "arn:aws:iam::123456789012:user/u", "arn": "arn:aws:iam::123456789012:user/u",
    "templateArn": "arn:aws:iam::aws:role-template/x.amazonaws.com/T:1", "roleSessionName": "session",
    "entityArn": "arn:aws:iam::123456789012:delegation-request/d", "properties": {"A/B": "c"},
    "targetPrincipal": "210987654321", "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"},
    "principalArn": "arn:aws:iam::123456789012:saml-provider/S", "policyArns": [], "marker": null, "nextToken": null,
    "transitiveTagKeys": ["team"], "tags": [{"Key": "team", "Value": "blue"}], "tagKeys": ["team"]
}"#;

/// The input of an operation with every member.
pub(crate) fn input(service: &Service, operation: &Operation) -> Value {
    let known: Map<String, Value> = serde_json::from_str(KNOWN).unwrap();
    let Some(shape) = operation.input.map(|id| service.shape(id)) else { return json!({}) };
    let mut input = structure(service, shape, &known, 0);
    adjust(service, operation, &mut input);
    input
}

fn structure(service: &Service, shape: &Shape, known: &Map<String, Value>, depth: usize) -> Value {
    let mut fields = Map::new();
    for member in shape.members() {
        let value = match lookup(known, &member.name) {
            Some(value) if fits(service.shape(member.shape), value) => value.clone(),
            _ => value(service, service.shape(member.shape), known, depth + 1),
        };
        if !value.is_null() {
            fields.insert(member.name.clone(), value);
        }
    }
    Value::Object(fields)
}

fn lookup<'k>(known: &'k Map<String, Value>, name: &str) -> Option<&'k Value> {
    known.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn fits(shape: &Shape, value: &Value) -> bool {
    match shape.kind {
        Kind::List { .. } => value.is_array(),
        Kind::String => value.is_string() || value.is_null(),
        Kind::Structure { .. } | Kind::Map { .. } => value.is_object(),
        _ => false,
    }
}

fn value(service: &Service, shape: &Shape, known: &Map<String, Value>, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    let least = shape.constraints.min.unwrap_or(1.0);
    match &shape.kind {
        Kind::Structure { .. } => structure(service, shape, known, depth),
        Kind::List { member } => match value(service, service.shape(member.shape), known, depth + 1) {
            Value::Null => json!([]),
            item => json!([item]),
        },
        Kind::Map { value: member, .. } => {
            json!({"k": value(service, service.shape(member.shape), known, depth + 1)})
        }
        Kind::String => {
            shape.constraints.values.first().map_or_else(|| json!(text(least)), |first| json!(first))
        }
        Kind::Integer | Kind::Long => json!(least.max(1.0) as i64),
        Kind::Float | Kind::Double => json!(least),
        Kind::Boolean => json!(false),
        Kind::Blob => json!("eA=="),
        Kind::Timestamp => json!(0),
    }
}

fn text(least: f64) -> String {
    "x".repeat((least as usize).max(1))
}

/// What the names of members do not tell.
fn adjust(service: &Service, operation: &Operation, input: &mut Value) {
    let tagged = match (service.name.as_str(), operation.name.as_str()) {
        ("stepfunctions", "TagResource" | "UntagResource" | "ListTagsForResource") => {
            Some(("resourceArn", json!("arn:aws:states:us-east-1:123456789012:stateMachine:M")))
        }
        ("stepfunctions", "CreateStateMachineAlias" | "UpdateStateMachineAlias") => Some((
            "routingConfiguration",
            json!([{"stateMachineVersionArn": "arn:aws:states:us-east-1:123456789012:stateMachine:M:1", "weight": 100}]),
        )),
        // Of one state machine or of one Map Run, not of both; and a code would have to be right.
        ("stepfunctions", "ListExecutions") => Some(("mapRunArn", Value::Null)),
        ("sts", "AssumeRole" | "GetSessionToken") => {
            input["SerialNumber"] = Value::Null;
            Some(("TokenCode", Value::Null))
        }
        _ => None,
    };
    if let Some((name, value)) = tagged {
        input[name] = value;
    }
    let lower_tags = service.name == "stepfunctions" && input.get("tags").is_some();
    if lower_tags {
        input["tags"] = json!([{"key": "team", "value": "blue"}]);
    }
    if service.name == "lambda" && input.get("Tags").is_some() {
        input["Tags"] = json!({"team": "blue"});
    }
}
