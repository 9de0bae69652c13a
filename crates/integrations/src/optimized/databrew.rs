//! `databrew:startJobRun`.

use serde_json::{Value, json};

use super::job::{Job, Submission, Verdict, by_status};
use super::{Action, Optimized, with_sync};
use crate::failure::ErrorStyle;

pub(super) struct DataBrew;

static RUN: Job = Job {
    describe: ("DescribeJobRun", named),
    at: "",
    verdict,
    member: None,
    stop: Some(("StopJobRun", named)),
    ends_gone: false,
};

fn named(run: &Submission<'_>) -> Value {
    json!({"Name": run.asked("Name"), "RunId": run.answered("/RunId")})
}

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
