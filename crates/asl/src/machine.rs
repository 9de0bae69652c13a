//! A checked definition, resolved: names are indices, paths and templates are parsed, so that a run only follows.

mod check;
mod choice;
mod document;
mod fields;
mod jsonata;
mod lower;
mod map;
mod not_json;
mod retry;
mod source;
mod state;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::resource::TaskResource;

use crate::diagnostic::{Diagnostic, Severity};

pub(crate) use fields::{Path, PathField, ResultPathField, Selector, SelectorForm};
pub(crate) use jsonata::States;
pub(crate) use state::{
    Catcher, Choice, ChoiceRule, Comparison, Condition, Fail, ItemBatcher, ItemReader, Items, Kind, Map,
    Number, Operand, Operator, Order, Retrier, State, Task, Test, Text, Wait,
};

/// Standard or Express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MachineType {
    /// Journaled, up to a year.
    Standard,
    /// Not journaled, up to five minutes.
    Express,
}

impl QueryLanguage {
    /// AWS's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonPath => "JSONPath",
            Self::Jsonata => "JSONata",
        }
    }
}

/// The language of a machine's or a state's queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum QueryLanguage {
    /// `InputPath`, `Parameters`, …
    JsonPath,
    /// `Arguments`, `Output`, `{% %}`.
    Jsonata,
}

const EXPRESS_SECONDS_MAX: u64 = 300;

/// A state of one machine: its position in the definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StateId(pub(crate) u32);

/// A line of states of one machine: its own, a branch's, an item processor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScopeId(pub(crate) u32);

/// A checked definition.
#[derive(Clone, Debug)]
pub struct Machine {
    pub(crate) machine_type: MachineType,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) states: Vec<State>,
    /// The first state of each scope.
    pub(crate) starts: Vec<StateId>,
    pub(crate) task_check: Option<TaskCheck>,
}

/// Says what is wrong with a task's arguments before the task is scheduled. Pure: the same arguments, the same answer.
pub type TaskCheck = fn(&TaskResource, &Value) -> Option<String>;

impl Machine {
    /// Reads a definition. There is a machine exactly if no diagnostic is an error.
    pub fn parse(text: &str, machine_type: MachineType) -> (Option<Self>, Vec<Diagnostic>) {
        let (definition, duplicates) = match document::parse(text) {
            Ok(document) => document,
            Err(error) => return (None, vec![not_json::diagnostic(text, &error)]),
        };
        Self::of_document(&definition, &duplicates, machine_type)
    }

    /// The JSON of a text; a diagnostic in the words of AWS's parser if it is none.
    pub fn read(text: &str) -> Result<Value, Diagnostic> {
        serde_json::from_str(text).map_err(|error| not_json::diagnostic(text, &error))
    }

    fn of_document(
        definition: &Value,
        duplicates: &[String],
        machine_type: MachineType,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        let (machine, diagnostics) = lower::lower(definition, duplicates, machine_type);
        let is_sound = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
        (machine.filter(|_| is_sound), diagnostics)
    }

    /// Resolves a definition that was checked. What cannot be resolved is told as a diagnostic.
    pub(crate) fn lower(definition: &Value, machine_type: MachineType) -> (Option<Self>, Vec<Diagnostic>) {
        lower::lower(definition, &[], machine_type)
    }

    /// The machine with a check of what its tasks are about to call.
    #[must_use]
    pub fn with_task_check(self, check: TaskCheck) -> Self {
        Self { task_check: Some(check), ..self }
    }

    /// Standard or Express.
    pub fn machine_type(&self) -> MachineType {
        self.machine_type
    }

    /// How long an execution may take: `TimeoutSeconds`, and at most five minutes for Express (AWS quota, hard).
    pub fn time_limit_seconds(&self) -> Option<u64> {
        match self.machine_type {
            MachineType::Standard => self.timeout_seconds,
            MachineType::Express => {
                Some(self.timeout_seconds.unwrap_or(EXPRESS_SECONDS_MAX).min(EXPRESS_SECONDS_MAX))
            }
        }
    }

    /// The top level's `TimeoutSeconds`.
    pub fn timeout_seconds(&self) -> Option<u64> {
        self.timeout_seconds
    }

    /// The names of all states, nested ones included.
    pub fn state_names(&self) -> impl Iterator<Item = &str> {
        self.states.iter().map(|state| &*state.name)
    }

