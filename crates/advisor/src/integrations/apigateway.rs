//! API Gateway (AWS: IAM policies for calls to Amazon API Gateway).

use super::Needs;
use crate::grant::Grant;
use crate::task::Task;

pub(super) fn needs(task: &Task<'_>, action: &str) -> Option<Needs> {
    if action != "invoke" {
        return None;
    }
    // AWS: AuthType is NO_AUTH unless it is given.
    let auth = task.argument(&["AuthType"]);
    let is_signed = auth
        .as_ref()
        .is_some_and(|auth| auth.texts().is_none_or(|texts| texts.iter().any(|text| text != "NO_AUTH")));
    if !is_signed && (auth.is_some() || !task.is_console()) {
        return Some(Needs::of(Vec::new()));
    }
    let needs = Needs::of(vec![Grant::call(&["execute-api:Invoke"], apis(task))]);
    let by_resource =
        auth.and_then(|auth| auth.texts()).is_some_and(|texts| texts.contains(&"RESOURCE_POLICY".to_owned()));
    Some(if by_resource {
        needs.note(format!(
            "AuthType RESOURCE_POLICY: the API's resource policy must allow execute-api:Invoke to states.amazonaws.com \
             with aws:SourceArn {}",
            task.place.state_machine_arn()
        ))
    } else {
        needs
    })
}

fn apis(task: &Task<'_>) -> Vec<String> {
    let one = |names: &[&str], absent: &str| match task.argument(names) {
        None => vec![absent.to_owned()],
        Some(shape) => task.usable(&shape).unwrap_or_else(|| vec!["*".to_owned()]),
    };
    let mut arns = Vec::new();
    for endpoint in one(&["ApiEndpoint"], "*") {
        if endpoint == "*" {
            return vec![task.place.arn("execute-api", "*")];
        }
        let id = endpoint.split('.').next().unwrap_or_default();
        for stage in one(&["Stage"], "*").iter().map(|stage| stage.trim_matches('/')) {
            for method in one(&["Method"], "*") {
                for path in one(&["Path"], "") {
                    let path = path.trim_start_matches('/');
                    let mut add = |stage: &str, path: &str| {
                        arns.push(task.place.arn("execute-api", &format!("{id}/{stage}/{method}/{path}")));
                    };
                    add(if stage.is_empty() { "*" } else { stage }, path);
                    // A stage that stands in the path is a stage all the same.
                    let is_absent = stage.is_empty() || task.argument(&["Stage"]).is_none();
                    if is_absent && !task.is_console() && !matches!(path, "" | "*") {
                        let (stage, path) = path.split_once('/').unwrap_or((path, ""));
                        add(stage, path);
                    }
                }
            }
        }
    }
    arns
}
