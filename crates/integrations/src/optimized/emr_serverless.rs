//! `emr-serverless`: applications and their job runs. Every action may wait until it has taken effect.

use serde_json::{Value, json};

use super::job::{Input, Job, Submission, by_status};
use super::{Action, Optimized, with_sync};
use crate::failure::ErrorStyle;

pub(super) struct EmrServerless;

static RUN: Job = Job {
    describe: ("GetJobRun", started_run),
    at: "/JobRun",
    verdict: |run| by_status(run, "/State", &["SUCCESS"], &["FAILED", "CANCELLED"]),
    member: None,
    stop: Some(("CancelJobRun", started_run)),
    ends_gone: false,
};

static CANCELLATION: Job = Job {
    describe: (
        "GetJobRun",
        |run| json!({"applicationId": run.asked("ApplicationId"), "jobRunId": run.asked("JobRunId")}),
    ),
    at: "/JobRun",
    verdict: |run| by_status(run, "/State", &["CANCELLED", "SUCCESS", "FAILED"], &[]),
    member: None,
    stop: None,
    ends_gone: false,
};

static CREATION: Job = Job {
    describe: ("GetApplication", |made| json!({"applicationId": made.answered("/ApplicationId")})),
    verdict: |application| by_status(application, "/State", &["CREATED", "STARTED"], &["TERMINATED"]),
    ..of_application(|_| Value::Null)
};

static START: Job = Job {
    verdict: |application| by_status(application, "/State", &["STARTED"], &["TERMINATED", "STOPPED"]),
    ..of_application(named)
};

static STOP: Job = Job {
    verdict: |application| by_status(application, "/State", &["STOPPED", "CREATED"], &["TERMINATED"]),
    ..of_application(named)
};

static DELETION: Job = Job { ends_gone: true, ..of_application(named) };

const fn of_application(input: Input) -> Job {
    Job {
        describe: ("GetApplication", input),
        at: "/Application",
        verdict: |application| by_status(application, "/State", &["TERMINATED"], &[]),
        member: None,
        stop: None,
        ends_gone: false,
    }
}

fn named(submission: &Submission<'_>) -> Value {
    json!({"applicationId": submission.asked("ApplicationId")})
}

fn started_run(run: &Submission<'_>) -> Value {
    json!({"applicationId": run.answered("/ApplicationId"), "jobRunId": run.answered("/JobRunId")})
}

impl Optimized for EmrServerless {
    fn name(&self) -> &'static str {
        "emr-serverless"
    }

    fn service(&self) -> &'static str {
        "emr-serverless"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 {
            prefix: "EMRServerless",
            service: "AWSEMRServerless",
            exception: "AWSEMRServerlessException",
        }
    }

    fn actions(&self) -> &'static [Action] {
        const {
            &[
                with_sync("createApplication", "CreateApplication"),
                with_sync("startApplication", "StartApplication"),
                with_sync("stopApplication", "StopApplication"),
                with_sync("deleteApplication", "DeleteApplication"),
                with_sync("startJobRun", "StartJobRun"),
                with_sync("cancelJobRun", "CancelJobRun"),
            ]
        }
    }

    fn job(&self, action: &Action) -> Option<&'static Job> {
        match action.name {
            "createApplication" => Some(&CREATION),
            "startApplication" => Some(&START),
            "stopApplication" => Some(&STOP),
            "deleteApplication" => Some(&DELETION),
            "startJobRun" => Some(&RUN),
            "cancelJobRun" => Some(&CANCELLATION),
            _ => None,
        }
    }
}
