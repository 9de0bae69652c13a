//! Definitions checked as CreateStateMachine checks them.

use stepward_asl::{Diagnostic, Machine, MachineType, Severity};

use super::StatesError;
use super::resources;

/// The machine of a definition, or AWS's `InvalidDefinition` with every error it has.
pub(crate) fn check_definition(definition: &str, machine_type: &str) -> Result<Machine, StatesError> {
    let (machine, diagnostics) = resources::check_definition(definition, machine_type_of(machine_type));
    let errors: Vec<String> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(sentence)
        .collect();
    match machine {
        Some(machine) if errors.is_empty() => Ok(machine),
        _ => Err(StatesError::InvalidDefinition(errors.join(", "))),
    }
}

pub(crate) fn machine_type_of(name: &str) -> MachineType {
    if name == "EXPRESS" { MachineType::Express } else { MachineType::Standard }
}

// AWS: in CreateStateMachine the location follows the text; in ValidateStateMachineDefinition it is a field.
fn sentence(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.location.as_deref().unwrap_or("null");
    format!("{}: {} at {place}", diagnostic.code, diagnostic.message)
}
