//! What Parallel and Map have in common: going on when a branch or an iteration ended.

use serde_json::Value;

use super::{exit, map};
use crate::evaluate::made;
use crate::event::HistoryEventBody;
use crate::failure::Failure;
use crate::machine::Kind;
use crate::run::FrameId;
use crate::step::Step;

/// Starts what may start; leaves the state once everything below it has ended.
pub(crate) fn go_on(step: &mut Step<'_>, id: FrameId) -> Result<(), Failure> {
    let Some(state) = step.state(id) else { return Ok(()) };
    if let Kind::Map(map) = &state.kind {
        map::start_iterations(step, id, state, map)?;
    }
    let Some(children) = step.frame(id).and_then(|frame| frame.children.as_ref()) else { return Ok(()) };
    if children.running > 0 {
        return Ok(());
    }
    let results: Vec<Value> =
        children.results.iter().flatten().map(|result| result.value().clone()).collect();
    if let Kind::Map(map) = &state.kind {
        map::record_run_succeeded(step, id, map);
    }
    step.record(id, HistoryEventBody::StateSucceeded(state.state_type));
    exit::with_result(step, id, state, made(state, Value::Array(results))?)
}
