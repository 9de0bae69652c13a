//! What a command means.

use stepward_types::Timestamp;

use crate::command::Command;
use crate::effect::Effect;
use crate::event::Event;
use crate::machine::Machine;
use crate::run::{Run, Seed};

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
    let _ = (machine, run, command, now, seed);
    Decided::default()
}
