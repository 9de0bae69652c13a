//! EKS (AWS: IAM policies for calling Amazon EKS).

use super::Needs;
use crate::grant::{Grant, Purpose};
use crate::task::Task;

const SERVICE: &str = "eks.amazonaws.com";

pub(super) fn needs(task: &Task<'_>, action: &str) -> Option<Needs> {
    let grants = match action {
        "createCluster" => create_cluster(task),
        "createNodegroup" => create_nodegroup(task),
        "createFargateProfile" => create_fargate_profile(task),
        "deleteCluster" => {
            delete(task, ["eks:DeleteCluster", "eks:DescribeCluster"], &named(task, "cluster", &["Name"], ""))
        }
        "deleteNodegroup" => {
            let groups = named(task, "nodegroup", &["ClusterName", "NodegroupName"], "/*");
            delete(task, ["eks:DeleteNodegroup", "eks:DescribeNodegroup"], &groups)
        }
        "deleteFargateProfile" => {
            let profiles = named(task, "fargateprofile", &["ClusterName", "FargateProfileName"], "/*");
            delete(task, ["eks:DeleteFargateProfile", "eks:DescribeFargateProfile"], &profiles)
        }
        "call" | "runJob" => {
            let note = "EKS: what runs in the cluster is authorized by Kubernetes: give the role a place in the \
                        cluster's access entries or aws-auth";
            return Some(Needs::of(Vec::new()).note(note));
        }
        _ => return None,
    };
    Some(Needs::of(grants))
}

/// AWS: the pages give one policy for an API, whatever the pattern.
fn job(task: &Task<'_>, actions: [&str; 2], resources: &[String]) -> Vec<Grant> {
    if task.is_console() {
        return vec![Grant::new(Purpose::Poll, &actions, resources.to_vec())];
    }
    if !task.is_sync() {
        return Vec::new();
    }
    let [describe, delete] = actions;
    vec![
        Grant::new(Purpose::Poll, &[describe], resources.to_vec()),
        Grant::new(Purpose::Stop, &[delete], resources.to_vec()),
    ]
}

fn delete(task: &Task<'_>, actions: [&str; 2], resources: &[String]) -> Vec<Grant> {
    let [delete, describe] = actions;
    if task.is_console() {
        return vec![Grant::call(&actions, resources.to_vec())];
    }
    let mut grants = vec![Grant::call(&[delete], resources.to_vec())];
    if task.is_sync() {
        grants.push(Grant::new(Purpose::Poll, &[describe], resources.to_vec()));
    }
    grants
}

/// `kind/<argument>/<argument>`, with `*` for what is not known.
fn named(task: &Task<'_>, kind: &str, arguments: &[&str], end: &str) -> Vec<String> {
    let mut resources = vec![kind.to_owned()];
    for argument in arguments {
        let Some(texts) = task.texts(&[argument]) else {
            resources = resources.iter().map(|resource| format!("{resource}/*")).collect();
            break;
        };
        resources = resources
            .iter()
            .flat_map(|start| texts.iter().map(move |text| format!("{start}/{text}")))
            .collect();
    }
    let end = |resource: &String| {
        if resource.ends_with('*') { resource.clone() } else { format!("{resource}{end}") }
    };
    resources.iter().map(|resource| task.place.arn("eks", &end(resource))).collect()
}

fn create_cluster(task: &Task<'_>) -> Vec<Grant> {
    let clusters = if task.is_console() {
        vec![task.place.arn("eks", "cluster/*")]
    } else {
        named(task, "cluster", &["Name"], "")
    };
    let mut grants = vec![Grant::call(&["eks:CreateCluster"], vec!["*".to_owned()])];
    grants.extend(job(task, ["eks:DescribeCluster", "eks:DeleteCluster"], &clusters));
    grants.extend(task.pass_role(&["RoleArn"], Some(SERVICE)));
    grants
}

fn create_nodegroup(task: &Task<'_>) -> Vec<Grant> {
    let roles = vec![task.any_role()];
    let everything = vec!["*".to_owned()];
    let mut grants = if task.is_console() {
        vec![Grant::call(&["ec2:DescribeSubnets", "eks:CreateNodegroup"], everything)]
    } else {
        vec![
            Grant::call(&["eks:CreateNodegroup"], named(task, "cluster", &["ClusterName"], "")),
            Grant::new(Purpose::OnBehalf, &["ec2:DescribeSubnets"], everything),
        ]
    };
    let groups = if task.is_console() {
        vec![task.place.arn("eks", "nodegroup/*")]
    } else {
        named(task, "nodegroup", &["ClusterName", "NodegroupName"], "/*")
    };
    grants.extend(job(task, ["eks:DescribeNodegroup", "eks:DeleteNodegroup"], &groups));
    let on_roles = ["iam:GetRole", "iam:ListAttachedRolePolicies"];
    grants.push(Grant::new(Purpose::OnBehalf, &on_roles, roles));
    grants.extend(task.pass_role(&["NodeRole"], Some(SERVICE)));
    grants
}

fn create_fargate_profile(task: &Task<'_>) -> Vec<Grant> {
    let clusters =
        if task.is_console() { vec!["*".to_owned()] } else { named(task, "cluster", &["ClusterName"], "") };
    let profiles = if task.is_console() {
        vec![task.place.arn("eks", "fargateprofile/*")]
    } else {
        named(task, "fargateprofile", &["ClusterName", "FargateProfileName"], "/*")
    };
    let mut grants = vec![Grant::call(&["eks:CreateFargateProfile"], clusters)];
    grants.extend(job(task, ["eks:DescribeFargateProfile", "eks:DeleteFargateProfile"], &profiles));
    grants.extend(task.pass_role(&["PodExecutionRoleArn"], Some("eks-fargate-pods.amazonaws.com")));
    grants
}
