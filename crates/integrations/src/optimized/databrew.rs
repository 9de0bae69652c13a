//! `databrew:startJobRun`.

use serde_json::{Value, json};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, with_sync};
use crate::failure::ErrorStyle;

pub(super) struct DataBrew;

/// AWS: the runs of the job are listed, and roles that it makes may do no more.
static RUN: Job = Job {
    describe: ("ListJobRuns", |run| json!({"Name": run.asked("Name"), "MaxResults": 100})),
    at: "/JobRuns",
    verdict,
    member: None,
    stop: Some(("StopJobRun", |run| json!({"Name": run.asked("Name"), "RunId": run.answered("/RunId")}))),
    ends_gone: false,
};

fn verdict(run: &Value) -> Verdict {
    by_status(run, "/State", &["SUCCEEDED"], &["FAILED", "STOPPED", "TIMEOUT"])
}

impl Optimized for DataBrew {
    fn name(&self) -> &'static str {
        "databrew"
    }

    fn service(&self) -> &'static str {
        "databrew"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 {
            prefix: "DataBrew",
            service: "AWSGlueDataBrew",
            exception: "AWSGlueDataBrewException",
        }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_sync("startJobRun", "StartJobRun")] }
    }

    fn job(&self, _: &Action) -> Option<&'static Job> {
        Some(&RUN)
    }
}
