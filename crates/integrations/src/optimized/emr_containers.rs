//! `emr-containers`: virtual clusters and job runs of EMR on EKS.

use serde_json::{Value, json};

use super::job::{Job, Submission, Verdict, by_status};
use super::{Action, Optimized, plain, with_sync};
use crate::failure::ErrorStyle;

pub(super) struct EmrContainers;

static RUN: Job = Job {
    describe: ("DescribeJobRun", run),
    at: "/JobRun",
    verdict: |run| by_status(run, "/State", &["COMPLETED"], &["FAILED", "CANCELLED"]),
    member: None,
    stop: Some(("CancelJobRun", run)),
    ends_gone: false,
};

static DELETION: Job = Job {
    describe: ("DescribeVirtualCluster", |cluster| json!({"id": cluster.answered("/Id")})),
    at: "/VirtualCluster",
    verdict: deleted,
    member: None,
    stop: None,
    ends_gone: true,
};

fn run(run: &Submission<'_>) -> Value {
    json!({"id": run.answered("/Id"), "virtualClusterId": run.answered("/VirtualClusterId")})
}

fn deleted(cluster: &Value) -> Verdict {
    by_status(cluster, "/State", &["TERMINATED"], &["ARRESTED"])
}

impl Optimized for EmrContainers {
    fn name(&self) -> &'static str {
        "emr-containers"
    }

    fn service(&self) -> &'static str {
        "emr-containers"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 {
            prefix: "EMRContainers",
            service: "AmazonEMRContainers",
            exception: "AmazonEMRContainersException",
        }
    }

    fn actions(&self) -> &'static [Action] {
        const {
            &[
                plain("createVirtualCluster", "CreateVirtualCluster"),
                with_sync("deleteVirtualCluster", "DeleteVirtualCluster"),
                with_sync("startJobRun", "StartJobRun"),
            ]
        }
    }

    fn job(&self, action: &Action) -> Option<&'static Job> {
        Some(if action.name == "startJobRun" { &RUN } else { &DELETION })
    }
}
