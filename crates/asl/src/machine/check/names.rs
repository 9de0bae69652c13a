//! Names: of states, labels and variables.

use std::collections::BTreeSet;

use stepward_query::is_variable_name;

use crate::diagnostic::Diagnostic;
use crate::machine::QueryLanguage;
use crate::machine::source::{Problems, Source};

/// AWS quotas.
const STATE_CHARACTERS_MAX: usize = 80;
const LABEL_CHARACTERS_MAX: usize = 40;
const VARIABLE_CHARACTERS_MAX: usize = 80;

/// The names of a machine that there may be one of only.
#[derive(Default)]
pub(in crate::machine) struct Names<'a> {
    states: BTreeSet<&'a str>,
    labels: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    /// A state's name: short enough, and no other state's, wherever in the machine that is.
    pub(in crate::machine) fn state(
        &mut self,
        problems: &mut Problems,
        name: &'a str,
        place: impl Fn() -> String,
    ) {
        if name.is_empty() || name.chars().count() > STATE_CHARACTERS_MAX {
            let message = if name.is_empty() {
                "State name cannot be empty".to_owned()
            } else {
                format!(
                    "State name '{name}' exceeds the {STATE_CHARACTERS_MAX}-character limit allowed by the service"
                )
            };
            problems.told.push(Diagnostic::of("INVALID_STATE_NAME", message, place()));
        }
        if !self.states.insert(name) {
            self.duplicate_state(problems, name, &place());
        }
    }

    pub(in crate::machine) fn duplicate_state(&self, problems: &mut Problems, name: &str, place: &str) {
        let message = format!("Duplicate State name: {name}");
        problems.told.push(Diagnostic::of("DUPLICATE_STATE_NAME", message, place));
    }

    /// A Map's label.
    pub(in crate::machine) fn label(&mut self, problems: &mut Problems, state: &Source<'a>) {
        let Some(label) = state.text("Label") else { return };
        let place = state.at("Label");
        if label.chars().count() > LABEL_CHARACTERS_MAX {
            let message = format!(
                "Label name '{label}' exceeds the {LABEL_CHARACTERS_MAX}-character limit allowed by the service"
            );
            problems.told.push(Diagnostic::of("INVALID_LABEL_NAME", message, &*place));
        } else if label.is_empty() || label.chars().any(is_forbidden) {
            let message =
                format!("Invalid Label name '{label}': the label name contains invalid characters.");
            problems.told.push(Diagnostic::of("INVALID_LABEL_NAME", message, &*place));
        }
        if !self.labels.insert(label) {
            let message = format!("Duplicate Label name: {label}");
            problems.told.push(Diagnostic::of("DUPLICATE_LABEL_NAME", message, place));
        }
    }
}

/// AWS: what no name may have.
fn is_forbidden(character: char) -> bool {
    character.is_whitespace() || character.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(character)
}

/// The names that an `Assign` assigns.
pub(in crate::machine) fn assigned(problems: &mut Problems, source: &Source<'_>) {
    let Some(assign) = source.object("Assign") else { return };
    for key in assign.fields.keys() {
        let name = match source.language {
            QueryLanguage::JsonPath => key.strip_suffix(".$").unwrap_or(key),
            QueryLanguage::Jsonata => key,
        };
        if name == "states" {
            let message = "Cannot assign to reserved variable '$states'.";
            problems.told.push(Diagnostic::of("RESERVED_VARIABLE_NAME", message, assign.at(key)));
        } else if name.chars().count() > VARIABLE_CHARACTERS_MAX {
            let message = format!(
                "Invalid variable name '{name}': the variable name exceeds the {VARIABLE_CHARACTERS_MAX}-character limit."
            );
            problems.told.push(Diagnostic::of("INVALID_VARIABLE_NAME", message, assign.at(key)));
        } else if !is_variable_name(name) {
            let message =
                format!("Invalid variable name '{name}': the variable name contains invalid characters.");
            problems.told.push(Diagnostic::of("INVALID_VARIABLE_NAME", message, assign.at(key)));
        }
    }
}
