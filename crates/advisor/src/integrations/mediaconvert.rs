//! MediaConvert (AWS: IAM policies for calling AWS Elemental MediaConvert).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

const SERVICE: &str = "mediaconvert.amazonaws.com";

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "createJob" {
        return None;
    }
    let used = ["queues/*", "jobTemplates/*", "presets/*"];
    let used = used.iter().map(|resource| task.place.arn("mediaconvert", resource)).collect();
    let mut grants = vec![Grant::call(&["mediaconvert:CreateJob"], used).sid("MediaConvertCreateJob")];
    if task.is_sync() {
        // AWS: Step Functions tags the jobs that it makes.
        let manage = |purpose, actions: &[&str]| {
            Grant::new(purpose, actions, vec![task.place.arn("mediaconvert", "jobs/*")])
                .sid("MediaConvertManageJob")
                .when("StringEquals", "aws:ResourceTag/ManagedByService", vec!["AWSStepFunctions".to_owned()])
        };
        if task.is_console() {
            grants.push(manage(Purpose::Poll, &["mediaconvert:GetJob", "mediaconvert:CancelJob"]));
        } else {
            grants.push(manage(Purpose::Poll, &["mediaconvert:GetJob"]));
            grants.push(manage(Purpose::Stop, &["mediaconvert:CancelJob"]));
        }
    }
    if let Some(role) = task.pass_role(&["Role"], None) {
        grants.push(role.sid("IamPassRole").when_any(
            "StringEquals",
            "iam:PassedToService",
            vec![SERVICE.to_owned()],
        ));
    }
    if task.is_sync() {
        let rule = task.managed_rule("StepFunctionsGetEventsForMediaConvertJobRule");
        grants.push(rule.sid("EventBridgeManageRule"));
    }
    Some(grants)
}
