//! A checked definition, resolved: names are indices, paths and templates are parsed, so that a run only follows.

mod choice;
mod fields;
mod jsonata;
mod lower;
mod map;
mod retry;
mod source;
mod state;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Severity};

pub(crate) use fields::{Path, PathField, ResultPathField, Selector, SelectorForm};
pub(crate) use jsonata::States;
pub(crate) use state::{
    Catcher, Choice, ChoiceRule, Comparison, Condition, Fail, Items, Kind, Map, Number, Operand, Operator,
    Order, Retrier, State, Task, Test, Text, Wait,
};

/// Standard or Express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MachineType {
    /// Journaled, up to a year.
    Standard,
    /// Not journaled, up to five minutes.
    Express,
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
}

impl Machine {
    /// Reads a definition. There is a machine exactly if no diagnostic is an error.
    pub fn parse(text: &str, machine_type: MachineType) -> (Option<Self>, Vec<Diagnostic>) {
        let definition = match serde_json::from_str::<Value>(text) {
            Ok(definition) => definition,
            Err(error) => return (None, vec![not_json(&error)]),
        };
        let (machine, diagnostics) = Self::lower(&definition, machine_type);
        let is_sound = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
        (machine.filter(|_| is_sound), diagnostics)
    }

    /// Resolves a definition that was checked. What cannot be resolved is told as a diagnostic.
    pub(crate) fn lower(definition: &Value, machine_type: MachineType) -> (Option<Self>, Vec<Diagnostic>) {
        lower::lower(definition, machine_type)
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

    pub(crate) fn state(&self, id: StateId) -> Option<&State> {
        self.states.get(usize::try_from(id.0).ok()?)
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

fn not_json(error: &serde_json::Error) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "INVALID_JSON_DESCRIPTION",
        message: error.to_string(),
        location: None,
        span: None,
    }
}
