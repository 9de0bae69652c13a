//! The only way a run changes.

use crate::event::Event;
use crate::machine::Machine;
use crate::run::Run;

/// Applies one event to the run it was recorded for. An event that does not fit changes nothing.
pub fn evolve(machine: &Machine, run: &mut Run, event: &Event) {
    let _ = (machine, run, event);
}
