//! What the answers of integrated services look like, from their models.

use stepward_asl::{Member, MockSchema, Pattern, Shape, TaskResource};
use stepward_integrations::optimized::{optimized, polling};
use stepward_models::{Kind, Member as ModelMember, Service, integration, service};
use stepward_wire::client::{NameStyle, member_name};

/// The embedded service models.
pub(crate) struct ModelSchema;

/// An operation whose answer a task ends with.
struct Answering {
    service: &'static Service,
    operation: String,
    style: NameStyle,
}

/// What AWS does not compare with anything: the answers of whatever is called.
fn answers_anything(service: &str, action: &str) -> bool {
    matches!((service, action), ("http" | "apigateway", _) | ("eks", "call" | "runJob"))
}

/// The operation whose answer a resource's task ends with: of a job, the one that tells of the job.
fn answering(resource: &TaskResource) -> Option<Answering> {
    match resource {
        TaskResource::AwsSdk { service: name, action, .. } => {
            let found = integration(name)?;
            let operation = found.operation(action)?.name.clone();
            Some(Answering { service: service(found.service?)?, operation, style: NameStyle::V2 })
        }
        TaskResource::Optimized { service: name, action, pattern } => {
            if answers_anything(name, action) {
                return None;
            }
            let is_job = matches!(pattern, Pattern::Sync | Pattern::Sync2);
            let (service_name, operation) = match (&**name, &**action, is_job) {
                ("states", "startExecution", true) => ("stepfunctions", "DescribeExecution"),
                ("states", "startExecution", false) => ("stepfunctions", "StartExecution"),
                ("lambda", "invoke", _) => ("lambda", "Invoke"),
                (name, action, true) => polling(name, action)?,
                (name, action, false) => {
                    let (integration, action) = optimized(name, action)?;
                    (integration.service(), action.operation)
                }
            };
            let operation = operation.to_owned();
            Some(Answering { service: service(service_name)?, operation, style: NameStyle::V1 })
        }
        TaskResource::LambdaFunction(_) | TaskResource::Activity(_) => None,
    }
}

/// Whether a member may be anything although the model calls it a text: JSON that Step Functions parses.
fn is_parsed(resource: &TaskResource, shape: &str, member: &str) -> bool {
    let TaskResource::Optimized { service, pattern, .. } = resource else { return false };
    match &**service {
        "lambda" => member == "Payload",
        "states" => {
            *pattern == Pattern::Sync2
                && shape == "DescribeExecutionOutput"
                && matches!(member, "input" | "output")
        }
        "bedrock" => member == "body",
        _ => false,
    }
}

/// The name of a shape that no model has: anything.
const ANYTHING: &str = "*";

impl MockSchema for ModelSchema {
    fn output_shape(&self, resource: &TaskResource) -> Option<String> {
        let Answering { service, operation, .. } = answering(resource)?;
        let output = service.operations.get(&operation)?.output?;
        Some(service.shape(output).name.clone())
    }

    fn shape(&self, resource: &TaskResource, name: &str) -> Option<Shape> {
        if name == ANYTHING {
            return Some(Shape::Any);
        }
        let Answering { service, style, .. } = answering(resource)?;
        let shape = service.shape_named(name)?;
        let named = |id| service.shape(id).name.clone();
        let limits = &shape.constraints;
        Some(match &shape.kind {
            Kind::Structure { is_document: true, .. } => Shape::Any,
            Kind::Structure { members, .. } => {
                let member = |member: &ModelMember| Member {
                    name: member_name(member, style),
                    shape: if is_parsed(resource, &shape.name, &member.name) {
                        ANYTHING.to_owned()
                    } else {
                        named(member.shape)
                    },
                    is_required: shape.is_required(&member.name),
                };
                Shape::Structure(members.iter().map(member).collect())
            }
            Kind::List { member } => Shape::List(named(member.shape)),
            Kind::Map { value, .. } => Shape::Map(named(value.shape)),
            Kind::String | Kind::Blob => Shape::Text {
                length_min: length(limits.min),
                length_max: length(limits.max),
                values: limits.values.clone(),
            },
            Kind::Integer | Kind::Long | Kind::Float | Kind::Double => {
                Shape::Number { min: limits.min, max: limits.max }
            }
            Kind::Boolean => Shape::Boolean,
            // Jobs tell their times as numbers.
            Kind::Timestamp if resource.pattern() != Pattern::RequestResponse => Shape::Any,
            Kind::Timestamp => Shape::Timestamp,
        })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are small and positive")]
fn length(limit: Option<f64>) -> Option<usize> {
    limit.map(|limit| limit as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(resource: &str) -> Option<String> {
        ModelSchema.output_shape(&TaskResource::parse(&format!("arn:aws:states:::{resource}"))?)
    }

    fn member(resource: &str, name: &str) -> Option<Shape> {
        let resource = TaskResource::parse(&format!("arn:aws:states:::{resource}"))?;
        let shape = ModelSchema.shape(&resource, &ModelSchema.output_shape(&resource)?)?;
        let Shape::Structure(members) = shape else { return None };
        ModelSchema.shape(&resource, &members.into_iter().find(|member| member.name == name)?.shape)
    }

    #[test]
    fn a_job_is_compared_with_what_tells_of_it() {
        for (resource, shape) in [
            ("states:startExecution", "StartExecutionOutput"),
            ("states:startExecution.sync", "DescribeExecutionOutput"),
            ("glue:startJobRun.sync", "GetJobRunResponse"),
            ("glue:startJobRun", "StartJobRunResponse"),
            ("batch:submitJob.sync", "DescribeJobsResponse"),
            ("ecs:runTask.sync", "DescribeTasksResponse"),
            ("sagemaker:createTrainingJob.sync", "DescribeTrainingJobResponse"),
            ("elasticmapreduce:addStep.sync", "DescribeStepOutput"),
            ("aws-sdk:s3:getObject", "GetObjectOutput"),
        ] {
            assert_eq!(output(resource).as_deref(), Some(shape), "{resource}");
        }
    }

    #[test]
    fn what_answers_anything_is_compared_with_nothing() {
        for resource in ["http:invoke", "apigateway:invoke", "eks:call", "eks:runJob.sync"] {
            assert_eq!(output(resource), None, "{resource}");
        }
        assert_eq!(member("lambda:invoke", "Payload"), Some(Shape::Any));
        assert!(matches!(member("aws-sdk:lambda:invoke", "Payload"), Some(Shape::Text { .. })));
        assert_eq!(member("states:startExecution.sync:2", "Output"), Some(Shape::Any));
        assert!(matches!(member("states:startExecution.sync", "Output"), Some(Shape::Text { .. })));
    }
}
