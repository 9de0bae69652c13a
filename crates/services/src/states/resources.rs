//! The tasks of a definition, as far as their resources are concerned: whether AWS has them, and the rules that their
//! jobs need.

use serde_json::{Map, Value};
use stepward_access::{Needs, ServiceCall};
use stepward_asl::{Diagnostic, Machine, MachineType, Severity};
use stepward_integrations::{Part, check_task, managed_rule};

use super::StatesError;
use crate::Services;
use crate::time::now;

/// No definition is nested deeper.
const DEPTH_MAX: usize = 64;

/// A definition checked as CreateStateMachine checks it: the language, and what the integrated services take. The one
/// place for whoever checks definitions, be it an API or the command line.
pub fn check_definition(definition: &str, machine_type: MachineType) -> (Option<Machine>, Vec<Diagnostic>) {
    let (machine, mut diagnostics) = Machine::parse(definition, machine_type);
    diagnostics.extend(check_resources(definition));
    let is_sound = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
    (machine.filter(|_| is_sound), diagnostics)
}

/// What AWS refuses of the resources and parameters of a definition's tasks. One that is no JSON has no tasks.
fn check_resources(definition: &str) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for_each_task(definition, &mut |task, place| {
        let Some(resource) = task.get("Resource").and_then(Value::as_str) else { return };
        let name = if task.contains_key("Arguments") { "Arguments" } else { "Parameters" };
        for (part, text) in check_task(resource, task.get(name).and_then(Value::as_object)) {
            let field = if part == Part::Resource { "Resource" } else { name };
            problems.push(Diagnostic::schema(text, format!("{place}/{field}")));
        }
    });
    problems
}

/// The same for TestState, whose definition may be one state.
pub(crate) fn check_resources_of_test(definition: &str, is_machine: bool) -> Result<(), StatesError> {
    let around = || format!("{{\"States\":{{\"StateName\":{definition}}}}}");
    let problems = if is_machine { check_resources(definition) } else { check_resources(&around()) };
    if problems.is_empty() {
        return Ok(());
    }
    let told = problems.iter().map(|problem| {
        let place = problem.location.as_deref().unwrap_or("null");
        format!("{}: {} at {place}", problem.code, problem.message)
    });
    let told = told.collect::<Vec<_>>().join(", ");
    Err(StatesError::InvalidDefinitionText(format!("Invalid State Machine Definition: '{told}'")))
}

/// AWS: Step Functions makes a rule in the role's name to hear of jobs. The role must let it.
pub(crate) fn check_managed_rules(
    at: &Services,
    definition: &str,
    role_arn: &str,
    machine_arn: &str,
) -> Result<(), StatesError> {
    let mut rules: Vec<&'static str> = Vec::new();
    for_each_task(definition, &mut |task, _| {
        let rule = task.get("Resource").and_then(Value::as_str).and_then(managed_rule);
        rules.extend(rule.filter(|rule| !rules.contains(rule)));
    });
    if rules.is_empty() {
        return Ok(());
    }
    let account = machine_arn.split(':').nth(4).unwrap_or_default();
    let call = ServiceCall {
        service: "states.amazonaws.com",
        source_arn: machine_arn,
        source_account: account,
        region: at.region.as_str(),
        session_name: None,
        now: now(),
    };
    let refused =
        || StatesError::AccessDenied(format!("'{role_arn}' is not authorized to create managed-rule."));
    let session = at.access.assume_as_service(role_arn, &call).map_err(|_| refused())?;
    let caller = session.caller(now());
    for rule in rules {
        let rule = format!("arn:aws:events:{}:{account}:rule/{rule}", at.region);
        let actions = ["events:PutTargets", "events:PutRule", "events:DescribeRule"];
        let needs = actions.iter().fold(Needs::default(), |needs, action| needs.and(action, &rule));
        at.access.authorize(&caller, (), needs).map_err(|_| refused())?;
    }
    Ok(())
}

/// Every Task state with its place.
fn for_each_task(definition: &str, look: &mut dyn FnMut(&Map<String, Value>, &str)) {
    if let Ok(Value::Object(machine)) = serde_json::from_str(definition) {
        in_states(&machine, "", 0, look);
    }
}

fn in_states(
    machine: &Map<String, Value>,
    place: &str,
    depth: usize,
    look: &mut dyn FnMut(&Map<String, Value>, &str),
) {
    let states = machine.get("States").and_then(Value::as_object).filter(|_| depth < DEPTH_MAX);
    for (name, state) in states.into_iter().flatten() {
        let (Some(state), place) = (state.as_object(), format!("{place}/States/{name}")) else { continue };
        if state.get("Type").and_then(Value::as_str) == Some("Task") {
            look(state, &place);
        }
        let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten().enumerate();
        for (at, branch) in branches.filter_map(|(at, branch)| Some((at, branch.as_object()?))) {
            in_states(branch, &format!("{place}/Branches[{at}]"), depth + 1, look);
        }
        for field in ["ItemProcessor", "Iterator"] {
            if let Some(processor) = state.get(field).and_then(Value::as_object) {
                in_states(processor, &format!("{place}/{field}"), depth + 1, look);
            }
        }
    }
}
