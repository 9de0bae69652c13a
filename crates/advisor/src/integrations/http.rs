//! HTTP Tasks (AWS: IAM permissions to run an HTTP Task).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "invoke" {
        return None;
    }
    let mut grants = vec![invoke(task)];
    let connections: Vec<&[&str]> =
        [["Authentication", "ConnectionArn"].as_slice(), ["InvocationConfig", "ConnectionArn"].as_slice()]
            .into_iter()
            .filter(|names| task.argument(names).is_some())
            .collect();
    if connections.is_empty() {
        return Some(grants);
    }
    let any = task.place.arn("events", "connection/*");
    let named: Vec<String> =
        connections.iter().flat_map(|names| task.arns(names, str::to_owned, &any)).collect();
    let secrets = if task.is_console() {
        vec![task.place.arn_in("secretsmanager", "*", "*", "secret:events!connection/*")]
    } else {
        named.iter().map(|connection| secret(task, connection)).collect()
    };
    grants.push(Grant::call(&["events:RetrieveConnectionCredentials"], named).sid("Statement2"));
    let actions = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"];
    grants.push(Grant::new(Purpose::Call, &actions, secrets).sid("Statement3"));
    Some(grants)
}

fn invoke(task: &Task<'_>) -> Grant {
    let mut grant =
        Grant::call(&["states:InvokeHTTPEndpoint"], vec![task.place.state_machine_arn()]).sid("Statement1");
    if let Some(methods) = task.texts(&["Method"]) {
        grant = grant.when("StringEquals", "states:HTTPMethod", methods);
    }
    if let Some(endpoints) = task.texts(&["ApiEndpoint"]) {
        // AWS: the console's example grants the whole host.
        let endpoint =
            |endpoint: &String| if task.is_console() { host_of(endpoint) } else { endpoint.clone() };
        let values = endpoints.iter().map(endpoint).collect();
        grant = grant.when("StringLike", "states:HTTPEndpoint", values);
    }
    grant
}

/// `https://api.example.com/*` of any URL of that host.
fn host_of(endpoint: &str) -> String {
    match endpoint.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}/*", rest.split(['/', '?']).next().unwrap_or_default()),
        None => endpoint.to_owned(),
    }
}

/// The secret in which EventBridge keeps a connection's credentials: `events!connection/<name>/<id>`.
fn secret(task: &Task<'_>, connection: &str) -> String {
    let parts: Vec<&str> = connection.split(':').collect();
    let (region, account) = match parts.as_slice() {
        [_, _, _, region, account, ..] => (*region, *account),
        _ => (task.place.region.as_str(), task.place.account.as_str()),
    };
    let name = connection.split('/').nth(1).unwrap_or("*");
    let rest = if name.ends_with('*') { "" } else { "/*" };
    task.place.arn_in("secretsmanager", region, account, &format!("secret:events!connection/{name}{rest}"))
}
