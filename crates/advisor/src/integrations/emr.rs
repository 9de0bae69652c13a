//! EMR (AWS: IAM policies for calling Amazon EMR; the pages give one policy for an API, whatever the pattern).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    let grants = match action {
        "createCluster" => create(task),
        "addStep" => job(
            task,
            "elasticmapreduce:AddJobFlowSteps",
            &[
                (Purpose::Poll, "elasticmapreduce:DescribeStep"),
                (Purpose::Stop, "elasticmapreduce:CancelSteps"),
            ],
            "StepFunctionsGetEventForEMRAddJobFlowStepsRule",
        ),
        "terminateCluster" => job(
            task,
            "elasticmapreduce:TerminateJobFlows",
            &[(Purpose::Poll, "elasticmapreduce:DescribeCluster")],
            "StepFunctionsGetEventForEMRTerminateJobFlowsRule",
        ),
        "cancelStep" => vec![Grant::call(&["elasticmapreduce:CancelSteps"], clusters(task, false))],
        "setClusterTerminationProtection" => {
            vec![Grant::call(&["elasticmapreduce:SetTerminationProtection"], clusters(task, false))]
        }
        "modifyInstanceFleetByName" => {
            let actions = ["elasticmapreduce:ModifyInstanceFleet", "elasticmapreduce:ListInstanceFleets"];
            vec![Grant::call(&actions, clusters(task, false))]
        }
        "modifyInstanceGroupByName" => {
            let actions = ["elasticmapreduce:ModifyInstanceGroups", "elasticmapreduce:ListInstanceGroups"];
            // AWS: this API alone has `*` on its page where the cluster is dynamic.
            vec![Grant::call(&actions, clusters(task, task.is_console()))]
        }
        _ => return None,
    };
    Some(grants)
}

fn clusters(task: &Task<'_>, is_everything: bool) -> Vec<String> {
    let any = match (is_everything, task.is_console()) {
        (true, _) => "*".to_owned(),
        (false, true) => task.place.arn_in("elasticmapreduce", "*", "*", "cluster/*"),
        (false, false) => task.place.arn("elasticmapreduce", "cluster/*"),
    };
    task.arns(&["ClusterId"], |id| task.named("elasticmapreduce", "cluster/", id), &any)
}

fn job(task: &Task<'_>, call: &str, others: &[(Purpose, &str)], rule: &str) -> Vec<Grant> {
    let resources = clusters(task, false);
    if task.is_console() {
        let actions: Vec<&str> =
            std::iter::once(call).chain(others.iter().map(|(_, action)| *action)).collect();
        return vec![Grant::call(&actions, resources)];
    }
    let mut grants = vec![Grant::call(&[call], resources.clone())];
    if task.is_sync() {
        grants.extend(
            others.iter().map(|(purpose, action)| Grant::new(*purpose, &[action], resources.clone())),
        );
        grants.push(task.managed_rule(rule));
    }
    grants
}

fn create(task: &Task<'_>) -> Vec<Grant> {
    let everything = vec!["*".to_owned()];
    if task.is_console() {
        let actions = [
            "elasticmapreduce:RunJobFlow",
            "elasticmapreduce:DescribeCluster",
            "elasticmapreduce:TerminateJobFlows",
        ];
        let mut grants = vec![Grant::call(&actions, everything)];
        grants.extend(task.pass_role(&["ServiceRole"], None));
        return grants;
    }
    let any = vec![task.place.arn("elasticmapreduce", "cluster/*")];
    let mut grants = vec![Grant::call(&["elasticmapreduce:RunJobFlow"], everything)];
    if task.is_sync() {
        grants.push(Grant::new(Purpose::Poll, &["elasticmapreduce:DescribeCluster"], any.clone()));
        grants.push(Grant::new(Purpose::Stop, &["elasticmapreduce:TerminateJobFlows"], any));
        grants.push(task.managed_rule("StepFunctionsGetEventForEMRRunJobFlowRule"));
    }
    // An instance profile is passed as the role in it, which by custom has the same name.
    let roles = ["ServiceRole", "JobFlowRole", "AutoScalingRole"];
    grants.extend(roles.iter().filter_map(|name| task.pass_role(&[name], None)));
    grants
}
