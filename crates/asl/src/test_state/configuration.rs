//! Whether the other parts of a request fit the state that is tested.

use super::{TestStateConfiguration, TestStateError, TestStateInput};
use crate::machine::{Kind, Machine, State};

/// What is wrong with `context` and `stateConfiguration`. AWS gives the rules, the words are ours.
pub(super) fn check(input: &TestStateInput, machine: &Machine, state: &State) -> Result<(), TestStateError> {
    let TestStateConfiguration { error_caused_by_state, map_item_reader_data, .. } = &input.configuration;
    let is_map = matches!(&state.kind, Kind::Map(_));
    if input.mock.is_none() && input.configuration.map_iteration_failure_count.is_some() {
        return Err(invalid("mapIterationFailureCount can only be specified together with a mock."));
    }
    if input.configuration.map_iteration_failure_count.is_some() && !is_map {
        return Err(invalid("mapIterationFailureCount can only be specified for a Map state."));
    }
    if map_item_reader_data.is_some() && !matches!(&state.kind, Kind::Map(map) if map.reader.is_some()) {
        return Err(invalid("mapItemReaderData can only be specified for a Map state with an ItemReader."));
    }
    match error_caused_by_state {
        Some(name) => caused_by(name, machine, state),
        None => Ok(()),
    }
}

fn caused_by(name: &str, machine: &Machine, state: &State) -> Result<(), TestStateError> {
    let cause = machine.state_named(name).and_then(|id| machine.state(id));
    match cause {
        Some(cause) if is_inside(cause, state) => Ok(()),
        _ => Err(invalid(&format!(
            "errorCausedByState must be the name of a state inside of the tested Map or Parallel state: '{name}'"
        ))),
    }
}

/// Whether the mocked error comes from a Task, for `States.TaskFailed` around it.
pub(super) fn is_of_task(input: &TestStateInput, machine: &Machine) -> Option<bool> {
    let name = input.configuration.error_caused_by_state.as_deref()?;
    let cause = machine.state(machine.state_named(name)?)?;
    Some(matches!(&cause.kind, Kind::Task(_)))
}

/// The Map that a state is in, the nearest one.
pub(super) fn map_around<'a>(machine: &'a Machine, state: &State) -> Option<&'a State> {
    let maps = machine.all_states().filter(|one| matches!(&one.kind, Kind::Map(_)) && is_inside(state, one));
    maps.max_by_key(|map| map.location.len())
}

/// Whether a state is in the processor or the branches of another.
fn is_inside(inner: &State, outer: &State) -> bool {
    let rest = inner.location.strip_prefix(&*outer.location);
    let scopes = ["/ItemProcessor/", "/Iterator/", "/Branches["];
    rest.is_some_and(|rest| scopes.iter().any(|scope| rest.starts_with(scope)))
}

fn invalid(message: &str) -> TestStateError {
    TestStateError::Validation(message.to_owned())
}