    /// Its tasks, as they are written: for whoever knows the services and what their APIs take.
    pub fn tasks(&self) -> impl Iterator<Item = TaskDefinition<'_>> {
        self.states.iter().filter_map(|state| match &state.kind {
            Kind::Task(task) => Some(TaskDefinition {
                state_name: &state.name,
                location: &state.location,
                language: state.language,
                resource_text: &task.written.resource,
                resource: &task.resource,
                arguments: task.written.arguments.as_deref(),
            }),
            _ => None,
        })
    }

    pub(crate) fn state(&self, id: StateId) -> Option<&State> {
        self.states.get(usize::try_from(id.0).ok()?)
    }

    pub(crate) fn all_states(&self) -> impl Iterator<Item = &State> {
        self.states.iter()
    }

    /// A state by its name; names are unique within a machine.
    pub(crate) fn state_named(&self, name: &str) -> Option<StateId> {
        (0..).map(StateId).zip(&self.states).find(|(_, state)| &*state.name == name).map(|(id, _)| id)
    }

    /// The first state.
    pub(crate) fn start(&self) -> StateId {
        self.scope_start(ScopeId(0))
    }

    pub(crate) fn scope_start(&self, scope: ScopeId) -> StateId {
        let start = usize::try_from(scope.0).ok().and_then(|scope| self.starts.get(scope));
        start.copied().unwrap_or(StateId(u32::MAX))
    }
}

/// A Task state as it is written.
#[derive(Clone, Copy, Debug)]
pub struct TaskDefinition<'a> {
    /// The state's name.
    pub state_name: &'a str,
    /// Where the state is, as diagnostics tell it: `/States/X`; `/Resource` and the like follow.
    pub location: &'a str,
    /// Decides whether `arguments` are `Parameters` (with keys that end with `.$`) or `Arguments` (with `{% %}`).
    pub language: QueryLanguage,
    /// `Resource` as it is written.
    pub resource_text: &'a str,
    /// `Resource`, taken apart.
    pub resource: &'a TaskResource,
    /// `Parameters` or `Arguments` as they are written.
    pub arguments: Option<&'a Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, machine_type: MachineType) -> String {
        let (machine, diagnostics) = Machine::parse(text, machine_type);
        assert_eq!(machine.is_some(), diagnostics.is_empty());
        let told = diagnostics.iter().map(|one| {
            format!("{}: {} at {}", one.code, one.message, one.location.as_deref().unwrap_or_default())
        });
        told.collect::<Vec<_>>().join(", ")
    }

    fn of_state(state: &str, machine_type: MachineType) -> String {
        told(&format!(r#"{{"StartAt": "X", "States": {{"X": {state}}}}}"#), machine_type)
    }

    #[test]
    fn text_that_is_no_definition_is_refused_as_on_aws() {
        let standard = MachineType::Standard;
        assert_eq!(
            told(" ", standard),
            "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at "
        );
        assert_eq!(
            told("[]", standard),
            "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at "
        );
        let location = "[Source: (String)\"not a definition\"; line: 1, column: 4]";
        let expected = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";
        assert_eq!(
            told("not a definition", standard),
            format!(
                "INVALID_JSON_DESCRIPTION: Unrecognized token 'not': was expecting ({expected})\n at {location} at {location}"
            )
        );
        for text in ["{", "{\"é", "\u{e9}", "{\n é", "nul"] {
            assert!(told(text, standard).starts_with("INVALID_JSON_DESCRIPTION: "), "{text}");
        }
    }

    #[test]
    fn states_are_refused_with_the_place_of_the_mistake() {
        for (state, said) in [
            (
                r#"{"Type": "Pass", "Next": "Y"}"#,
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/X/Next, \
                 MISSING_END_STATE: Workflow has no terminal state at ",
            ),
            (
                r#"{"Type": "Wait", "Timestamp": "soon", "End": true}"#,
                "SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/X/Timestamp",
            ),
            (
                r#"{"Type": "Pass", "Parameters": {"a.$": "States.Nothing("}, "End": true}"#,
                "SCHEMA_VALIDATION_FAILED: The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic \
                 function call at /States/X/Parameters",
            ),
        ] {
            assert_eq!(of_state(state, MachineType::Standard), said);
        }
    }

    #[test]
    fn an_express_machine_has_no_task_that_waits_for_others() {
        for (resource, said) in [
            ("arn:aws:states:us-east-1:111122223333:activity:A", "Activity ARN"),
            ("arn:aws:states:::states:startExecution.sync:2", "'.sync' service integration"),
            ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "'.waitForTaskToken' service integration "),
        ] {
            let state = format!(r#"{{"Type": "Task", "Resource": "{resource}", "End": true}}"#);
            assert_eq!(of_state(&state, MachineType::Standard), "");
            assert_eq!(
                of_state(&state, MachineType::Express),
                format!(
                    "SCHEMA_VALIDATION_FAILED: Express state machine does not support {said} at /States/X/Resource"
                )
            );
        }
    }
}
