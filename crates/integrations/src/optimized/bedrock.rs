//! `bedrock`: models that are asked, and models that are made.

use serde_json::{Map, Value, json};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, with_sync, with_token};
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

    /// AWS: the body is JSON in a state machine, and bytes for the service.
    fn prepare(&self, _: &Task, arguments: &mut Map<String, Value>) -> Result<(), TaskFailure> {
        for member in ["Input", "Output"] {
            if arguments.contains_key(member) {
                let text =
                    format!("bedrock:invokeModel with '{member}' in S3 is not supported here; give 'Body'.");
                return Err(TaskFailure::new("States.Runtime", text));
            }
        }
        if let Some(body) = arguments.get_mut("Body").filter(|body| !body.is_string()) {
            *body = Value::String(body.to_string());
        }
        Ok(())
    }

    fn finish(&self, _: &Task, mut result: Value) -> Result<Value, TaskFailure> {
        if let Some(body) = result.get_mut("Body")
            && let Some(parsed) = body.as_str().and_then(|text| serde_json::from_str(text).ok())
        {
            *body = parsed;
        }
        Ok(result)
    }
}
