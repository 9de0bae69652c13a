//! `batch:submitJob`. Containers learn from their environment that Step Functions started them.

use serde_json::{Map, Value, json};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, with_sync};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::task::{Mode, Task};

pub(super) struct Batch;

static JOB: Job = Job {
    describe: ("DescribeJobs", |job| json!({"jobs": [job.answered("/JobId")]})),
    at: "/Jobs/0",
    verdict,
    member: None,
    stop: Some((
        "TerminateJob",
        |job| json!({"jobId": job.answered("/JobId"), "reason": "The execution of the state machine was stopped."}),
    )),
    ends_gone: false,
};

fn verdict(job: &Value) -> Verdict {
    by_status(job, "/Status", &["SUCCEEDED"], &["FAILED"])
}

impl Optimized for Batch {
    fn name(&self) -> &'static str {
        "batch"
    }

    fn service(&self) -> &'static str {
        "batch"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 { prefix: "Batch", service: "AWSBatch", exception: "AWSBatchException" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_sync("submitJob", "SubmitJob")] }
    }

    fn job(&self, _: &Action) -> Option<&'static Job> {
        Some(&JOB)
    }

    fn prepare(&self, task: &Task, arguments: &mut Map<String, Value>) -> Result<(), TaskFailure> {
        if !matches!(task.mode, Mode::RunJob { .. }) {
            return Ok(());
        }
        let overrides = arguments.entry("ContainerOverrides").or_insert_with(|| json!({}));
        if let Some(overrides) = overrides.as_object_mut() {
            let environment = overrides.entry("Environment").or_insert_with(|| json!([]));
            if let Some(environment) = environment.as_array_mut() {
                environment.push(json!({"Name": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}));
            }
        }
        Ok(())
    }
}
