//! `elasticmapreduce`: clusters and their steps, in shapes of Step Functions' own: one step, one cluster, a fleet or a
//! group by its name.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use stepward_wire::client::NameStyle;

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, Performing, job, plain, request, unusable, with_sync};
use crate::arguments::{check_members, missing};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::task::{Mode, Task};

pub(super) struct Emr;

static CLUSTER: Job = Job {
    describe: ("DescribeCluster", |cluster| json!({"ClusterId": cluster.answered("/ClusterId")})),
    at: "/Cluster",
    verdict: |cluster| {
        by_status(cluster, "/Status/State", &["WAITING"], &["TERMINATED", "TERMINATED_WITH_ERRORS"])
    },
    member: Some("Cluster"),
    stop: Some(("TerminateJobFlows", |cluster| json!({"JobFlowIds": [cluster.answered("/ClusterId")]}))),
    ends_gone: false,
};

static TERMINATION: Job = Job {
    describe: ("DescribeCluster", |cluster| json!({"ClusterId": cluster.asked("ClusterId")})),
    at: "/Cluster",
    verdict: |cluster| by_status(cluster, "/Status/State", &["TERMINATED", "TERMINATED_WITH_ERRORS"], &[]),
    member: Some("Cluster"),
    stop: None,
    ends_gone: false,
};

static STEP: Job = Job {
    describe: (
        "DescribeStep",
        |step| json!({"ClusterId": step.asked("ClusterId"), "StepId": step.answered("/StepId")}),
    ),
    at: "/Step",
    verdict: step_verdict,
    member: Some("Step"),
    stop: Some((
        "CancelSteps",
        |step| json!({"ClusterId": step.asked("ClusterId"), "StepIds": [step.answered("/StepId")]}),
    )),
    ends_gone: false,
};

fn step_verdict(step: &Value) -> Verdict {
    by_status(step, "/Status/State", &["COMPLETED"], &["CANCELLED", "FAILED", "INTERRUPTED"])
}

impl Optimized for Emr {
    fn name(&self) -> &'static str {
        "elasticmapreduce"
    }

    fn service(&self) -> &'static str {
        "emr"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 {
            prefix: "ElasticMapReduce",
            service: "AmazonElasticMapReduce",
            exception: "AmazonElasticMapReduceException",
        }
    }

    fn actions(&self) -> &'static [Action] {
        const {
            &[
                with_sync("createCluster", "RunJobFlow"),
                plain("setClusterTerminationProtection", "SetTerminationProtection"),
                with_sync("terminateCluster", "TerminateJobFlows"),
                with_sync("addStep", "AddJobFlowSteps"),
                plain("cancelStep", "CancelSteps"),
                plain("modifyInstanceFleetByName", "ModifyInstanceFleet"),
                plain("modifyInstanceGroupByName", "ModifyInstanceGroups"),
            ]
        }
    }

    fn job(&self, action: &Action) -> Option<&'static Job> {
        match action.name {
            "createCluster" => Some(&CLUSTER),
            "terminateCluster" => Some(&TERMINATION),
            "addStep" => Some(&STEP),
            _ => None,
        }
    }

    fn prepare(&self, task: &Task, arguments: &mut Map<String, Value>) -> Result<(), TaskFailure> {
        shaped(&task.action, arguments).map_err(unusable(task))
    }

    fn finish(&self, task: &Task, mut result: Value) -> Result<Value, TaskFailure> {
        let Some(members) = result.as_object_mut() else { return Ok(result) };
        match task.action.as_str() {
            "createCluster" => rename(members, "JobFlowId", "ClusterId", |id| id),
            "addStep" => rename(members, "StepIds", "StepId", first),
            "cancelStep" => rename(members, "CancelStepsInfoList", "CancelStepsInfo", first),
            _ => {}
        }
        Ok(result)
    }

    fn perform<'a>(&'static self, task: &'a Arc<Task>, action: &'static Action) -> Performing<'a> {
        Box::pin(async move {
            match (action.name, task.mode, self.job(action)) {
                ("modifyInstanceFleetByName", ..) => self.modify(task, action, &FLEETS).await,
                ("modifyInstanceGroupByName", ..) => self.modify(task, action, &GROUPS).await,
                (_, Mode::RunJob { .. }, Some(job)) => {
                    let described = job::run(self, task, action, job).await?;
                    Ok(with_id(described))
                }
                _ => self.finish(task, request(self, task, action).await?),
            }
        })
    }
}

