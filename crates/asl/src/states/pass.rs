//! Pass: gives its `Result`, its `Parameters` or its input on.

use stepward_query::Payload;

use super::exit;
use crate::evaluate::Data;
use crate::failure::Failure;
use crate::machine::State;
use crate::run::FrameId;
use crate::step::Step;

pub(crate) fn execute(
    step: &mut Step<'_>,
    id: FrameId,
    state: &State,
    result: Option<&Payload>,
) -> Result<(), Failure> {
    let mut data = Data::of(step, id)?;
    let effective = data.effective_input(step, state)?;
    let result = match result {
        Some(result) => result.clone(),
        None => data.arguments(step, state, effective)?,
    };
    data.assign_root = Some(result.clone());
    exit::leave(step, state, data, result)
}
