//! `mediaconvert:createJob`. AWS tags the jobs that it waits for: its own rights to stop them depend on the tag.

use serde_json::{Map, Value, json};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, with_sync};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::task::{Mode, Task};

pub(super) struct MediaConvert;

static JOB: Job = Job {
    describe: ("GetJob", |job| json!({"Id": job.answered("/Job/Id")})),
    at: "/Job",
    verdict,
    member: Some("Job"),
    stop: Some(("CancelJob", |job| json!({"Id": job.answered("/Job/Id")}))),
    ends_gone: false,
};

fn verdict(job: &Value) -> Verdict {
    by_status(job, "/Status", &["COMPLETE"], &["ERROR", "CANCELED"])
}

impl Optimized for MediaConvert {
    fn name(&self) -> &'static str {
        "mediaconvert"
    }

    fn service(&self) -> &'static str {
        "mediaconvert"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 {
            prefix: "MediaConvert",
            service: "AWSMediaConvert",
            exception: "AWSMediaConvertException",
        }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_sync("createJob", "CreateJob")] }
    }

    fn job(&self, _: &Action) -> Option<&'static Job> {
        Some(&JOB)
    }

    fn prepare(&self, task: &Task, arguments: &mut Map<String, Value>) -> Result<(), TaskFailure> {
        if matches!(task.mode, Mode::RunJob { .. }) {
            let tags = arguments.entry("Tags").or_insert_with(|| json!({}));
            if let Some(tags) = tags.as_object_mut() {
                tags.insert("ManagedByService".to_owned(), json!("AWSStepFunctions"));
            }
        }
        Ok(())
    }
}