/// AWS: a cluster is named beside what tells of it, for the states that follow.
fn with_id(mut described: Value) -> Value {
    let id = described.pointer("/Cluster/Id").cloned();
    if let (Some(id), Some(members)) = (id, described.as_object_mut()) {
        members.insert("ClusterId".to_owned(), id);
    }
    described
}

/// What is wrong with the arguments of an action.
pub(super) fn check(action: &str, arguments: &Value) -> Option<String> {
    let mut members = arguments.as_object().cloned().unwrap_or_default();
    let needed = OWN.iter().find(|(name, _)| *name == action).map(|(_, needed)| *needed);
    if let Some(why) = needed.and_then(|needed| missing(&members, needed)) {
        return Some(why);
    }
    let named = match action {
        "modifyInstanceFleetByName" => &FLEETS,
        "modifyInstanceGroupByName" => &GROUPS,
        _ => {
            if let Some(unknown) = members.keys().find(|name| action != "createCluster" && is_replaced(name))
            {
                return Some(format!("The field \"{unknown}\" is not supported by Step Functions"));
            }
            let (_, operation) = OPERATIONS.iter().find(|(name, _)| *name == action)?;
            return match shaped(action, &mut members) {
                Ok(()) => check_members("emr", operation, &Value::Object(members)),
                Err(why) => Some(why),
            };
        }
    };
    let known = ["ClusterId", named.name, named.change.0];
    let unknown = members.keys().find(|name| !known.contains(&name.as_str()))?;
    Some(format!("The field \"{unknown}\" is not supported by Step Functions"))
}

/// The arguments that an action has in place of its operation's members, and that it needs.
pub(super) const OWN: &[(&str, &[&str])] = &[
    ("addStep", &["ClusterId", "Step"]),
    ("cancelStep", &["ClusterId", "StepId"]),
    ("modifyInstanceFleetByName", &["ClusterId", "InstanceFleetName", "InstanceFleet"]),
    ("modifyInstanceGroupByName", &["ClusterId", "InstanceGroupName", "InstanceGroup"]),
    ("setClusterTerminationProtection", &["ClusterId", "TerminationProtected"]),
    ("terminateCluster", &["ClusterId"]),
];

const OPERATIONS: &[(&str, &str)] = &[
    ("addStep", "AddJobFlowSteps"),
    ("cancelStep", "CancelSteps"),
    ("createCluster", "RunJobFlow"),
    ("setClusterTerminationProtection", "SetTerminationProtection"),
    ("terminateCluster", "TerminateJobFlows"),
];

/// Members of operations that the arguments have under other names.
fn is_replaced(name: &str) -> bool {
    matches!(name, "JobFlowId" | "JobFlowIds" | "Steps" | "StepIds")
}

/// Makes an action's arguments those of its operation.
fn shaped(action: &str, arguments: &mut Map<String, Value>) -> Result<(), String> {
    match action {
        "createCluster" => return check_cluster(arguments),
        "setClusterTerminationProtection" | "terminateCluster" => {
            rename(arguments, "ClusterId", "JobFlowIds", |id| json!([id]));
        }
        "addStep" => {
            rename(arguments, "ClusterId", "JobFlowId", |id| id);
            rename(arguments, "Step", "Steps", |step| json!([step]));
        }
        "cancelStep" => rename(arguments, "StepId", "StepIds", |id| json!([id])),
        _ => {}
    }
    Ok(())
}

/// AWS: a cluster without steps must stay, and steps are states of their own.
fn check_cluster(arguments: &Map<String, Value>) -> Result<(), String> {
    let keeps_alive = arguments.get("Instances").and_then(|given| given.get("KeepJobFlowAliveWhenNoSteps"));
    if keeps_alive != Some(&Value::Bool(true)) {
        return Err("Instances.KeepJobFlowAliveWhenNoSteps must be true for elasticmapreduce:createCluster"
            .to_owned());
    }
    if arguments.contains_key("Steps") {
        return Err("elasticmapreduce:createCluster takes no Steps; use elasticmapreduce:addStep".to_owned());
    }
    Ok(())
}

fn rename(members: &mut Map<String, Value>, from: &str, to: &str, change: impl FnOnce(Value) -> Value) {
    if let Some(value) = members.remove(from) {
        members.insert(to.to_owned(), change(value));
    }
}

