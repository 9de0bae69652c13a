//! Glue (AWS: IAM policies for calling AWS Glue).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "startJobRun" {
        return None;
    }
    if task.is_console() {
        let everything = vec!["*".to_owned()];
        let sync = ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"];
        let actions: &[&str] = if task.is_sync() { &sync } else { &["glue:StartJobRun"] };
        return Some(vec![Grant::call(actions, everything)]);
    }
    let any = task.place.arn("glue", "job/*");
    let jobs = task.arns(&["JobName"], |name| task.named("glue", "job/", name), &any);
    let mut grants = vec![Grant::call(&["glue:StartJobRun"], jobs.clone())];
    if task.is_sync() {
        grants.push(Grant::new(Purpose::Poll, &["glue:GetJobRun", "glue:GetJobRuns"], jobs.clone()));
        grants.push(Grant::new(Purpose::Stop, &["glue:BatchStopJobRun"], jobs));
    }
    Some(grants)
}
