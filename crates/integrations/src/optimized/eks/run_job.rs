//! `eks:runJob`: a Kubernetes Job, and with `.sync` its end and its logs.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::call::known;
use super::kubernetes::{Address, Call, Cluster, answer, body, checked_reply};
use crate::failure::TaskFailure;
use crate::form::pairs;
use crate::ids::uuid_of;
use crate::optimized::unusable;
use crate::outbound::Reply;
use crate::submission::{GivenUp, carried_through};
use crate::task::{Mode, Task};

const MEMBERS: &[&str] =
    &["ClusterName", "CertificateAuthority", "Endpoint", "Namespace", "Job", "LogOptions"];
const POLL_MILLIS_MIN: u64 = 400;
const POLL_MILLIS_MAX: u64 = 30_000;
/// No result is so large: what comes after is not asked for.
const LOGS_BYTES_MAX: usize = 1_024 * 1_024;
/// Kubernetes: the letters that it appends to `generateName`.
const SUFFIX_LETTERS: usize = 8;

pub(super) async fn perform(task: &Arc<Task>) -> Result<Value, TaskFailure> {
    let (address, unnamed) = read(&task.arguments).map_err(unusable(task))?;
    let cluster = Cluster::of_task(task, address).confirmed(task).await?;
    let job = Arc::new(unnamed.named(task).map_err(unusable(task))?);
    if !matches!(task.mode, Mode::RunJob { .. }) {
        return submit(&cluster, &job).await;
    }
    let stop = match &task.submission {
        Some(_) => Stop::new(&cluster, &job, GivenUp::default()),
        None => submit_to_wait(task, &cluster, &job).await?,
    };
    let (has_succeeded, mut ended) = watch(&cluster, &job).await?;
    stop.over();
    let options = task.arguments.get("LogOptions");
    if options.and_then(|options| options.get("RetrieveLogs")) == Some(&Value::Bool(true))
        && let Some(members) = ended.as_object_mut()
    {
        members.insert("logs".to_owned(), logs(&cluster, &job, options).await);
    }
    if has_succeeded { Ok(ended) } else { Err(TaskFailure::new("States.TaskFailed", ended.to_string())) }
}

/// A Job and where it is.
struct Job {
    namespace: String,
    name: String,
    /// The name is of this task alone, so that one that is there already is this task's.
    is_named_here: bool,
    definition: Value,
}

/// The cluster and the Job that the arguments ask for.
pub(super) fn read(arguments: &Value) -> Result<(Address, Unnamed), String> {
    known(arguments, MEMBERS)?;
    let address = Address::read(arguments)?;
    pairs("LogParameters", arguments.pointer("/LogOptions/LogParameters"))?;
    let given = arguments.get("Job").filter(|job| !job.is_null());
    let given = given.ok_or("The field \"Job\" is required but was missing")?;
    let definition = match given {
        Value::String(text) => serde_json::from_str(text).map_err(|_| "The Job is no JSON".to_owned())?,
        other => other.clone(),
    };
    let metadata = definition.get("metadata").filter(|metadata| metadata.is_object());
    let metadata = metadata.ok_or("The Job has no metadata with a name")?;
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).map(str::to_owned);
    let (name, is_start) = match (text("name"), text("generateName")) {
        (Some(name), _) => (name, false),
        (None, Some(start)) => (start, true),
        (None, None) => return Err("The Job has no metadata with a name".to_owned()),
    };
    let namespace = arguments.get("Namespace").and_then(Value::as_str).unwrap_or("default").to_owned();
    if !is_name(&namespace) || !is_name(&name) {
        return Err(format!("\"{namespace}\" and \"{name}\" are no names of a namespace and a Job"));
    }
    Ok((address, Unnamed { namespace, name, is_start, definition }))
}

fn is_name(text: &str) -> bool {
    let has_letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    !text.is_empty() && has_letters && !text.starts_with('.')
}

