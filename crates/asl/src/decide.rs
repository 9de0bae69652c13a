//! What a command means.

mod advance;
mod command;
mod failing;

use stepward_types::Timestamp;

use crate::command::Command;
use crate::effect::Effect;
use crate::event::Event;
use crate::machine::Machine;
use crate::run::{Run, RunStatus, Seed};
use crate::step::Step;

/// How many times one decision lets a frame go on: a loop of Choice states must not hold up other executions.
const TURNS_MAX: u32 = 4_000;

/// What a command led to: record the events, then carry the effects out.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// To be recorded, in this order, before anything else. Already applied to the run.
    pub events: Vec<Event>,
    /// To be carried out once the events are durable.
    pub effects: Vec<Effect>,
}

/// Decides what a command means. Pure: the same arguments give the same answer. A command that means nothing (any
/// more), such as the outcome of a task that was aborted, gives no events and no effects.
pub fn decide(machine: &Machine, run: &mut Run, command: Command, now: Timestamp, seed: Seed) -> Decided {
    let mut step = Step::new(machine, run, now, seed);
    command::accept(&mut step, command);
    settle(&mut step);
    step.finish()
}

/// Lets every frame go on that can, until all wait or the decision has gone on for long enough.
fn settle(step: &mut Step<'_>) {
    let mut turns = 0;
    while let Some(frame) = step.next_ready() {
        if step.run.status() != RunStatus::Running {
            return;
        }
        if turns == TURNS_MAX {
            step.effect(Effect::Continue);
            return;
        }
        turns += 1;
        advance::advance(step, frame);
        step.end_if_full();
    }
}
