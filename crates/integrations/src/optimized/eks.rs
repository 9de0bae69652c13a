//! `eks`: clusters, node groups and Fargate profiles, and the Kubernetes API of a cluster.

mod call;
mod kubernetes;
mod run_job;

use std::sync::Arc;

use serde_json::{Value, json};

use super::job::{Job, Submission, Verdict, by_status};
use super::{Action, Optimized, Performing, job, plain, request, with_sync};
use crate::failure::ErrorStyle;
use crate::task::{Mode, Task};

pub(super) struct Eks;

static CLUSTER: Job = Job {
    describe: ("DescribeCluster", |cluster| json!({"name": cluster.asked("Name")})),
    at: "/Cluster",
    verdict: made,
    member: Some("Cluster"),
    stop: None,
    ends_gone: false,
};

static NODE_GROUP: Job = Job {
    describe: ("DescribeNodegroup", node_group),
    at: "/Nodegroup",
    verdict: made,
    member: Some("Nodegroup"),
    stop: None,
    ends_gone: false,
};

static FARGATE_PROFILE: Job = Job {
    describe: ("DescribeFargateProfile", fargate_profile),
    at: "/FargateProfile",
    verdict: made,
    member: Some("FargateProfile"),
    stop: None,
    ends_gone: false,
};

static CLUSTER_DELETION: Job = Job {
    describe: ("DescribeCluster", |cluster| json!({"name": cluster.asked("Name")})),
    at: "/Cluster",
    verdict: deleted,
    member: Some("Cluster"),
    stop: None,
    ends_gone: true,
};

static NODE_GROUP_DELETION: Job = Job {
    describe: ("DescribeNodegroup", node_group),
    at: "/Nodegroup",
    verdict: deleted,
    member: Some("Nodegroup"),
    stop: None,
    ends_gone: true,
};

static FARGATE_PROFILE_DELETION: Job = Job {
    describe: ("DescribeFargateProfile", fargate_profile),
    at: "/FargateProfile",
    verdict: deleted,
    member: Some("FargateProfile"),
    stop: None,
    ends_gone: true,
};

fn node_group(asked: &Submission<'_>) -> Value {
    json!({"clusterName": asked.asked("ClusterName"), "nodegroupName": asked.asked("NodegroupName")})
}

fn fargate_profile(asked: &Submission<'_>) -> Value {
    json!({"clusterName": asked.asked("ClusterName"), "fargateProfileName": asked.asked("FargateProfileName")})
}

fn made(resource: &Value) -> Verdict {
    by_status(resource, "/Status", &["ACTIVE"], &["FAILED", "CREATE_FAILED", "DEGRADED", "DELETING"])
}

fn deleted(resource: &Value) -> Verdict {
    by_status(resource, "/Status", &[], &["DELETE_FAILED", "FAILED"])
}

/// What the calls of a cluster's API need.
pub(super) const CALL: &[&str] = &["ClusterName", "CertificateAuthority", "Endpoint", "Method", "Path"];
pub(super) const RUN_JOB: &[&str] = &["ClusterName", "CertificateAuthority", "Endpoint", "Job"];

/// What is wrong with the arguments of a call of a cluster's API.
pub(super) fn check(action: &str, arguments: &Value) -> Option<String> {
    let read =
        if action == "call" { call::read(arguments).map(drop) } else { run_job::read(arguments).map(drop) };
    read.err()
}

/// The path of a call, if it may be called.
#[cfg(test)]
pub(crate) fn kubernetes_path(path: &str) -> Result<String, String> {
    let arguments = json!({"ClusterName": "c", "CertificateAuthority": "YQ==", "Endpoint": "https://cluster.example",
        "Method": "GET", "Path": path});
    call::read(&arguments).map(|(_, call)| call.path.to_owned())
}

impl Optimized for Eks {
    fn name(&self) -> &'static str {
        "eks"
    }

    fn service(&self) -> &'static str {
        "eks"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 { prefix: "EKS", service: "AmazonEKS", exception: "AmazonEKSException" }
    }

    fn actions(&self) -> &'static [Action] {
        const {
            &[
                plain("call", ""),
                with_sync("runJob", ""),
                with_sync("createCluster", "CreateCluster"),
                with_sync("deleteCluster", "DeleteCluster"),
                with_sync("createNodegroup", "CreateNodegroup"),
                with_sync("deleteNodegroup", "DeleteNodegroup"),
                with_sync("createFargateProfile", "CreateFargateProfile"),
                with_sync("deleteFargateProfile", "DeleteFargateProfile"),
            ]
        }
    }

    fn perform<'a>(&'static self, task: &'a Arc<Task>, action: &'static Action) -> Performing<'a> {
        Box::pin(async move {
            match action.name {
                "call" => return call::perform(task).await,
                "runJob" => return run_job::perform(task).await,
                _ => {}
            }
            match (task.mode, self.job(action)) {
                (Mode::RunJob { .. }, Some(job)) => job::run(self, task, action, job).await,
                _ => request(self, task, action).await,
            }
        })
    }

    fn job(&self, action: &Action) -> Option<&'static Job> {
        match action.name {
            "createCluster" => Some(&CLUSTER),
            "deleteCluster" => Some(&CLUSTER_DELETION),
            "createNodegroup" => Some(&NODE_GROUP),
            "deleteNodegroup" => Some(&NODE_GROUP_DELETION),
            "createFargateProfile" => Some(&FARGATE_PROFILE),
            "deleteFargateProfile" => Some(&FARGATE_PROFILE_DELETION),
            _ => None,
        }
    }
}
