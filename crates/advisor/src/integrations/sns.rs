//! SNS (AWS: IAM policies for calling Amazon SNS).

use crate::grant::Grant;
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "publish" {
        return None;
    }
    let keep = |arn: &str| arn.to_owned();
    let publish = |resources| Some(vec![Grant::call(&["sns:Publish"], resources)]);
    if task.argument(&["TopicArn"]).is_some() {
        let any = if task.is_console() { "*".to_owned() } else { task.place.arn("sns", "*") };
        return publish(task.arns(&["TopicArn"], keep, &any));
    }
    // AWS: a target or a phone number is dynamic. A phone number has no ARN.
    if task.is_console() || task.argument(&["TargetArn"]).is_none() {
        return publish(vec!["*".to_owned()]);
    }
    publish(task.arns(&["TargetArn"], keep, "*"))
}
