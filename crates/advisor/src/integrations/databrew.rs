//! Glue DataBrew (AWS: IAM policies for calling DataBrew, which write its actions in camel case).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "startJobRun" {
        return None;
    }
    let any = task.place.arn("databrew", "job/*");
    if task.is_console() {
        let sync = ["databrew:startJobRun", "databrew:listJobRuns", "databrew:stopJobRun"];
        let actions: &[&str] = if task.is_sync() { &sync } else { &["databrew:startJobRun"] };
        return Some(vec![Grant::call(actions, vec![any])]);
    }
    let jobs = task.arns(&["Name"], |name| task.named("databrew", "job/", name), &any);
    let mut grants = vec![Grant::call(&["databrew:StartJobRun"], jobs.clone())];
    if task.is_sync() {
        grants.push(Grant::new(Purpose::Poll, &["databrew:ListJobRuns"], jobs.clone()));
        grants.push(Grant::new(Purpose::Stop, &["databrew:StopJobRun"], jobs));
    }
    Some(grants)
}
