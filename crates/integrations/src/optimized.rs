//! Optimized integrations: `<service>:<action>[.sync|.waitForTaskToken]`, one file each.
//!
//! An integration says which operation an action calls and what is special about it. Most need no more than a table;
//! one that runs jobs overrides `perform`.

mod apigateway;
mod athena;
mod batch;
mod bedrock;
mod bedrock_agentcore;
mod codebuild;
mod databrew;
mod dynamodb;
mod ecs;
mod eks;
mod emr;
mod emr_containers;
mod emr_serverless;
mod events;
mod glue;
mod http;
mod job;
mod mediaconvert;
mod sagemaker;
mod sns;
mod sqs;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use http::HttpTrace;
use job::Job;
use serde_json::{Map, Value};
use stepward_models::service;
use stepward_wire::client::{NameStyle, to_result};

use crate::failure::{ErrorStyle, TaskFailure};
use crate::metadata::with_metadata;
use crate::task::{Mode, Task, not_used};

/// A future that performs a task. Dropping it cancels what can be cancelled.
pub type Performing<'a> = Pin<Box<dyn Future<Output = Result<Value, TaskFailure>> + Send + 'a>>;

/// An action of an integration: its name in a Resource, the operation it calls, and how it may wait.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    pub name: &'static str,
    /// The operation's name in the model.
    pub operation: &'static str,
    pub has_sync: bool,
    pub has_token: bool,
}

/// An optimized integration.
pub trait Optimized: Sync {
    /// The service in a Resource: `sqs`.
    fn name(&self) -> &'static str;

    /// botocore's name of the service whose operations are called.
    fn service(&self) -> &'static str;

    /// How its errors are named.
    fn errors(&self) -> ErrorStyle;

    fn actions(&self) -> &'static [Action];

    /// Changes the arguments before they are read: what Step Functions adds or forbids.
    fn prepare(&self, _task: &Task, _arguments: &mut Map<String, Value>) -> Result<(), TaskFailure> {
        Ok(())
    }

    /// Looks at the result before the task ends with it.
    fn finish(&self, _task: &Task, result: Value) -> Result<Value, TaskFailure> {
        Ok(result)
    }

    /// What is special about the job of an action that may wait for one.
    fn job(&self, _action: &Action) -> Option<&'static Job> {
        None
    }

    /// Performs a task: calls the operation and gives its answer, or waits for its job.
    fn perform<'a>(&'static self, task: &'a Arc<Task>, action: &'static Action) -> Performing<'a> {
        Box::pin(async move {
            if let (Mode::RunJob { .. }, Some(job)) = (task.mode, self.job(action)) {
                return job::run(self, task, action, job).await;
            }
            let result = request(self, task, action).await?;
            self.finish(task, result)
        })
    }
}

/// Calls the operation of an action, and gives its answer with what the SDK adds.
pub async fn request<O: Optimized + ?Sized>(
    integration: &O,
    task: &Task,
    action: &Action,
) -> Result<Value, TaskFailure> {
    let mut arguments = task.arguments.as_object().cloned().unwrap_or_default();
    integration.prepare(task, &mut arguments)?;
    let named = (integration.service(), action.operation);
    let style = (NameStyle::V1, integration.errors());
    let answer = task.request(named, &Value::Object(arguments), style).await?;
    let Some(model) = service(integration.service()) else { return Ok(Value::Null) };
    let output = model.operations.get(action.operation).and_then(|operation| operation.output);
    let result = to_result(model, output, &answer.output, NameStyle::V1);
    Ok(with_metadata(result, model, &answer))
}

/// Every optimized integration that is performed here. Add yours: one line, one file.
static INTEGRATIONS: &[&dyn Optimized] = &[
    &apigateway::ApiGateway,
    &athena::Athena,
    &batch::Batch,
    &bedrock::Bedrock,
    &bedrock::BedrockRuntime,
    &bedrock_agentcore::BedrockAgentCore,
    &codebuild::CodeBuild,
    &databrew::DataBrew,
    &dynamodb::DynamoDb,
    &ecs::Ecs,
    &eks::Eks,
    &emr::Emr,
    &emr_containers::EmrContainers,
    &emr_serverless::EmrServerless,
    &events::Events,
    &glue::Glue,
    &http::Http,
    &mediaconvert::MediaConvert,
    &sagemaker::SageMaker,
    &sns::Sns,
    &sqs::Sqs,
];

/// An integration and its action by their names in a Resource.
pub fn optimized(service: &str, action: &str) -> Option<(&'static dyn Optimized, &'static Action)> {
    let of_service = INTEGRATIONS.iter().filter(|integration| integration.name() == service);
    of_service.into_iter().find_map(|integration| {
        let action = integration.actions().iter().find(|known| known.name == action)?;
        Some((*integration, action))
    })
}

/// The operation, by botocore's service, that tells of the job of a `.sync` action.
pub fn polling(service: &str, action: &str) -> Option<(&'static str, &'static str)> {
    let (integration, action) = optimized(service, action).filter(|(_, action)| action.has_sync)?;
    // A list of runs tells of each what DescribeJobRun tells of one.
    let name = match integration.job(action)?.describe.0 {
        "ListJobRuns" => "DescribeJobRun",
        name => name,
    };
    Some((integration.service(), name))
}

/// What is wrong with the arguments of an HTTP Task.
pub(crate) fn check_http(arguments: &Value) -> Option<String> {
    http::check(arguments)
}

/// What is wrong with the arguments of `apigateway:invoke`.
pub(crate) fn check_apigateway(arguments: &Value) -> Option<String> {
    apigateway::check(arguments)
}

/// What is wrong with the arguments of `elasticmapreduce`.
pub(crate) fn check_emr(action: &str, arguments: &Value) -> Option<String> {
    emr::check(action, arguments)
}

/// What is wrong with the arguments of `eks:call` and `eks:runJob`.
pub(crate) fn check_kubernetes(action: &str, arguments: &Value) -> Option<String> {
    eks::check(action, arguments)
}

/// What is wrong with the arguments of `bedrock:invokeModel`.
pub(crate) fn check_model(arguments: &Value) -> Option<String> {
    bedrock::check(arguments)
}

/// The arguments that an action needs, where they are not the members of its operation.
pub(crate) fn own_arguments(service: &str, action: &str) -> Option<&'static [&'static str]> {
    match (service, action) {
        ("apigateway" | "http", "invoke") => Some(&["ApiEndpoint", "Method"]),
        ("bedrock", "invokeModel") => Some(&["ModelId"]),
        ("eks", "call") => Some(eks::CALL),
        ("eks", "runJob") => Some(eks::RUN_JOB),
        ("elasticmapreduce", _) => {
            emr::OWN.iter().find(|(name, _)| *name == action).map(|(_, needed)| *needed)
        }
        _ => None,
    }
}

#[cfg(test)]
pub(crate) use {apigateway::api_request, eks::kubernetes_path, http::http_request};

/// AWS: arguments that the integration has no use for.
fn unusable(task: &Task) -> impl Fn(String) -> TaskFailure {
    move |why| not_used(&task.arguments, &why)
}

/// An action that only calls an operation.
const fn plain(name: &'static str, operation: &'static str) -> Action {
    Action { name, operation, has_sync: false, has_token: false }
}

/// An action that may wait for its token.
const fn with_token(name: &'static str, operation: &'static str) -> Action {
    Action { name, operation, has_sync: false, has_token: true }
}

/// An action that may wait for its job.
const fn with_sync(name: &'static str, operation: &'static str) -> Action {
    Action { name, operation, has_sync: true, has_token: false }
}
