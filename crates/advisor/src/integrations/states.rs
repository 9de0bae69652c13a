//! Nested executions (AWS: IAM policies for calling nested Step Functions workflows).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

const RULE: &str = "StepFunctionsGetEventsForStepFunctionsExecutionRule";

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "startExecution" {
        return None;
    }
    let any = if task.is_console() { "*".to_owned() } else { task.place.arn("states", "stateMachine:*") };
    let machines = task.arns(&["StateMachineArn"], unqualified, &any);
    let executions: Vec<String> = machines.iter().map(|machine| executions_of(machine)).collect();
    let mut grants = vec![Grant::call(&["states:StartExecution"], machines)];
    if task.is_sync() {
        if task.is_console() {
            let actions = ["states:DescribeExecution", "states:StopExecution"];
            grants.push(Grant::new(Purpose::Poll, &actions, executions));
        } else {
            grants.push(Grant::new(Purpose::Poll, &["states:DescribeExecution"], executions.clone()));
            grants.push(Grant::new(Purpose::Stop, &["states:StopExecution"], executions));
        }
        grants.push(task.managed_rule(RULE));
    }
    Some(grants)
}

/// AWS: a version or an alias is authorized as its state machine.
fn unqualified(arn: &str) -> String {
    let parts: Vec<&str> = arn.split(':').collect();
    if arn.starts_with("arn:") && parts.len() > 7 {
        return parts.get(..7).map_or_else(|| arn.to_owned(), |parts| parts.join(":"));
    }
    arn.to_owned()
}

fn executions_of(machine: &str) -> String {
    if machine == "*" {
        return machine.to_owned();
    }
    format!("{}:*", machine.replacen(":stateMachine:", ":execution:", 1))
}
