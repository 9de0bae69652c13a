//! What the answers of integrated services look like, from their models.

use stepward_asl::{Member, MockSchema, Pattern, Shape, TaskResource};
use stepward_models::{Kind, Service, integration, service};

/// The embedded service models.
pub(crate) struct ModelSchema;

/// The polling API that a `.sync` task's result comes from: service, action, polling service, operation, member.
const POLLING: [(&str, &str, &str, &str); 8] = [
    ("states", "startExecution", "stepfunctions", "DescribeExecution"),
    ("glue", "startJobRun", "glue", "GetJobRun"),
    ("athena", "startQueryExecution", "athena", "GetQueryExecution"),
    ("codebuild", "startBuild", "codebuild", "BatchGetBuilds"),
    ("sagemaker", "createTrainingJob", "sagemaker", "DescribeTrainingJob"),
    ("sagemaker", "createTransformJob", "sagemaker", "DescribeTransformJob"),
    ("sagemaker", "createProcessingJob", "sagemaker", "DescribeProcessingJob"),
    ("databrew", "startJobRun", "databrew", "DescribeJobRun"),
];

/// Optimized integrations whose name is not the model's.
fn model_name(name: &str) -> &str {
    match name {
        "states" => "stepfunctions",
        "events" => "events",
        "elasticmapreduce" => "emr",
        "bedrock" => "bedrock-runtime",
        name => name,
    }
}

/// The service of a resource and the operation whose answer its task ends with.
fn operation(resource: &TaskResource) -> Option<(&'static Service, String)> {
    match resource {
        TaskResource::AwsSdk { service: name, action, .. } => {
            let found = integration(name)?;
            Some((service(found.service?)?, found.operation(action)?.name.clone()))
        }
        TaskResource::Optimized { service: name, action, pattern } => {
            let is_sync = matches!(pattern, Pattern::Sync | Pattern::Sync2);
            if is_sync {
                let polled =
                    POLLING.iter().find(|(known, called, ..)| **name == **known && **action == **called)?;
                return Some((service(polled.2)?, polled.3.to_owned()));
            }
            Some((service(model_name(name))?, with_capital(action)))
        }
        TaskResource::LambdaFunction(_) | TaskResource::Activity(_) => None,
    }
}

impl MockSchema for ModelSchema {
    fn output_shape(&self, resource: &TaskResource) -> Option<String> {
        let (service, name) = operation(resource)?;
        let output = service.operations.get(&name)?.output?;
        Some(service.shape(output).name.clone())
    }

    fn shape(&self, resource: &TaskResource, name: &str) -> Option<Shape> {
        let (service, _) = operation(resource)?;
        let shape = service.shape_named(name)?;
        let named = |id| service.shape(id).name.clone();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "lengths are small and positive"
        )]
        let length = |limit: Option<f64>| limit.map(|limit| limit as usize);
        let limits = &shape.constraints;
        Some(match &shape.kind {
            Kind::Structure { is_document: true, .. } => Shape::Any,
            Kind::Structure { members, .. } => Shape::Structure(
                members
                    .iter()
                    .map(|member| Member {
                        name: with_capital(&member.name),
                        shape: named(member.shape),
                        is_required: shape.is_required(&member.name),
                    })
                    .collect(),
            ),
            Kind::List { member } => Shape::List(named(member.shape)),
            Kind::Map { value, .. } => Shape::Map(named(value.shape)),
            Kind::String | Kind::Blob => {
                // A payload of Lambda is any JSON.
                if shape.name == "Blob" && service.name == "lambda" {
                    return Some(Shape::Any);
                }
                Shape::Text {
                    length_min: length(limits.min),
                    length_max: length(limits.max),
                    values: limits.values.clone(),
                }
            }
            Kind::Integer | Kind::Long | Kind::Float | Kind::Double => {
                Shape::Number { min: limits.min, max: limits.max }
            }
            Kind::Boolean => Shape::Boolean,
            Kind::Timestamp => Shape::Timestamp,
        })
    }
}

fn with_capital(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}
