//! What each integration of Step Functions needs, one file each.
//!
//! Every file says it twice where the two differ: as the console of Step Functions makes it (AWS: "IAM policies for
//! calling …" on the integration's page), and as least privilege, which is also what `check` takes to be called.

mod activity;
mod apigateway;
mod athena;
mod batch;
mod bedrock;
mod bedrock_agent_core;
mod codebuild;
mod databrew;
mod distributed_map;
mod dynamodb;
mod ecs;
mod eks;
mod emr;
mod emr_containers;
mod emr_serverless;
mod events;
mod glue;
mod http;
mod lambda;
mod mediaconvert;
mod sagemaker;
mod sdk;
mod sns;
mod sqs;
mod states;

use stepward_asl::TaskResource;

use crate::grant::Grant;
use crate::task::Task;

pub(crate) use distributed_map::distributed_map;

/// What is known of a task's needs.
pub(crate) struct Needs {
    pub(crate) grants: Vec<Grant>,
    /// What the reader should know of them.
    pub(crate) notes: Vec<String>,
}

impl Needs {
    fn of(grants: Vec<Grant>) -> Self {
        Self { grants, notes: Vec::new() }
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// What a task needs.
pub(crate) fn needs(task: &Task<'_>) -> Needs {
    match &task.resource {
        TaskResource::LambdaFunction(arn) => Needs::of(lambda::function(arn)),
        TaskResource::Activity(_) => activity::needs(),
        TaskResource::AwsSdk { service, action, .. } => sdk::needs(task, service, action),
        TaskResource::Optimized { service, action, .. } => {
            optimized(task, service, action).unwrap_or_else(|| unknown(service, action))
        }
    }
}

fn optimized(task: &Task<'_>, service: &str, action: &str) -> Option<Needs> {
    match service {
        "apigateway" => apigateway::needs(task, action),
        "athena" => athena::grants(task, action).map(Needs::of),
        "batch" => batch::grants(task, action).map(Needs::of),
        "bedrock" => bedrock::grants(task, action).map(Needs::of),
        "bedrockagentcore" => bedrock_agent_core::grants(task, action).map(Needs::of),
        "codebuild" => codebuild::grants(task, action).map(Needs::of),
        "databrew" => databrew::grants(task, action).map(Needs::of),
        "dynamodb" => dynamodb::grants(task, action).map(Needs::of),
        "ecs" => ecs::needs(task, action),
        "eks" => eks::needs(task, action),
        "elasticmapreduce" => emr::grants(task, action).map(Needs::of),
        "emr-containers" => emr_containers::grants(task, action).map(Needs::of),
        "emr-serverless" => emr_serverless::grants(task, action).map(Needs::of),
        "events" => events::grants(task, action).map(Needs::of),
        "glue" => glue::grants(task, action).map(Needs::of),
        "http" => http::grants(task, action).map(Needs::of),
        "lambda" => lambda::grants(task, action).map(Needs::of),
        "mediaconvert" => mediaconvert::grants(task, action).map(Needs::of),
        "sagemaker" => sagemaker::needs(task, action),
        "sns" => sns::grants(task, action).map(Needs::of),
        "sqs" => sqs::grants(task, action).map(Needs::of),
        "states" => states::grants(task, action).map(Needs::of),
        _ => None,
    }
}

fn unknown(service: &str, action: &str) -> Needs {
    let names = [
        "apigateway:invoke",
        "athena:startQueryExecution",
        "batch:submitJob",
        "bedrock:invokeModel",
        "codebuild:startBuild",
        "databrew:startJobRun",
        "dynamodb:getItem",
        "dynamodb:putItem",
        "dynamodb:updateItem",
        "dynamodb:deleteItem",
        "ecs:runTask",
        "eks:call",
        "eks:runJob",
        "elasticmapreduce:createCluster",
        "elasticmapreduce:addStep",
        "emr-containers:startJobRun",
        "emr-serverless:startJobRun",
        "events:putEvents",
        "glue:startJobRun",
        "http:invoke",
        "lambda:invoke",
        "mediaconvert:createJob",
        "sagemaker:createTrainingJob",
        "sns:publish",
        "sqs:sendMessage",
        "states:startExecution",
    ];
    let asked = format!("{service}:{action}");
    let nearest = crate::spelling::nearest(&asked, names.iter().copied());
    let nearest = nearest.map(|name| format!(" Did you mean {name}?")).unwrap_or_default();
    Needs::of(Vec::new()).note(format!("Step Functions has no integration {asked}.{nearest}"))
}
