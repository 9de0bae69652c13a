//! EMR on EKS (AWS: IAM policies for Amazon EMR on EKS, as published in 2022).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    Some(match action {
        "createVirtualCluster" => {
            let role =
                "role/aws-service-role/emr-containers.amazonaws.com/AnAWSServiceRoleForAmazonEMRContainers";
            let role = task.place.arn_in("iam", "", &task.place.account, role);
            vec![
                Grant::call(&["emr-containers:CreateVirtualCluster"], vec!["*".to_owned()]),
                Grant::new(Purpose::Setup, &["iam:CreateServiceLinkedRole"], vec![role]).when(
                    "StringLike",
                    "iam:AWSServiceName",
                    vec!["emr-containers.amazonaws.com".to_owned()],
                ),
            ]
        }
        "deleteVirtualCluster" => delete(task),
        "startJobRun" => start(task),
        _ => return None,
    })
}

fn clusters(task: &Task<'_>, argument: &str, end: &str) -> Vec<String> {
    let any = task.place.arn("emr-containers", "/virtualclusters/*");
    let cluster = |id: &str| {
        let arn = task.named("emr-containers", "/virtualclusters/", id);
        if arn.ends_with('*') { arn } else { format!("{arn}{end}") }
    };
    task.arns(&[argument], cluster, &any)
}

fn delete(task: &Task<'_>) -> Vec<Grant> {
    let clusters = clusters(task, "Id", "");
    let actions = ["emr-containers:DeleteVirtualCluster", "emr-containers:DescribeVirtualCluster"];
    match (task.is_sync(), task.is_console()) {
        (false, _) => vec![Grant::call(&["emr-containers:DeleteVirtualCluster"], clusters)],
        (true, true) => vec![Grant::call(&actions, clusters)],
        (true, false) => vec![
            Grant::call(&["emr-containers:DeleteVirtualCluster"], clusters.clone()),
            Grant::new(Purpose::Poll, &["emr-containers:DescribeVirtualCluster"], clusters),
        ],
    }
}

fn start(task: &Task<'_>) -> Vec<Grant> {
    let call = Grant::call(&["emr-containers:StartJobRun"], clusters(task, "VirtualClusterId", ""));
    let role = task.texts(&["ExecutionRoleArn"]);
    let mut grants = vec![match role {
        Some(roles) => {
            let operator =
                if roles.iter().any(|role| role.contains('*')) { "StringLike" } else { "StringEquals" };
            call.when_any(operator, "emr-containers:ExecutionRoleArn", roles)
        }
        None => call,
    }];
    if task.is_sync() {
        let runs = clusters(task, "VirtualClusterId", "/jobruns/*");
        if task.is_console() {
            let actions = ["emr-containers:DescribeJobRun", "emr-containers:CancelJobRun"];
            grants.push(Grant::new(Purpose::Poll, &actions, runs));
        } else {
            grants.push(Grant::new(Purpose::Poll, &["emr-containers:DescribeJobRun"], runs.clone()));
            grants.push(Grant::new(Purpose::Stop, &["emr-containers:CancelJobRun"], runs));
        }
    }
    grants
}