fn first(list: Value) -> Value {
    list.as_array().and_then(|items| items.first()).cloned().unwrap_or_default()
}

/// What is found by its name, and changed by its id.
struct Named {
    list: &'static str,
    lists: &'static str,
    name: &'static str,
    /// The member of the arguments that holds the change, and its id's name.
    change: (&'static str, &'static str),
    /// The member of the input, and whether it takes a list.
    member: (&'static str, bool),
}

static FLEETS: Named = Named {
    list: "ListInstanceFleets",
    lists: "InstanceFleets",
    name: "InstanceFleetName",
    change: ("InstanceFleet", "InstanceFleetId"),
    member: ("InstanceFleet", false),
};

static GROUPS: Named = Named {
    list: "ListInstanceGroups",
    lists: "InstanceGroups",
    name: "InstanceGroupName",
    change: ("InstanceGroup", "InstanceGroupId"),
    member: ("InstanceGroups", true),
};

impl Emr {
    async fn modify(&self, task: &Task, action: &Action, named: &Named) -> Result<Value, TaskFailure> {
        let asked = |name: &str| task.arguments.get(name).cloned().unwrap_or_default();
        let (cluster, name) = (asked("ClusterId"), asked(named.name));
        let style = (NameStyle::V1, self.errors());
        let listed = task.request(("emr", named.list), &json!({"ClusterId": cluster}), style).await?;
        let found = listed.output.get(named.lists).and_then(Value::as_array).into_iter().flatten();
        let id = found.filter(|item| item.get("Name") == Some(&name)).find_map(|item| item.get("Id"));
        let Some(id) = id else {
            let text = format!("The cluster {cluster} has no {} {name}.", named.change.0);
            return Err(TaskFailure::new("States.Runtime", text));
        };
        let mut change = asked(named.change.0);
        if let Some(members) = change.as_object_mut() {
            members.insert(named.change.1.to_owned(), id.clone());
        }
        let change = if named.member.1 { json!([change]) } else { change };
        let arguments = json!({"ClusterId": cluster, (named.member.0): change});
        task.request(("emr", action.operation), &arguments, style).await.map(|_| json!({}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_must_stay_without_steps_and_takes_none() {
        let check = |arguments: Value| check_cluster(arguments.as_object().unwrap());
        assert!(check(json!({"Instances": {"KeepJobFlowAliveWhenNoSteps": true}})).is_ok());
        assert!(check(json!({"Instances": {}})).is_err());
        assert!(check(json!({"Instances": {"KeepJobFlowAliveWhenNoSteps": true}, "Steps": []})).is_err());
    }

    #[test]
    fn arguments_of_its_own_shapes_are_checked_before_anything_is_called() {
        let told = |action: &str, arguments: Value| check(action, &arguments).unwrap_or_default();
        let step = json!({"Name": "s", "HadoopJarStep": {"Jar": "j"}});
        assert_eq!(told("addStep", json!({"ClusterId": "j", "Step": step})), "");
        assert_eq!(
            told("addStep", json!({"ClusterId": "j"})),
            "The field \"Step\" is required but was missing"
        );
        assert!(
            told("addStep", json!({"ClusterId": "j", "Step": {"Jar": "j"}}))
                .contains("\"Jar\" is not supported")
        );
        assert!(
            told("cancelStep", json!({"ClusterId": "j", "StepId": "s", "StepIds": []})).contains("StepIds")
        );
        assert_eq!(told("terminateCluster", json!({"ClusterId": "j"})), "");
        assert!(told("terminateCluster", json!({"ClusterId": "j", "Name": "n"})).contains("\"Name\""));
        let group =
            json!({"ClusterId": "j", "InstanceGroupName": "n", "InstanceGroup": {"InstanceCount": 1}});
        assert_eq!(told("modifyInstanceGroupByName", group), "");
        assert!(told("modifyInstanceFleetByName", json!({"ClusterId": "j"})).contains("InstanceFleetName"));
    }

    #[test]
    fn a_cluster_is_named_beside_its_description() {
        assert_eq!(with_id(json!({"Cluster": {"Id": "j-1"}}))["ClusterId"], "j-1");
        assert_eq!(with_id(json!({"Step": {"Id": "s-1"}})), json!({"Step": {"Id": "s-1"}}));
    }
}
