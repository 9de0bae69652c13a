//! Any text as a definition: it becomes a machine or diagnostics, and never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stepward_asl::{Machine, MachineType};

fuzz_target!(|text: &str| {
    for machine_type in [MachineType::Standard, MachineType::Express] {
        let (machine, diagnostics) = Machine::parse(text, machine_type);
        assert!(machine.is_some() || !diagnostics.is_empty(), "a definition is refused without a reason");
    }
});
