//! EMR Serverless (AWS: IAM policies for calling Amazon EMR Serverless).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

const APPLICATION_RULE: &str = "StepFunctionsGetEventsForEMRServerlessApplicationRule";
const JOB_RULE: &str = "StepFunctionsGetEventsForEMRServerlessJobRule";
const SERVICE: &str = "emr-serverless.amazonaws.com";

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    let get = (Purpose::Poll, "emr-serverless:GetApplication");
    let applications = || applications(task, "");
    Some(match action {
        "createApplication" => create(task),
        "startApplication" => {
            let others = [get, (Purpose::Stop, "emr-serverless:StopApplication")];
            job(task, "emr-serverless:StartApplication", &others, &applications(), APPLICATION_RULE)
        }
        "stopApplication" => {
            job(task, "emr-serverless:StopApplication", &[get], &applications(), APPLICATION_RULE)
        }
        "deleteApplication" => {
            job(task, "emr-serverless:DeleteApplication", &[get], &applications(), APPLICATION_RULE)
        }
        "startJobRun" => start_job(task),
        "cancelJobRun" => {
            let poll = [(Purpose::Poll, "emr-serverless:GetJobRun")];
            job(task, "emr-serverless:CancelJobRun", &poll, &job_runs(task), JOB_RULE)
        }
        _ => return None,
    })
}

fn applications(task: &Task<'_>, end: &str) -> Vec<String> {
    let any = task.place.arn("emr-serverless", "/applications/*");
    let application = |id: &str| {
        let arn = task.named("emr-serverless", "/applications/", id);
        if arn.ends_with('*') { arn } else { format!("{arn}{end}") }
    };
    task.arns(&["ApplicationId"], application, &any)
}

/// The one job run, where both of its ids are known.
fn job_runs(task: &Task<'_>) -> Vec<String> {
    match task.texts(&["JobRunId"]) {
        Some(ids) => ids.iter().flat_map(|id| applications(task, &format!("/jobruns/{id}"))).collect(),
        None if task.is_console() => vec![task.place.arn("emr-serverless", "/applications/*")],
        None => applications(task, "/jobruns/*"),
    }
}

fn job(task: &Task<'_>, call: &str, others: &[(Purpose, &str)], on: &[String], rule: &str) -> Vec<Grant> {
    if !task.is_sync() {
        return vec![Grant::call(&[call], on.to_vec())];
    }
    let mut grants = if task.is_console() {
        let actions: Vec<&str> =
            std::iter::once(call).chain(others.iter().map(|(_, action)| *action)).collect();
        vec![Grant::call(&actions, on.to_vec())]
    } else {
        let others = others.iter().map(|(purpose, action)| Grant::new(*purpose, &[action], on.to_vec()));
        std::iter::once(Grant::call(&[call], on.to_vec())).chain(others).collect()
    };
    grants.push(task.managed_rule(rule));
    grants
}

fn create(task: &Task<'_>) -> Vec<Grant> {
    let any = vec![task.place.arn("emr-serverless", "/applications/*")];
    let mut grants = vec![Grant::call(
        &["emr-serverless:CreateApplication"],
        vec![task.place.arn("emr-serverless", "/*")],
    )];
    if task.is_sync() {
        if task.is_console() {
            let actions = ["emr-serverless:GetApplication", "emr-serverless:DeleteApplication"];
            grants.push(Grant::new(Purpose::Poll, &actions, any));
        } else {
            grants.push(Grant::new(Purpose::Poll, &["emr-serverless:GetApplication"], any.clone()));
            grants.push(Grant::new(Purpose::Stop, &["emr-serverless:DeleteApplication"], any));
        }
        grants.push(task.managed_rule(APPLICATION_RULE));
    }
    let role = "role/aws-service-role/ops.emr-serverless.amazonaws.com/AWSServiceRoleForAmazonEMRServerless*";
    let role = task.place.arn_in("iam", "", &task.place.account, role);
    grants.push(Grant::new(Purpose::Setup, &["iam:CreateServiceLinkedRole"], vec![role]).when(
        "StringLike",
        "iam:AWSServiceName",
        vec!["ops.emr-serverless.amazonaws.com".to_owned()],
    ));
    grants
}

fn start_job(task: &Task<'_>) -> Vec<Grant> {
    let is_static = task.texts(&["ApplicationId"]).is_some();
    let on = applications(task, "");
    let start = "emr-serverless:StartJobRun";
    let (poll, stop) = ("emr-serverless:GetJobRun", "emr-serverless:CancelJobRun");
    let mut grants = Vec::new();
    // AWS: the three share one statement where the application is dynamic.
    let is_together = task.is_console() && task.is_sync() && !is_static;
    grants.push(if is_together { Grant::call(&[start, poll, stop], on) } else { Grant::call(&[start], on) });
    grants.extend(task.pass_role(&["ExecutionRoleArn"], Some(SERVICE)));
    if task.is_sync() {
        let runs = applications(task, "/jobruns/*");
        if task.is_console() && is_static {
            grants.push(Grant::new(Purpose::Poll, &[poll, stop], runs));
        } else if !task.is_console() {
            grants.push(Grant::new(Purpose::Poll, &[poll], runs.clone()));
            grants.push(Grant::new(Purpose::Stop, &[stop], runs));
        }
        grants.push(task.managed_rule(JOB_RULE));
    }
    grants
}
