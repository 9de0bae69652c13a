//! `ecs:runTask`. AWS marks the tasks as started by it, and a task that a container left with an error has failed.

use serde_json::{Map, Value, json};

use super::job::{Job, Submission, Verdict};
use super::{Action, Optimized};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::task::Task;

pub(super) struct Ecs;

static TASK: Job = Job {
    describe: ("DescribeTasks", |task| {
        with_cluster(task, json!({"tasks": [task.answered("/Tasks/0/TaskArn")], "include": ["TAGS"]}))
    }),
    at: "/Tasks/0",
    verdict,
    member: None,
    stop: Some(("StopTask", |task| {
        let reason = "The execution of the state machine was stopped.";
        with_cluster(task, json!({"task": task.answered("/Tasks/0/TaskArn"), "reason": reason}))
    })),
    ends_gone: false,
};

fn with_cluster(task: &Submission<'_>, mut input: Value) -> Value {
    let cluster = task.asked("Cluster");
    if let Some(fields) = input.as_object_mut().filter(|_| cluster.is_string()) {
        fields.insert("cluster".to_owned(), cluster);
    }
    input
}

fn verdict(task: &Value) -> Verdict {
    if task.get("LastStatus").and_then(Value::as_str) != Some("STOPPED") {
        return Verdict::Running;
    }
    let containers = task.get("Containers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let has_failed = |container: &Value| {
        // A container that never ran has no exit code, but a reason.
        match container.get("ExitCode").and_then(Value::as_i64) {
            Some(code) => code != 0,
            None => container.get("Reason").is_some(),
        }
    };
    let never_started = task.get("StopCode").and_then(Value::as_str) == Some("TaskFailedToStart");
    if never_started || containers.iter().any(has_failed) { Verdict::Failed } else { Verdict::Succeeded }
}

impl Optimized for Ecs {
    fn name(&self) -> &'static str {
        "ecs"
    }

    fn service(&self) -> &'static str {
        "ecs"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 { prefix: "ECS", service: "AmazonECS", exception: "AmazonECSException" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[Action { name: "runTask", operation: "RunTask", has_sync: true, has_token: true }] }
    }

    fn job(&self, _: &Action) -> Option<&'static Job> {
        Some(&TASK)
    }

    fn prepare(&self, _: &Task, arguments: &mut Map<String, Value>) -> Result<(), TaskFailure> {
        arguments.entry("StartedBy").or_insert_with(|| json!("AWS Step Functions"));
        Ok(())
    }

    fn finish(&self, _: &Task, result: Value) -> Result<Value, TaskFailure> {
        let is_empty = |name: &str| result.get(name).and_then(Value::as_array).is_none_or(Vec::is_empty);
        if is_empty("Failures") || !is_empty("Tasks") {
            return Ok(result);
        }
        let failures = result.get("Failures").cloned().unwrap_or_default();
        Err(TaskFailure::new("AmazonECS.Unknown", json!({"Failures": failures}).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_fails_with_its_containers() {
        let stopped =
            |containers: Value| verdict(&json!({"LastStatus": "STOPPED", "Containers": containers}));
        assert_eq!(verdict(&json!({"LastStatus": "RUNNING"})), Verdict::Running);
        assert_eq!(stopped(json!([{"ExitCode": 0}])), Verdict::Succeeded);
        assert_eq!(stopped(json!([{"ExitCode": 0}, {"ExitCode": 137}])), Verdict::Failed);
        assert_eq!(stopped(json!([{"Reason": "CannotPullContainerError"}])), Verdict::Failed);
        let not_started = json!({"LastStatus": "STOPPED", "StopCode": "TaskFailedToStart"});
        assert_eq!(verdict(&not_started), Verdict::Failed);
    }
}
