//! Succeed: ends its line of states with its input, or with JSONata's `Output`.

use super::exit;
use crate::evaluate::Data;
use crate::failure::Failure;
use crate::machine::State;
use crate::run::FrameId;
use crate::step::Step;

pub(crate) fn execute(step: &mut Step<'_>, id: FrameId, state: &State) -> Result<(), Failure> {
    exit::without_result(step, state, Data::of(step, id)?, state.next)
}
