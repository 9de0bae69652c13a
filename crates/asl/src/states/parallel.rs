//! Parallel: starts its branches with the same input.

use crate::evaluate::Data;
use crate::event::HistoryEventBody;
use crate::failure::Failure;
use crate::machine::State;
use crate::run::FrameId;
use crate::step::Step;

pub(crate) fn execute(step: &mut Step<'_>, id: FrameId, state: &State) -> Result<(), Failure> {
    let mut data = Data::of(step, id)?;
    let effective = data.effective_input(step, state)?;
    let input = data.arguments(step, state, effective)?;
    step.record(id, HistoryEventBody::ParallelStateStarted { input });
    let children = step.frame(id).and_then(|frame| frame.children.as_ref());
    let branches: Vec<FrameId> =
        children.into_iter().flat_map(|all| all.frames.iter().flatten().copied()).collect();
    for branch in branches {
        step.wake(branch);
    }
    Ok(())
}
