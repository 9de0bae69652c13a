//! From JSON to a machine: names become indices, scopes are lowered one after the other, whatever their depth.

mod state;

use std::collections::BTreeMap;

use serde_json::Value;

use super::source::{Place, Problems, Source};
use super::state::State;
use super::{Machine, MachineType, QueryLanguage, ScopeId, StateId, check};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) fn lower(
    definition: &Value,
    duplicates: &[String],
    machine_type: MachineType,
) -> (Option<Machine>, Vec<Diagnostic>) {
    let Some(fields) = definition.as_object() else {
        let diagnostic = Diagnostic::schema("Definition must be a valid JSON object", "/");
        return (None, vec![Diagnostic { location: None, ..diagnostic }]);
    };
    let language = language(fields.get("QueryLanguage")).unwrap_or(QueryLanguage::JsonPath);
    let mut lowering = Lowering {
        language,
        duplicates,
        states: Vec::new(),
        starts: Vec::new(),
        pending: Vec::new(),
        problems: Problems::default(),
        names: check::Names::default(),
        reads: check::Reads::new(),
    };
    let is_express = machine_type == MachineType::Express;
    let source = Source { fields, location: Place::default(), language };
    lowering.add_scope(Scope { source, form: &check::tables::MACHINE, is_express });
    while let Some((id, scope)) = lowering.pending.pop() {
        lowering.scope(id, &scope);
    }
    lowering.finish(fields, machine_type)
}

/// AWS: what is neither language counts as JSONata.
pub(super) fn language(value: Option<&Value>) -> Option<QueryLanguage> {
    match value?.as_str() {
        Some("JSONPath") => Some(QueryLanguage::JsonPath),
        _ => Some(QueryLanguage::Jsonata),
    }
}

/// AWS's words.
const DOWNGRADE_TEXT: &str =
    "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";

/// The states of one scope by their names.
type Targets<'a> = BTreeMap<&'a str, StateId>;

/// A line of states that is still to be lowered.
struct Scope<'a> {
    source: Source<'a>,
    form: &'static check::Object,
    /// Whether it runs in an Express execution.
    is_express: bool,
}

struct Lowering<'a> {
    states: Vec<Option<State>>,
    starts: Vec<Option<StateId>>,
    /// Scopes that are still to be lowered, the first of them last.
    pending: Vec<(ScopeId, Scope<'a>)>,
    problems: Problems,
    names: check::Names<'a>,
    /// The places of states whose names occur twice in one object.
    duplicates: &'a [String],
    /// The variables that each state reads, by its place.
    reads: check::Reads,
    /// The whole machine's.
    language: QueryLanguage,
}

impl<'a> Lowering<'a> {
    fn add_scope(&mut self, scope: Scope<'a>) -> ScopeId {
        let id = ScopeId(u32::try_from(self.starts.len()).unwrap_or(u32::MAX));
        self.starts.push(None);
        self.pending.push((id, scope));
        id
    }

    fn scope(&mut self, id: ScopeId, scope: &Scope<'a>) {
        let source = &scope.source;
        check::object(&mut self.problems, source, scope.form);
        let Some(states) = source.object("States") else { return };
        let first = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        let targets: Targets<'a> =
            states.fields.keys().map(String::as_str).zip((first..).map(StateId)).collect();
        self.states.resize_with(self.states.len() + states.fields.len(), || None);
        let start = self.target(source, "StartAt", &targets);
        if let Some(slot) = usize::try_from(id.0).ok().and_then(|scope| self.starts.get_mut(scope)) {
            *slot = start;
        }
        let scopes_before = self.pending.len();
        for ((name, value), id) in states.fields.iter().zip(first..) {
            let state = self.named_state(name, value, (&states, scope.is_express), &targets);
            if let Some(slot) = usize::try_from(id).ok().and_then(|id| self.states.get_mut(id)) {
                *slot = state;
            }
        }
        // Those of the first state come first.
        if let Some(added) = self.pending.get_mut(scopes_before..) {
            added.reverse();
        }
    }

