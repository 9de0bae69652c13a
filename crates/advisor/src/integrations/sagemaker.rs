//! SageMaker AI (AWS: IAM policies for calling Amazon SageMaker AI; endpoints and models after their APIs).

use super::Needs;
use crate::grant::{Grant, Purpose};
use crate::task::Task;

const SERVICE: &str = "sagemaker.amazonaws.com";

/// A job that SageMaker runs: its names in the API and in ARNs, and its rule.
struct Job {
    api: &'static str,
    noun: &'static str,
    argument: &'static str,
    resource: &'static str,
    rule: Option<&'static str>,
}

const JOBS: [Job; 5] = [
    Job {
        api: "createTrainingJob",
        noun: "TrainingJob",
        argument: "TrainingJobName",
        resource: "training-job/",
        rule: Some("StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
    },
    Job {
        api: "createTransformJob",
        noun: "TransformJob",
        argument: "TransformJobName",
        resource: "transform-job/",
        rule: Some("StepFunctionsGetEventsForSageMakerTransformJobsRule"),
    },
    Job {
        api: "createHyperParameterTuningJob",
        noun: "HyperParameterTuningJob",
        argument: "HyperParameterTuningJobName",
        resource: "hyper-parameter-tuning-job/",
        rule: Some("StepFunctionsGetEventsForSageMakerTuningJobsRule"),
    },
    Job {
        api: "createLabelingJob",
        noun: "LabelingJob",
        argument: "LabelingJobName",
        resource: "labeling-job/",
        rule: None,
    },
    Job {
        api: "createProcessingJob",
        noun: "ProcessingJob",
        argument: "ProcessingJobName",
        resource: "processing-job/",
        rule: None,
    },
];

pub(super) fn needs(task: &Task<'_>, action: &str) -> Option<Needs> {
    let Some(job) = JOBS.iter().find(|job| job.api == action) else {
        return endpoints(task, action).map(Needs::of);
    };
    let needs = Needs::of(job_grants(task, job));
    // AWS: the console does not make this policy by itself; the page gives it to attach.
    Some(if action == "createTransformJob" && task.is_console() {
        needs.note(
            "The console of Step Functions does not make the policy for sagemaker:createTransformJob by itself; these \
             are the statements that AWS gives to attach",
        )
    } else {
        needs
    })
}

fn job_grants(task: &Task<'_>, job: &Job) -> Vec<Grant> {
    // AWS: retries may append to the name.
    let name = |name: &str| format!("{}*", task.named("sagemaker", job.resource, name));
    let any = task.place.arn("sagemaker", &format!("{}*", job.resource));
    let jobs: Vec<String> = task.arns(&[job.argument], name, &any);
    let [create, describe, stop] =
        ["Create", "Describe", "Stop"].map(|verb| format!("sagemaker:{verb}{}", job.noun));
    let tags = ["sagemaker:ListTags", "sagemaker:AddTags"];
    let mut grants = Vec::new();
    match (task.is_sync(), task.is_console()) {
        (false, _) => grants.push(Grant::call(&[&create], jobs.clone())),
        (true, true) => grants.push(Grant::call(&[&create, &describe, &stop], jobs.clone())),
        (true, false) => {
            grants.push(Grant::call(&[&create], jobs.clone()));
            grants.push(Grant::new(Purpose::Poll, &[&describe], jobs.clone()));
            grants.push(Grant::new(Purpose::Stop, &[&stop], jobs.clone()));
        }
    }
    if task.is_console() {
        grants.push(Grant::new(Purpose::OnBehalf, &tags, vec!["*".to_owned()]));
    } else if task.is_sync() || task.argument(&["Tags"]).is_some() {
        grants.push(Grant::new(Purpose::OnBehalf, &tags, jobs));
    }
    grants.extend(roles(task, job));
    if task.is_sync() {
        grants.extend(job.rule.map(|rule| task.managed_rule(rule)));
    }
    grants
}

fn roles(task: &Task<'_>, job: &Job) -> Vec<Grant> {
    match job.api {
        // The role is the model's, which the request does not name; the page has it all the same.
        "createTransformJob" if task.is_console() => {
            let role = Grant::new(Purpose::PassRole, &["iam:PassRole"], vec![task.any_role()]);
            vec![role.when("StringEquals", "iam:PassedToService", vec![SERVICE.to_owned()])]
        }
        "createTransformJob" => Vec::new(),
        "createHyperParameterTuningJob" => {
            task.pass_role(&["TrainingJobDefinition", "RoleArn"], Some(SERVICE)).into_iter().collect()
        }
        _ => task.pass_role(&["RoleArn"], Some(SERVICE)).into_iter().collect(),
    }
}

fn endpoints(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    let of = |argument: &str, resource: &str| {
        let any = task.place.arn("sagemaker", &format!("{resource}*"));
        task.arns(&[argument], |name| task.named("sagemaker", resource, name), &any)
    };
    let mut grants = match action {
        "createModel" => vec![Grant::call(&["sagemaker:CreateModel"], of("ModelName", "model/"))],
        "createEndpointConfig" => {
            let configs = of("EndpointConfigName", "endpoint-config/");
            vec![Grant::call(&["sagemaker:CreateEndpointConfig"], configs)]
        }
        "createEndpoint" | "updateEndpoint" => {
            let call = if action == "createEndpoint" {
                "sagemaker:CreateEndpoint"
            } else {
                "sagemaker:UpdateEndpoint"
            };
            let mut resources = of("EndpointName", "endpoint/");
            resources.extend(of("EndpointConfigName", "endpoint-config/"));
            vec![Grant::call(&[call], resources)]
        }
        _ => return None,
    };
    if action == "createModel" {
        grants.extend(task.pass_role(&["ExecutionRoleArn"], Some(SERVICE)));
    }
    if task.argument(&["Tags"]).is_some() {
        let resources = grants.first().map(|grant| grant.resources.clone()).unwrap_or_default();
        grants.push(Grant::call(&["sagemaker:AddTags"], resources));
    }
    Some(grants)
}
