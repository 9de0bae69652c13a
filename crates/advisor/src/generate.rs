//! From a definition to the policies of its role.

use serde_json::{Value, json};

use crate::credentials;
use crate::definition::Definition;
use crate::grant::{Grant, Purpose};
use crate::integrations;
use crate::place::Place;
use crate::statement::{document, statements};
use crate::task::{Style, Task};

/// What the policy is for beside the definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The state machine sends traces to X-Ray.
    pub is_traced: bool,
    /// The state machine delivers logs to CloudWatch.
    pub is_logged: bool,
}

/// The policies of a role that fit a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// What the role may do.
    pub policy: Value,
    /// Who may assume the role.
    pub trust_policy: Value,
    /// What the reader should know: what could not be generated, and what is wider than it needs to be.
    pub notes: Vec<String>,
}

/// Makes the policies of a role.
pub fn generate(definition: &Definition, style: Style, settings: Settings) -> Generated {
    let mut notes = Vec::new();
    let mut grants = Vec::new();
    for needed in needed(definition, style) {
        grants.extend(needed.grants);
        for note in needed.notes {
            let note = format!("{}: {note}", needed.state);
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    if settings.is_traced {
        grants.push(tracing());
    }
    if settings.is_logged {
        grants.push(logging());
    }
    // AWS: the console puts tracing into every role that it makes; here it is what keeps a role of SDK calls from
    // being denied everything.
    if grants.is_empty() && style == Style::Console && calls_sdk(definition) {
        grants.push(tracing());
    }
    let statements = if grants.is_empty() { nothing() } else { statements(grants, style) };
    if definition.states().iter().any(crate::definition::State::is_distributed_map) {
        notes.push(format!(
            "To redrive a Distributed Map, the role also needs states:RedriveExecution on {}",
            definition.place().arn("states", &format!("execution:{}/*:*", definition.place().state_machine))
        ));
    }
    Generated { policy: document(statements), trust_policy: trust_policy(definition.place()), notes }
}

/// What one state needs.
pub(crate) struct Needed {
    pub(crate) state: String,
    pub(crate) location: String,
    pub(crate) grants: Vec<Grant>,
    pub(crate) notes: Vec<String>,
    /// The roles of its `Credentials`, in whose name the task is called; nothing for the execution role.
    pub(crate) in_name_of: Option<credentials::Target>,
    /// What the task needs of that other role.
    pub(crate) of_other_role: Vec<Grant>,
}

/// What every state needs, in the order of the definition.
pub(crate) fn needed(definition: &Definition, style: Style) -> Vec<Needed> {
    let mut found = Vec::new();
    for state in definition.states() {
        let mut needed = Needed {
            state: state.name.to_owned(),
            location: state.location.clone(),
            grants: integrations::distributed_map(&state, definition, style),
            notes: Vec::new(),
            in_name_of: None,
            of_other_role: Vec::new(),
        };
        if let Some(task) = Task::of(&state, definition, style) {
            let needs = integrations::needs(&task);
            needed.notes = needs.notes;
            needed.in_name_of = credentials::target(&state, definition, style);
            match &needed.in_name_of {
                // AWS: the task is called in the name of the other role; the execution role only assumes it.
                Some(target) => {
                    needed.grants.push(target.grant());
                    needed.of_other_role = needs.grants;
                }
                None => needed.grants.extend(needs.grants),
            }
        }
        found.push(needed);
    }
    found
}

fn calls_sdk(definition: &Definition) -> bool {
    let resources = definition.states().into_iter().filter_map(|state| state.text("Resource"));
    resources.into_iter().any(|resource| resource.contains(":aws-sdk:"))
}

// AWS: a role that calls nothing is denied everything.
fn nothing() -> Vec<Value> {
    vec![json!({"Effect": "Deny", "Action": ["*"], "Resource": ["*"]})]
}

fn tracing() -> Grant {
    let actions = [
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
    ];
    Grant::new(Purpose::Tracing, &actions, vec!["*".to_owned()])
}

fn logging() -> Grant {
    let actions = [
        "logs:CreateLogDelivery",
        "logs:CreateLogStream",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutLogEvents",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
    ];
    Grant::new(Purpose::Logging, &actions, vec!["*".to_owned()])
}

/// What logging and tracing need.
pub(crate) fn settings_grants(settings: Settings) -> Vec<Grant> {
    let mut grants = Vec::new();
    grants.extend(settings.is_traced.then(tracing));
    grants.extend(settings.is_logged.then(logging));
    grants
}

/// A trust policy that lets Step Functions assume the role for this state machine only.
pub fn trust_policy(place: &Place) -> Value {
    document(vec![json!({
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": place.state_machine_arn()},
            "StringEquals": {"aws:SourceAccount": place.account},
        },
    })])
}