    fn named_state(
        &mut self,
        name: &'a str,
        value: &'a Value,
        (states, is_express): (&Source<'a>, bool),
        targets: &Targets<'_>,
    ) -> Option<State> {
        let place = || states.at(name);
        self.names.state(&mut self.problems, name, place);
        if !self.duplicates.is_empty() && self.duplicates.contains(&place()) {
            self.names.duplicate_state(&mut self.problems, name, &place());
        }
        let Some(fields) = value.as_object() else {
            self.problems.add("Expected value of type Object", place());
            return None;
        };
        // AWS: a Map or a Parallel does not give its own language to the states in it.
        let language = language(fields.get("QueryLanguage")).unwrap_or(self.language);
        if (self.language, language) == (QueryLanguage::Jsonata, QueryLanguage::JsonPath) {
            self.problems.add(DOWNGRADE_TEXT, place());
            return None;
        }
        let source = Source { language, ..states.inner(name, fields) };
        let state = self.state(name, &source, is_express, targets);
        let reads = self.problems.take_reads();
        if !reads.is_empty() {
            self.reads.insert(source.location.written(), reads);
        }
        state
    }

    /// The state that a field names.
    fn target(&mut self, source: &Source<'_>, field: &str, targets: &Targets<'_>) -> Option<StateId> {
        let name = source.text(field)?;
        let found = targets.get(name).copied();
        if found.is_none() {
            // AWS: so for every field.
            let message = format!("Missing 'Next' target: {name}");
            self.problems.told.push(Diagnostic::missing_target(message, source.at(field)));
        }
        found
    }

    /// What can be said of the machine as a whole, once its states are sound.
    fn graph(&mut self, fields: &'a serde_json::Map<String, Value>) {
        let mut open = vec![Source { fields, location: Place::default(), language: self.language }];
        if let Some(states) = fields.get("States").and_then(Value::as_object)
            && !check::has_end(states)
        {
            let diagnostic = Diagnostic::of("MISSING_END_STATE", "Workflow has no terminal state", "/");
            self.problems.told.push(Diagnostic { location: None, ..diagnostic });
            return;
        }
        while let Some(scope) = open.pop() {
            let Some(states) = scope.object("States") else { continue };
            check::reachable(&mut self.problems, &states, scope.text("StartAt"));
            let inner = states.fields.keys().filter_map(|name| states.object(name));
            open.extend(inner.flat_map(|state| {
                let processors = ["ItemProcessor", "Iterator"].iter().filter_map(|field| state.object(field));
                processors.chain(state.objects("Branches")).collect::<Vec<_>>()
            }));
        }
    }

    fn finish(
        mut self,
        fields: &'a serde_json::Map<String, Value>,
        machine_type: MachineType,
    ) -> (Option<Machine>, Vec<Diagnostic>) {
        let is_sound = |problems: &Problems| {
            problems
                .told
                .iter()
                .all(|one| one.severity != Severity::Error || one.code == "MISSING_TRANSITION_TARGET")
        };
        // In a definition with other mistakes, what leads where would be a guess.
        if is_sound(&self.problems) {
            self.graph(fields);
        }
        check::variables(&mut self.problems, fields, &self.reads);
        let timeout_seconds = fields.get("TimeoutSeconds").and_then(Value::as_u64);
        let states: Option<Vec<State>> = self.states.into_iter().collect();
        let starts: Option<Vec<StateId>> = self.starts.into_iter().collect();
        let machine = states.zip(starts).map(|(states, starts)| Machine {
            machine_type,
            timeout_seconds,
            states,
            starts,
            task_check: None,
        });
        if machine.is_none() && self.problems.told.iter().all(|one| one.severity != Severity::Error) {
            self.problems.add("The definition cannot be resolved", "/");
        }
        (machine, self.problems.told)
    }
}
