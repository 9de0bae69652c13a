//! Leaving a state: what becomes of its result, and which variables it assigns.

use std::sync::Arc;

use stepward_query::Payload;

use crate::evaluate::Data;
use crate::event::{Assigned, HistoryEventBody, StateExited};
use crate::failure::Failure;
use crate::machine::{Catcher, QueryLanguage, Selector, State, StateId};
use crate::run::FrameId;
use crate::step::Step;

/// AWS quota: the bytes of a state's output, of a task's result, of a variable.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 262_144;

/// AWS quota: the bytes of all variables of an execution.
const VARIABLES_BYTES_MAX: usize = 10 * 1_024 * 1_024;

/// A Task, a Parallel or a Map leaves with its result.
pub(crate) fn with_result(
    step: &mut Step<'_>,
    id: FrameId,
    state: &State,
    result: Payload,
) -> Result<(), Failure> {
    let mut data = Data::of(step, id)?;
    data.assign_root = Some(result.clone());
    data.result = Some(result.clone());
    let selected = match &state.io.result_selector {
        Some(selector) => data.select(step, state, selector, Some(&result))?,
        None => result,
    };
    leave(step, state, data, selected)
}

/// Leaves with a result that is combined with the input (JSONPath) or replaces it (JSONata).
pub(crate) fn leave(step: &mut Step<'_>, state: &State, data: Data, result: Payload) -> Result<(), Failure> {
    let output = match state.language {
        QueryLanguage::JsonPath => {
            let combined = data.combine(step, state, &state.io.result_path, result)?;
            data.output_path(step, state, combined)?
        }
        QueryLanguage::Jsonata => data.output(step, state, state.io.output.as_ref(), result)?,
    };
    exit(step, state, &data, Exit { output, assign: state.io.assign.as_ref(), next: state.next })
}

/// A state that has no result leaves with its input.
pub(crate) fn without_result(
    step: &mut Step<'_>,
    state: &State,
    mut data: Data,
    next: Option<StateId>,
) -> Result<(), Failure> {
    let effective = data.effective_input(step, state)?;
    let output = match state.language {
        QueryLanguage::JsonPath => data.output_path(step, state, effective)?,
        QueryLanguage::Jsonata => data.output(step, state, state.io.output.as_ref(), effective)?,
    };
    exit(step, state, &data, Exit { output, assign: state.io.assign.as_ref(), next })
}

/// A catcher takes the failure over.
pub(crate) fn by_catcher(
    step: &mut Step<'_>,
    id: FrameId,
    state: &State,
    catcher: &Catcher,
    failure: &Failure,
) -> Result<(), Failure> {
    let mut data = Data::of(step, id)?;
    let error_output = Payload::new(error_output(failure));
    data.assign_root = Some(error_output.clone());
    data.error_output = Some(error_output.clone());
    let output = match state.language {
        QueryLanguage::JsonPath => data.combine(step, state, &catcher.result_path, error_output)?,
        QueryLanguage::Jsonata => data.output(step, state, catcher.output.as_ref(), error_output)?,
    };
    exit(step, state, &data, Exit { output, assign: catcher.assign.as_ref(), next: Some(catcher.next) })
}

/// What a catcher gets (AWS: `Error`, and `Cause` if there is one).
fn error_output(failure: &Failure) -> serde_json::Value {
    let mut output = serde_json::Map::new();
    output.insert("Error".to_owned(), failure.error.clone().unwrap_or_default().into());
    if let Some(cause) = &failure.cause {
        output.insert("Cause".to_owned(), cause.clone().into());
    }
    output.into()
}

/// How a state is left.
pub(crate) struct Exit<'a> {
    pub(crate) output: Payload,
    pub(crate) assign: Option<&'a Selector>,
    pub(crate) next: Option<StateId>,
}

pub(crate) fn exit(step: &mut Step<'_>, state: &State, data: &Data, exit: Exit<'_>) -> Result<(), Failure> {
    if exit.output.bytes() > PAYLOAD_BYTES_MAX {
        return Err(Failure::data_limit(&state.name));
    }
    let assigned = assigned(step, state, data, exit.assign)?;
    let exited = StateExited {
        state_type: state.state_type,
        name: Arc::clone(&state.name),
        output: exit.output,
        assigned,
        next: exit.next,
    };
    step.record(data.id, HistoryEventBody::StateExited(exited));
    Ok(())
}

fn assigned(
    step: &Step<'_>,
    state: &State,
    data: &Data,
    assign: Option<&Selector>,
) -> Result<Option<Arc<Assigned>>, Failure> {
    let Some(assign) = assign else { return Ok(None) };
    let values = data.select(step, state, assign, data.assign_root.as_ref())?;
    let serde_json::Value::Object(values) = values.into_value() else { return Ok(None) };
    let assigned: Assigned =
        values.into_iter().map(|(name, value)| (name.into(), Payload::new(value))).collect();
    let bytes: usize = assigned.iter().map(|(_, value)| value.bytes()).sum();
    let all = step.frame(data.id).map(|frame| frame.variables.bytes()).unwrap_or_default();
    if bytes > PAYLOAD_BYTES_MAX || all.saturating_add(bytes) > VARIABLES_BYTES_MAX {
        return Err(Failure::data_limit(&state.name));
    }
    Ok((!assigned.is_empty()).then(|| Arc::new(assigned)))
}