/// A Job whose name may be a start only.
pub(super) struct Unnamed {
    namespace: String,
    name: String,
    is_start: bool,
    definition: Value,
}

impl Unnamed {
    fn named(self, task: &Task) -> Result<Job, String> {
        let Self { namespace, name, is_start, mut definition } = self;
        // The same for the same task: a Job that was made before a crash is found again.
        let name = if is_start { format!("{name}{}", suffix(task)) } else { name };
        let metadata = definition.get_mut("metadata").and_then(Value::as_object_mut);
        let metadata = metadata.ok_or("The Job has no metadata with a name")?;
        metadata.insert("name".to_owned(), json!(name));
        metadata.remove("generateName");
        Ok(Job { namespace, name, is_named_here: is_start, definition })
    }
}

impl Job {
    fn path(&self) -> String {
        format!("/apis/batch/v1/namespaces/{}/jobs/{}", self.namespace, self.name)
    }
}

fn suffix(task: &Task) -> String {
    let id = uuid_of(&format!("{} {} runJob", task.execution_arn, task.id));
    id.chars().filter(|letter| *letter != '-').take(SUFFIX_LETTERS).collect()
}

async fn submit(cluster: &Cluster, job: &Job) -> Result<Value, TaskFailure> {
    let path = format!("/apis/batch/v1/namespaces/{}/jobs", job.namespace);
    let body = Some(job.definition.to_string());
    let reply = cluster.call(&Call { method: "POST", path: &path, query: Vec::new(), body }).await?;
    if reply.status == 409 && job.is_named_here {
        return get(cluster, &job.path()).await.map(|reply| answer(&reply));
    }
    checked_reply(reply).map(|reply| answer(&reply))
}

/// Submits the Job. If nobody waits for it any more, it is deleted as soon as it is there.
async fn submit_to_wait(task: &Arc<Task>, cluster: &Cluster, job: &Arc<Job>) -> Result<Stop, TaskFailure> {
    let (cluster, job) = (cluster.clone(), Arc::clone(job));
    let submitted = carried_through(&task.calls, |given_up| async move {
        let created = submit(&cluster, &job).await?;
        Ok((created, Stop::new(&cluster, &job, given_up)))
    });
    let panicked = || TaskFailure::new("States.TaskFailed", "An internal error occurred.");
    let (created, stop) = submitted.await.unwrap_or_else(|| Err(panicked()))?;
    (task.submitted)(created);
    Ok(stop)
}

async fn get(cluster: &Cluster, path: &str) -> Result<Reply, TaskFailure> {
    checked_reply(cluster.call(&Call { method: "GET", path, query: Vec::new(), body: None }).await?)
}

