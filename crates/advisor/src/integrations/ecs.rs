//! ECS and Fargate (AWS: IAM policies for calling Amazon ECS/AWS Fargate).

use super::Needs;
use crate::grant::{Grant, Purpose};
use crate::task::Task;

const RULE: &str = "StepFunctionsGetEventsForECSTaskRule";
const TASKS: &str = "ecs-tasks.amazonaws.com";

pub(super) fn needs(task: &Task<'_>, action: &str) -> Option<Needs> {
    if action != "runTask" {
        return None;
    }
    let everything = || vec!["*".to_owned()];
    let definitions = task.texts(&["TaskDefinition"]);
    let definitions: Option<Vec<String>> =
        definitions.map(|texts| texts.iter().map(|text| definition(task, text)).collect());
    let mut grants = Vec::new();
    if task.is_console() {
        match (definitions, task.is_sync()) {
            (Some(definitions), is_sync) => {
                grants.push(Grant::call(&["ecs:RunTask"], definitions));
                if is_sync {
                    grants.push(Grant::new(
                        Purpose::Stop,
                        &["ecs:StopTask", "ecs:DescribeTasks"],
                        everything(),
                    ));
                }
            }
            (None, true) => {
                grants.push(Grant::call(&["ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks"], everything()));
            }
            (None, false) => grants.push(Grant::call(&["ecs:RunTask"], everything())),
        }
        grants.extend(task.is_sync().then(|| task.managed_rule(RULE)));
        return Some(Needs::of(grants).note(
            "ECS: the roles of the task definition must be passed on: add iam:PassRole for each of them",
        ));
    }
    let any = || vec![task.place.arn("ecs", "task-definition/*")];
    grants.push(Grant::call(&["ecs:RunTask"], definitions.unwrap_or_else(any)));
    if task.is_sync() {
        let tasks = vec![task.place.arn("ecs", "task/*")];
        grants.push(Grant::new(Purpose::Poll, &["ecs:DescribeTasks"], tasks.clone()));
        grants.push(Grant::new(Purpose::Stop, &["ecs:StopTask"], tasks));
        grants.push(task.managed_rule(RULE));
    }
    let overrides = [["Overrides", "TaskRoleArn"], ["Overrides", "ExecutionRoleArn"]];
    grants.extend(overrides.iter().filter_map(|names| task.pass_role(names, Some(TASKS))));
    // The task definition's own roles are not in the request.
    let own = Grant::new(Purpose::OnBehalf, &["iam:PassRole"], vec![task.any_role()]);
    grants.push(own.when("StringEquals", "iam:PassedToService", vec![TASKS.to_owned()]));
    Some(Needs::of(grants).note(
        "ECS: iam:PassRole is granted on any role of the account that ECS tasks can have: narrow it to the roles of the \
         task definition",
    ))
}

/// AWS: without a revision it is the latest active one.
fn definition(task: &Task<'_>, text: &str) -> String {
    let arn = task.named("ecs", "task-definition/", text);
    let name = arn.rsplit('/').next().unwrap_or_default();
    if name.contains(':') || name.ends_with('*') { arn } else { format!("{arn}:*") }
}
