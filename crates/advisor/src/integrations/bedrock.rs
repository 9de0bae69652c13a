//! Bedrock (AWS: IAM policies for calling Amazon Bedrock).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    match action {
        "invokeModel" => Some(invoke(task)),
        "createModelCustomizationJob" => Some(customize(task)),
        _ => None,
    }
}

fn invoke(task: &Task<'_>) -> Vec<Grant> {
    let models = match task.texts(&["ModelId"]) {
        Some(ids) => ids.iter().flat_map(|id| model(task, id)).collect(),
        None => vec![foundation(task, "*"), task.place.arn("bedrock", "provisioned-model/*")],
    };
    let mut grants = vec![Grant::call(&["bedrock:InvokeModel"], models).sid("InvokeModel1")];
    if task.is_console() {
        return grants;
    }
    for (argument, action) in [("Input", "s3:GetObject"), ("Output", "s3:PutObject")] {
        if task.argument(&[argument, "S3Uri"]).is_none() {
            continue;
        }
        let any = task.place.arn_in("s3", "", "", "*/*");
        let object = |uri: &str| {
            let object = uri.strip_prefix("s3://").unwrap_or(uri);
            task.place.arn_in(
                "s3",
                "",
                "",
                &format!("{object}{}", if action == "s3:PutObject" { "*" } else { "" }),
            )
        };
        grants.push(Grant::call(&[action], task.arns(&[argument, "S3Uri"], object, &any)));
    }
    if let Some(guardrail) = task.argument(&["GuardrailIdentifier"]) {
        let any = task.place.arn("bedrock", "guardrail/*");
        let guardrails = task
            .usable(&guardrail)
            .map_or(vec![any], |ids| ids.iter().map(|id| task.named("bedrock", "guardrail/", id)).collect());
        grants.push(Grant::call(&["bedrock:ApplyGuardrail"], guardrails));
    }
    grants
}

fn foundation(task: &Task<'_>, id: &str) -> String {
    task.place.arn_in("bedrock", &task.place.region, "", &format!("foundation-model/{id}"))
}

/// A model's ARN from its id: a foundation model has a provider before a dot, an inference profile a geography before
/// that, a provisioned model neither.
fn model(task: &Task<'_>, id: &str) -> Vec<String> {
    if id.starts_with("arn:") {
        return vec![id.to_owned()];
    }
    let geography = id.split('.').next().unwrap_or_default();
    if let Some((_, model)) = id.split_once('.')
        && ["us", "eu", "apac", "global", "jp", "au", "ca", "us-gov"].contains(&geography)
        && model.contains('.')
    {
        let anywhere = task.place.arn_in("bedrock", "*", "", &format!("foundation-model/{model}"));
        return vec![task.place.arn("bedrock", &format!("inference-profile/{id}")), anywhere];
    }
    if id.contains('.') {
        return vec![foundation(task, id)];
    }
    vec![task.place.arn("bedrock", &format!("provisioned-model/{id}"))]
}

fn customize(task: &Task<'_>) -> Vec<Grant> {
    let jobs = task.place.arn("bedrock", "model-customization-job/*");
    let custom = task.place.arn("bedrock", "custom-model/*");
    let mut resources: Vec<String> = match task.texts(&["BaseModelIdentifier"]) {
        // AWS: a custom model as the base is in the statement already.
        Some(ids) => {
            let foundations = ids.iter().filter(|id| !id.contains(":custom-model/"));
            foundations
                .map(|id| if id.starts_with("arn:") { id.clone() } else { foundation(task, id) })
                .collect()
        }
        None => vec![foundation(task, "*")],
    };
    resources.extend([custom, jobs.clone()]);
    let mut grants = vec![
        Grant::call(&["bedrock:CreateModelCustomizationJob"], resources).sid("CreateModelCustomizationJob1"),
    ];
    let role = task.pass_role(&["RoleArn"], None);
    if !task.is_sync() {
        grants.extend(role.map(|role| role.sid("CreateModelCustomizationJob2")));
        return grants;
    }
    let (get, stop) = ("bedrock:GetModelCustomizationJob", "bedrock:StopModelCustomizationJob");
    if task.is_console() {
        let follow = Grant::new(Purpose::Poll, &[get, stop], vec![jobs]);
        grants.push(follow.sid("CreateModelCustomizationJob2"));
    } else {
        grants.push(Grant::new(Purpose::Poll, &[get], vec![jobs.clone()]));
        grants.push(Grant::new(Purpose::Stop, &[stop], vec![jobs]));
    }
    grants.extend(role.map(|role| role.sid("CreateModelCustomizationJob3")));
    grants
}
