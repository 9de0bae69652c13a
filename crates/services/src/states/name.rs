//! Names of state machines, executions and activities (AWS: `InvalidName`).

use super::StatesError;

/// Longest name (AWS quota).
pub(crate) const NAME_CHARACTERS_MAX: usize = 80;

/// White space, brackets, wildcards, special and control characters are not allowed.
const FORBIDDEN: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";

pub(crate) fn check_name(name: &str) -> Result<(), StatesError> {
    let is_allowed = |character: char| {
        !character.is_whitespace() && !character.is_control() && !FORBIDDEN.contains(character)
    };
    let has_length = (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count());
    if has_length && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(StatesError::InvalidName(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forbidden_character_is_refused() {
        for character in FORBIDDEN.chars().chain([' ', '\t', '\u{1f}', '\u{7f}', '\u{9f}']) {
            let name = format!("a{character}b");
            assert_eq!(check_name(&name).unwrap_err().to_string(), format!("Invalid Name: '{name}'"));
        }
    }

    #[test]
    fn letters_of_any_language_and_some_signs_are_names() {
        for name in ["Orders", "orders-1_2.3", "Bestellung-für-Ärzte", "a!b(c)@d'e+f=g"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        assert!(check_name(&"a".repeat(81)).is_err());
        assert!(check_name("").is_err());
    }
}
