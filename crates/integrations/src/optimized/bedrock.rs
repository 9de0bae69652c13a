//! `bedrock`: models that are asked, and models that are made.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use stepward_models::service;
use stepward_wire::client::{NameStyle, from_arguments};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, Performing, unusable, with_sync, with_token};
use crate::arguments::check_members;
use crate::calls::{Answer, CallError, operation};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::task::Task;

/// `bedrock:createModelCustomizationJob`.
pub(super) struct Bedrock;
/// `bedrock:invokeModel`, which another endpoint serves.
pub(super) struct BedrockRuntime;

static CUSTOMIZATION: Job = Job {
    describe: ("GetModelCustomizationJob", |job| json!({"jobIdentifier": job.answered("/JobArn")})),
    at: "",
    verdict,
    member: None,
    stop: Some(("StopModelCustomizationJob", |job| json!({"jobIdentifier": job.answered("/JobArn")}))),
    ends_gone: false,
};

fn verdict(job: &Value) -> Verdict {
    by_status(job, "/Status", &["Completed"], &["Failed", "Stopped"])
}

impl Optimized for Bedrock {
    fn name(&self) -> &'static str {
        "bedrock"
    }

    fn service(&self) -> &'static str {
        "bedrock"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V2 { prefix: "Bedrock" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_sync("createModelCustomizationJob", "CreateModelCustomizationJob")] }
    }

    fn job(&self, _: &Action) -> Option<&'static Job> {
        Some(&CUSTOMIZATION)
    }
}

impl Optimized for BedrockRuntime {
    fn name(&self) -> &'static str {
        "bedrock"
    }

    fn service(&self) -> &'static str {
        "bedrock-runtime"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V2 { prefix: "BedrockRuntime" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_token("invokeModel", "InvokeModel")] }
    }

    /// AWS: the body is JSON in a state machine and bytes for the service, or it is an object in S3 on either side.
    fn perform<'a>(&'static self, task: &'a Arc<Task>, action: &'static Action) -> Performing<'a> {
        Box::pin(async move {
            let mut arguments = task.arguments.as_object().cloned().unwrap_or_default();
            let refused = unusable(task);
            let source = location(&mut arguments, "Input").map_err(&refused)?;
            let target = location(&mut arguments, "Output").map_err(&refused)?;
            let body = match (arguments.remove("Body"), source) {
                (Some(_), Some(_)) => {
                    return Err(refused(TWO_BODIES.to_owned()));
                }
                (Some(Value::String(text)), None) => Some(STANDARD.encode(text)),
                (Some(value), None) => Some(STANDARD.encode(value.to_string())),
                (None, Some(source)) => Some(read(task, &source, &mut arguments).await?),
                (None, None) => None,
            };
            let answer = self.invoke(task, action, &Value::Object(arguments), body).await?;
            let Some(target) = target else { return Ok(result(&answer)) };
            write(task, &target, &answer).await?;
            Ok(json!({
                "Body": target.uri(),
                "ContentType": answer.member("contentType"),
            }))
        })
    }
}

impl BedrockRuntime {
    async fn invoke(
        &self,
        task: &Task,
        action: &Action,
        arguments: &Value,
        body: Option<String>,
    ) -> Result<Answer, TaskFailure> {
        let refused = unusable(task);
        let Some((model, operation)) = operation(self.service(), action.operation) else {
            return Err(refused(format!("{} has no {}", self.service(), action.operation)));
        };
        let input = from_arguments(model, operation.input, arguments, NameStyle::V1);
        let mut input = input.map_err(|error| refused(error.to_string()))?;
        if let (Some(members), Some(body)) = (input.as_object_mut(), body) {
            members.insert("body".to_owned(), Value::String(body));
        }
        let answer = task.call(self.service(), action.operation, input).await;
        answer.map_err(|error| self.errors().failure(model, &error, "bedrock:invokeModel"))
    }
}

/// What is wrong with the arguments of `invokeModel`.
pub(super) fn check(arguments: &Value) -> Option<String> {
    let mut members = arguments.as_object().cloned().unwrap_or_default();
    let read = location(&mut members, "Input").and_then(|source| {
        location(&mut members, "Output")?;
        match (members.remove("Body"), source) {
            (Some(_), Some(_)) => Err(TWO_BODIES.to_owned()),
            _ => Ok(()),
        }
    });
    read.err().or_else(|| check_members("bedrock-runtime", "InvokeModel", &Value::Object(members)))
}

const TWO_BODIES: &str = "Body and Input are both given; one is right";

/// An object in S3.
struct Location {
    bucket: String,
    key: String,
}

impl Location {
    fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

/// `{"S3Uri": "s3://bucket/key"}`.
fn location(arguments: &mut Map<String, Value>, name: &str) -> Result<Option<Location>, String> {
    let Some(given) = arguments.remove(name).filter(|given| !given.is_null()) else { return Ok(None) };
    let uri = given.get("S3Uri").and_then(Value::as_str).unwrap_or_default();
    let parts = uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
    match parts.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty()) {
        Some((bucket, key)) => Ok(Some(Location { bucket: bucket.to_owned(), key: key.to_owned() })),
        None => Err(format!("The {name} has no S3Uri of the form s3://BUCKET/KEY")),
    }
}

/// Reads the input, whose content type is the request's unless that has one.
async fn read(
    task: &Task,
    source: &Location,
    arguments: &mut Map<String, Value>,
) -> Result<String, TaskFailure> {
    let question = json!({"Bucket": source.bucket, "Key": source.key});
    let object = task.call("s3", "GetObject", question).await.map_err(|error| of_s3(&error))?;
    if let Some(kind) = object.output.get("ContentType").filter(|kind| kind.is_string()) {
        arguments.entry("ContentType").or_insert_with(|| kind.clone());
    }
    Ok(object.member("Body").as_str().unwrap_or_default().to_owned())
}

async fn write(task: &Task, target: &Location, answer: &Answer) -> Result<(), TaskFailure> {
    let object = json!({
        "Bucket": target.bucket,
        "Key": target.key,
        "Body": answer.member("body"),
        "ContentType": answer.member("contentType"),
    });
    task.call("s3", "PutObject", object).await.map(|_| ()).map_err(|error| of_s3(&error))
}

fn of_s3(error: &CallError) -> TaskFailure {
    match service("s3") {
        Some(model) => ErrorStyle::V2 { prefix: "S3" }.failure(model, error, "bedrock:invokeModel"),
        None => TaskFailure::new("S3.S3Exception", "S3 has no model"),
    }
}

fn result(answer: &Answer) -> Value {
    let bytes = STANDARD.decode(answer.member("body").as_str().unwrap_or_default()).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()));
    json!({"Body": body, "ContentType": answer.member("contentType")})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_s3_has_a_bucket_and_a_key() {
        let read = |uri: &str| {
            let mut arguments = json!({"Input": {"S3Uri": uri}}).as_object().cloned().unwrap();
            location(&mut arguments, "Input").map(|found| found.map(|found| found.uri()))
        };
        assert_eq!(read("s3://b/a/key"), Ok(Some("s3://b/a/key".to_owned())));
        for wrong in ["", "b/key", "s3://b", "s3:///key", "s3://b/"] {
            assert!(read(wrong).unwrap_err().contains("s3://BUCKET/KEY"), "{wrong}");
        }
        assert!(matches!(location(&mut Map::new(), "Input"), Ok(None)));
    }
}
