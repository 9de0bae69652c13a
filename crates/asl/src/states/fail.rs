//! Fail: ends its line of states with an error and a cause.

use crate::evaluate::Data;
use crate::failure::Failure;
use crate::machine::{Fail, State};
use crate::run::FrameId;
use crate::step::Step;

pub(crate) fn execute(step: &mut Step<'_>, id: FrameId, state: &State, fail: &Fail) -> Result<(), Failure> {
    let data = Data::of(step, id)?;
    let error = fail.error.as_ref().map(|error| data.text(step, state, error, "Error")).transpose()?;
    let cause = fail.cause.as_ref().map(|cause| data.text(step, state, cause, "Cause")).transpose()?;
    Err(Failure::of(error, cause))
}
