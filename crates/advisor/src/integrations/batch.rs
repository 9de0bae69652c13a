//! Batch (AWS: IAM policies for calling AWS Batch).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

const RULE: &str = "StepFunctionsGetEventsForBatchJobsRule";

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "submitJob" {
        return None;
    }
    let everything = || vec!["*".to_owned()];
    if task.is_console() {
        // AWS: the job's id is not known, so that everything is granted on everything.
        let mut grants = vec![if task.is_sync() {
            Grant::call(&["batch:SubmitJob", "batch:DescribeJobs", "batch:TerminateJob"], everything())
        } else {
            Grant::call(&["batch:SubmitJob"], everything())
        }];
        if task.is_sync() {
            grants.push(task.managed_rule(RULE));
        }
        return Some(grants);
    }
    let mut resources = task.arns(
        &["JobDefinition"],
        |name| task.named("batch", "job-definition/", name),
        &task.place.arn("batch", "job-definition/*"),
    );
    resources.extend(task.arns(
        &["JobQueue"],
        |name| task.named("batch", "job-queue/", name),
        &task.place.arn("batch", "job-queue/*"),
    ));
    let mut grants = vec![Grant::call(&["batch:SubmitJob"], resources)];
    if task.is_sync() {
        grants.push(Grant::new(Purpose::Poll, &["batch:DescribeJobs"], everything()));
        let jobs = vec![task.place.arn("batch", "job/*")];
        grants.push(Grant::new(Purpose::Stop, &["batch:TerminateJob"], jobs));
        grants.push(task.managed_rule(RULE));
    }
    Some(grants)
}
