//! CodeBuild (AWS: IAM policies for calling AWS CodeBuild).

use crate::grant::{Grant, Purpose};
use crate::shape::Shape;
use crate::task::Task;

struct Api {
    name: &'static str,
    action: &'static str,
    poll: Option<&'static str>,
    stop: Option<&'static str>,
    rule: Option<&'static str>,
    /// AWS: of these the pages write any account where the project is dynamic.
    any_account: bool,
}

const fn api(name: &'static str, action: &'static str, any_account: bool) -> Api {
    Api { name, action, poll: None, stop: None, rule: None, any_account }
}

const APIS: [Api; 8] = [
    Api {
        poll: Some("codebuild:BatchGetBuilds"),
        stop: Some("codebuild:StopBuild"),
        rule: Some("StepFunctionsGetEventForCodeBuildStartBuildRule"),
        ..api("startBuild", "codebuild:StartBuild", true)
    },
    Api {
        poll: Some("codebuild:BatchGetBuildBatches"),
        stop: Some("codebuild:StopBuildBatch"),
        rule: Some("StepFunctionsGetEventForCodeBuildStartBuildBatchRule"),
        ..api("startBuildBatch", "codebuild:StartBuildBatch", false)
    },
    Api {
        poll: Some("codebuild:BatchGetBuildBatches"),
        stop: Some("codebuild:StopBuildBatch"),
        ..api("retryBuildBatch", "codebuild:RetryBuildBatch", false)
    },
    api("stopBuild", "codebuild:StopBuild", true),
    api("stopBuildBatch", "codebuild:StopBuildBatch", false),
    api("deleteBuildBatch", "codebuild:DeleteBuildBatch", false),
    api("batchDeleteBuilds", "codebuild:BatchDeleteBuilds", true),
    api("batchGetReports", "codebuild:BatchGetReports", true),
];

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    let api = APIS.iter().find(|api| api.name == action)?;
    let resources = resources(task, api);
    let (Some(poll), Some(stop), true) = (api.poll, api.stop, task.is_sync()) else {
        return Some(vec![Grant::call(&[api.action], resources)]);
    };
    let mut grants = if task.is_console() {
        vec![Grant::call(&[api.action, stop, poll], resources)]
    } else {
        vec![
            Grant::call(&[api.action], resources.clone()),
            Grant::new(Purpose::Poll, &[poll], resources.clone()),
            Grant::new(Purpose::Stop, &[stop], resources),
        ]
    };
    grants.extend(api.rule.map(|rule| task.managed_rule(rule)));
    Some(grants)
}

fn resources(task: &Task<'_>, api: &Api) -> Vec<String> {
    let (argument, kind) = match api.name {
        "startBuild" | "startBuildBatch" => ("ProjectName", "project"),
        "batchDeleteBuilds" => ("Ids", "project"),
        "batchGetReports" => ("ReportArns", "report-group"),
        _ => ("Id", "project"),
    };
    let account = if task.is_console() && api.any_account { "*" } else { &task.place.account };
    let any = task.place.arn_in("codebuild", &task.place.region, account, &format!("{kind}/*"));
    let Some(shape) = task.argument(&[argument]) else { return vec![any] };
    let items = shape.items().unwrap_or_else(|| vec![shape]);
    let texts: Option<Vec<Vec<String>>> = items.iter().map(|item: &Shape| task.usable(item)).collect();
    match texts {
        Some(texts) => texts.concat().iter().map(|text| owner(task, kind, text)).collect(),
        None => vec![any],
    }
}

/// The project or report group that a name, an ARN, a build's id `project:uuid` or its ARN belongs to.
fn owner(task: &Task<'_>, kind: &str, text: &str) -> String {
    let name = text.rsplit('/').next().unwrap_or(text).split(':').next().unwrap_or_default();
    let account =
        text.strip_prefix("arn:").and_then(|_| text.split(':').nth(4)).unwrap_or(&task.place.account);
    let region = text.strip_prefix("arn:").and_then(|_| text.split(':').nth(3)).unwrap_or(&task.place.region);
    task.place.arn_in("codebuild", region, account, &format!("{kind}/{name}"))
}
