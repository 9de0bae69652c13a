//! `eks:call`: any call of a cluster's Kubernetes API.

use serde_json::Value;

use super::kubernetes::{Call, Cluster, answer, checked_reply, lists};
use crate::failure::TaskFailure;
use crate::optimized::unusable;
use crate::task::Task;

/// AWS: the methods of `eks:call`.
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"];
const MEMBERS: &[&str] =
    &["ClusterName", "CertificateAuthority", "Endpoint", "Method", "Path", "QueryParameters", "RequestBody"];

pub(super) async fn perform(task: &Task) -> Result<Value, TaskFailure> {
    let refused = unusable(task);
    known(task, MEMBERS).map_err(&refused)?;
    let cluster = Cluster::of_task(task).map_err(&refused)?.confirmed(task).await?;
    let text = |name: &str| task.arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    let (method, path) = (text("Method"), text("Path"));
    if !METHODS.contains(&method) {
        return Err(refused(format!("The Method \"{method}\" is none of {}", METHODS.join(", "))));
    }
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err(refused(format!("The Path \"{path}\" is no path; right is for example /api/v1/pods")));
    }
    let query = lists(task.arguments.get("QueryParameters"));
    let body = task.arguments.get("RequestBody").filter(|body| !body.is_null()).map(crate::form::text);
    let reply = cluster.call(&Call { method, path, query, body }).await?;
    checked_reply(reply).map(|reply| answer(&reply))
}

/// Refuses members that there are none of.
pub(super) fn known(task: &Task, members: &[&str]) -> Result<(), String> {
    let given = task.arguments.as_object().into_iter().flatten();
    match given.map(|(name, _)| name).find(|name| !members.contains(&name.as_str())) {
        Some(name) => Err(format!("The field \"{name}\" is not supported by Step Functions")),
        None => Ok(()),
    }
}
