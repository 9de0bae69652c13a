//! Services of jobs whose inputs name their resources otherwise than the reference does: `name` of a cluster, `id` of a
//! virtual cluster, a list of clusters.

use serde_json::{Value, json};

use super::{Right, list, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

pub(super) async fn rights(call: &ApiCall, lookup: &Lookup<'_>) -> Option<Vec<Right>> {
    let found = match call.service.name.as_str() {
        "bedrock" => customization_job(call),
        "databrew" => job_of_databrew(call),
        "eks" => of_kubernetes(call, lookup).await,
        "emr" => clusters(call),
        "emr-containers" => virtual_cluster(call),
        "mediaconvert" => job_of_mediaconvert(call),
        _ => Vec::new(),
    };
    let prefix = super::reference::prefix(call);
    let action = format!("{prefix}:{}", call.operation.name);
    let rights: Vec<Right> = found.into_iter().map(|resource| Right::new(&*action, resource)).collect();
    (!rights.is_empty()).then_some(rights)
}

/// One ARN of a member that is there.
fn one(call: &ApiCall, service: &str, kind: &str, member: &str) -> Vec<String> {
    text(&call.input, member).map(|given| call.arn(service, kind, given)).into_iter().collect()
}

fn customization_job(call: &ApiCall) -> Vec<String> {
    match call.operation.name.as_str() {
        "GetModelCustomizationJob" | "StopModelCustomizationJob" => {
            one(call, "bedrock", "model-customization-job/", "jobIdentifier")
        }
        _ => Vec::new(),
    }
}

fn job_of_databrew(call: &ApiCall) -> Vec<String> {
    match call.operation.name.as_str() {
        "StartJobRun" | "ListJobRuns" | "StopJobRun" | "DescribeJobRun" | "DescribeJob" | "DeleteJob" => {
            one(call, "databrew", "job/", "Name")
        }
        _ => Vec::new(),
    }
}

fn job_of_mediaconvert(call: &ApiCall) -> Vec<String> {
    match call.operation.name.as_str() {
        "GetJob" | "CancelJob" => one(call, "mediaconvert", "jobs/", "Id"),
        _ => Vec::new(),
    }
}

fn clusters(call: &ApiCall) -> Vec<String> {
    match call.operation.name.as_str() {
        "AddJobFlowSteps" | "AddInstanceGroups" => one(call, "elasticmapreduce", "cluster/", "JobFlowId"),
        "TerminateJobFlows" | "SetTerminationProtection" | "SetVisibleToAllUsers" => {
            let ids = list(&call.input, "JobFlowIds").filter_map(Value::as_str);
            ids.map(|id| call.arn("elasticmapreduce", "cluster/", id)).collect()
        }
        _ => Vec::new(),
    }
}

fn virtual_cluster(call: &ApiCall) -> Vec<String> {
    match call.operation.name.as_str() {
        "DescribeVirtualCluster" | "DeleteVirtualCluster" => {
            one(call, "emr-containers", "/virtualclusters/", "id")
        }
        "DescribeJobRun" | "CancelJobRun" => {
            let named = text(&call.input, "virtualClusterId").zip(text(&call.input, "id"));
            let named = named.map(|(cluster, run)| format!("{cluster}/jobruns/{run}"));
            named.map(|named| call.arn("emr-containers", "/virtualclusters/", &named)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// AWS: node groups and Fargate profiles have an id of their own in their ARN, which only EKS knows.
async fn of_kubernetes(call: &ApiCall, lookup: &Lookup<'_>) -> Vec<String> {
    let part = match call.operation.name.as_str() {
        "DescribeCluster" | "DeleteCluster" | "UpdateClusterConfig" | "UpdateClusterVersion" => {
            return one(call, "eks", "cluster/", "name");
        }
        "DescribeNodegroup" | "DeleteNodegroup" | "UpdateNodegroupConfig" | "UpdateNodegroupVersion" => {
            ("DescribeNodegroup", "nodegroup", "nodegroupName", "nodegroupArn")
        }
        "DescribeFargateProfile" | "DeleteFargateProfile" => {
            ("DescribeFargateProfile", "fargateProfile", "fargateProfileName", "fargateProfileArn")
        }
        _ => return Vec::new(),
    };
    let (question, kind, member, arn) = part;
    let Some((cluster, name)) = text(&call.input, "clusterName").zip(text(&call.input, member)) else {
        return Vec::new();
    };
    let described = lookup.ask("eks", question, json!({"clusterName": cluster, member: name})).await;
    let known = described.as_ref().and_then(|told| told.get(kind)?.get(arn)?.as_str());
    // What is not there has no id: a policy that names one does not allow to ask for it.
    let unknown =
        || call.arn("eks", &format!("{}/", kind.to_ascii_lowercase()), &format!("{cluster}/{name}/*"));
    vec![known.map_or_else(unknown, str::to_owned)]
}