/// Looks at the Job until Kubernetes says that it is complete or that it has failed.
async fn watch(cluster: &Cluster, job: &Job) -> Result<(bool, Value), TaskFailure> {
    let (path, mut pause) = (job.path(), POLL_MILLIS_MIN);
    loop {
        let call = Call { method: "GET", path: &path, query: Vec::new(), body: None };
        match cluster.call(&call).await {
            Ok(reply) if reply.status < 500 && reply.status != 429 => {
                let job = body(&checked_reply(reply)?);
                if let Some(has_succeeded) = verdict(&job) {
                    return Ok((has_succeeded, job));
                }
            }
            // The Job goes on meanwhile.
            Ok(_) => {}
            Err(error) if error.error == "EKS.SdkClientException" => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        pause = (pause * 3 / 2).min(POLL_MILLIS_MAX);
    }
}

fn verdict(job: &Value) -> Option<bool> {
    let conditions = job.pointer("/status/conditions")?.as_array()?;
    let is_true = |kind: &str| {
        conditions.iter().any(|condition| {
            condition.get("type").and_then(Value::as_str) == Some(kind)
                && condition.get("status").and_then(Value::as_str) == Some("True")
        })
    };
    if is_true("Complete") {
        return Some(true);
    }
    is_true("Failed").then_some(false)
}

/// AWS: as far as they can be had; what went wrong stands where a log would.
async fn logs(cluster: &Cluster, job: &Job, options: Option<&Value>) -> Value {
    let path = format!("/api/v1/namespaces/{}/pods", job.namespace);
    let query = vec![("labelSelector".to_owned(), format!("job-name={}", job.name))];
    let listed = cluster.call(&Call { method: "GET", path: &path, query, body: None }).await;
    let listed = match listed.and_then(checked_reply) {
        Ok(reply) => body(&reply),
        Err(failure) => return json!({"error": failure.error, "cause": failure.cause}),
    };
    let is_raw = options.and_then(|options| options.get("RawLogs")) == Some(&Value::Bool(true));
    // They were checked with the arguments.
    let parameters = options.and_then(|options| options.get("LogParameters"));
    let parameters = pairs("LogParameters", parameters).unwrap_or_default();
    let (mut pods, mut bytes) = (Map::new(), 0);
    for pod in listed.get("items").and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = pod.pointer("/metadata/name").and_then(Value::as_str) else { continue };
        let mut containers = Map::new();
        for container in pod.pointer("/spec/containers").and_then(Value::as_array).into_iter().flatten() {
            let Some(container) = container.get("name").and_then(Value::as_str) else { continue };
            let mut query = parameters.clone();
            query.push(("container".to_owned(), container.to_owned()));
            let log =
                log(cluster, &format!("{path}/{}/log", crate::form::encoded(name)), query, is_raw).await;
            bytes += log.to_string().len();
            containers.insert(container.to_owned(), log);
            if bytes > LOGS_BYTES_MAX {
                break;
            }
        }
        pods.insert(name.to_owned(), json!({"containers": containers}));
        if bytes > LOGS_BYTES_MAX {
            break;
        }
    }
    json!({"pods": pods})
}

async fn log(cluster: &Cluster, path: &str, query: Vec<(String, String)>, is_raw: bool) -> Value {
    let read = cluster.call(&Call { method: "GET", path, query, body: None }).await;
    match read.and_then(checked_reply) {
        Ok(reply) if is_raw => json!({"log": String::from_utf8_lossy(&reply.body)}),
        Ok(reply) => json!({"log": body(&reply)}),
        Err(failure) => json!({"error": failure.error, "cause": failure.cause}),
    }
}

/// Deletes the Job when nobody waits for it any more. AWS: as far as the role may.
struct Stop {
    cluster: Option<Cluster>,
    path: String,
    given_up: GivenUp,
}

impl Stop {
    fn new(cluster: &Cluster, job: &Job, given_up: GivenUp) -> Self {
        Self { cluster: Some(cluster.clone()), path: job.path(), given_up }
    }

    fn over(mut self) {
        self.cluster = None;
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        // A server that stops cancels nothing: it waits for the Job again when it is back.
        let is_wanted = |cluster: &Cluster| self.given_up.is_true() || !cluster.calls().is_closing();
        let Some(cluster) = self.cluster.take().filter(is_wanted) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let path = std::mem::take(&mut self.path);
        let unfinished = cluster.calls().unfinished().begin();
        runtime.spawn(async move {
            let query = vec![("propagationPolicy".to_owned(), "Background".to_owned())];
            let call = Call { method: "DELETE", path: &path, query, body: None };
            if let Err(failure) = cluster.call(&call).await.and_then(checked_reply) {
                tracing::warn!(error = failure.error, "a Kubernetes Job could not be deleted");
            }
            drop(unfinished);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_over_when_kubernetes_says_so() {
        let job =
            |kind: &str, status: &str| json!({"status": {"conditions": [{"type": kind, "status": status}]}});
        assert_eq!(verdict(&job("Complete", "True")), Some(true));
        assert_eq!(verdict(&job("Failed", "True")), Some(false));
        assert_eq!(verdict(&job("Failed", "False")), None);
        assert_eq!(verdict(&job("Suspended", "True")), None);
        assert_eq!(verdict(&json!({"status": {"active": 1}})), None);
    }
}
