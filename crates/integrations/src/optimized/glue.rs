//! `glue:startJobRun`.

use serde_json::{Value, json};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, with_sync};
use crate::failure::ErrorStyle;

pub(super) struct Glue;

static RUN: Job = Job {
    describe: (
        "GetJobRun",
        |run| json!({"JobName": run.asked("JobName"), "RunId": run.answered("/JobRunId")}),
    ),
    at: "/JobRun",
    verdict,
    member: None,
    stop: Some((
        "BatchStopJobRun",
        |run| json!({"JobName": run.asked("JobName"), "JobRunIds": [run.answered("/JobRunId")]}),
    )),
    ends_gone: false,
};

fn verdict(run: &Value) -> Verdict {
    by_status(run, "/JobRunState", &["SUCCEEDED"], &["FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"])
}

impl Optimized for Glue {
    fn name(&self) -> &'static str {
        "glue"
    }

    fn service(&self) -> &'static str {
        "glue"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 { prefix: "Glue", service: "AWSGlue", exception: "AWSGlueException" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_sync("startJobRun", "StartJobRun")] }
    }

    fn job(&self, _: &Action) -> Option<&'static Job> {
        Some(&RUN)
    }
}
