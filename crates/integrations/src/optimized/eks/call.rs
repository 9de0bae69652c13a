//! `eks:call`: any call of a cluster's Kubernetes API.

use serde_json::Value;

use super::kubernetes::{Address, Call, Cluster, answer, checked_reply};
use crate::failure::TaskFailure;
use crate::form::pairs;
use crate::optimized::unusable;
use crate::task::Task;

/// AWS: the methods of `eks:call`.
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"];
const MEMBERS: &[&str] =
    &["ClusterName", "CertificateAuthority", "Endpoint", "Method", "Path", "QueryParameters", "RequestBody"];

pub(super) async fn perform(task: &Task) -> Result<Value, TaskFailure> {
    let (address, call) = read(&task.arguments).map_err(unusable(task))?;
    let cluster = Cluster::of_task(task, address).confirmed(task).await?;
    let reply = cluster.call(&call).await?;
    checked_reply(reply).map(|reply| answer(&reply))
}

/// The cluster and the call that the arguments ask for.
pub(super) fn read(arguments: &Value) -> Result<(Address, Call<'_>), String> {
    known(arguments, MEMBERS)?;
    let address = Address::read(arguments)?;
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    let (method, path) = (text("Method"), text("Path"));
    if !METHODS.contains(&method) {
        return Err(format!("The Method \"{method}\" is none of {}", METHODS.join(", ")));
    }
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err(format!("The Path \"{path}\" is no path; right is for example /api/v1/pods"));
    }
    let query = pairs("QueryParameters", arguments.get("QueryParameters"))?;
    let body = arguments.get("RequestBody").filter(|body| !body.is_null()).map(crate::form::text);
    Ok((address, Call { method, path, query, body }))
}

/// Refuses members that there are none of.
pub(super) fn known(arguments: &Value, members: &[&str]) -> Result<(), String> {
    let given = arguments.as_object().into_iter().flatten();
    match given.map(|(name, _)| name).find(|name| !members.contains(&name.as_str())) {
        Some(name) => Err(format!("The field \"{name}\" is not supported by Step Functions")),
        None => Ok(()),
    }
}
