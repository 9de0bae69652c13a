//! The patterns of models, which are Java's: most as regular expressions, the others by hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex_lite::Regex;

static PATTERNS: OnceLock<Mutex<HashMap<String, Option<Arc<Regex>>>>> = OnceLock::new();

/// Whether the whole text matches. A pattern that cannot be compiled here refuses nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    if let Some(is_match) = by_hand(pattern, text) {
        return is_match;
    }
    compiled(pattern).is_none_or(|compiled| compiled.is_match(text))
}

/// The lock is let go before anything is matched: a long text of one caller keeps no other waiting.
fn compiled(pattern: &str) -> Option<Arc<Regex>> {
    let patterns = PATTERNS.get_or_init(Mutex::default);
    let mut patterns = patterns.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = patterns.get(pattern) {
        return known.clone();
    }
    let compiled = Regex::new(&format!("^(?:{pattern})$")).ok().map(Arc::new);
    patterns.insert(pattern.to_owned(), compiled.clone());
    compiled
}

/// What the linear engine without Unicode's tables cannot; none for what it can.
fn by_hand(pattern: &str, text: &str) -> Option<bool> {
    // The alias of a version looks ahead for one character that is no digit.
    if pattern == r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$" {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        return Some(!text.is_empty() && text.bytes().all(is_allowed) && !is_number);
    }
    // The alias of an account looks ahead for a second hyphen.
    if pattern.starts_with("^[a-z0-9](") && pattern.contains("-(?!-)") {
        let is_end =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let is_allowed = |byte: u8| byte == b'-' || is_end(Some(&byte));
        let bytes = text.as_bytes();
        return Some(
            is_end(bytes.first())
                && is_end(bytes.last())
                && text.bytes().all(is_allowed)
                && !text.contains("--"),
        );
    }
    if pattern == r"\p{ASCII}*" {
        return Some(text.is_ascii());
    }
    tag_text(pattern, text)
}

/// `[\p{L}\p{Z}\p{N}…]`: letters, separators and numbers of all languages, and what is listed behind them.
fn tag_text(pattern: &str, text: &str) -> Option<bool> {
    let (listed, quantifier) = pattern.strip_prefix(r"[\p{L}\p{Z}\p{N}")?.rsplit_once(']')?;
    let listed: Vec<char> = listed.chars().filter(|character| *character != '\\').collect();
    let is_allowed = |character: char| {
        let is_separator = character.is_whitespace() && !character.is_control();
        character.is_alphabetic() || character.is_numeric() || is_separator || listed.contains(&character)
    };
    match quantifier {
        "*" => Some(text.chars().all(is_allowed)),
        "+" => Some(!text.is_empty() && text.chars().all(is_allowed)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use stepward_models::service;

    use super::*;

    #[test]
    fn every_pattern_of_iam_sts_and_step_functions_is_understood() {
        let mut unknown = BTreeSet::new();
        for name in ["iam", "sts", "stepfunctions"] {
            let service = service(name).unwrap();
            for pattern in service.shapes().filter_map(|shape| shape.constraints.pattern.as_ref()) {
                let is_known =
                    by_hand(pattern, "").is_some() || Regex::new(&format!("^(?:{pattern})$")).is_ok();
                if !is_known {
                    unknown.insert(format!("{name}: {pattern}"));
                }
            }
        }
        assert_eq!(unknown, BTreeSet::new());
    }

    #[test]
    fn tags_may_have_letters_of_all_languages_and_few_signs() {
        let key = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+";
        for good in ["team", "a b", "größe", "年", "a_b.c:d/e=f+g-h@i", "½"] {
            assert!(matches(key, good), "{good}");
        }
        for bad in ["", "a*", "a\tb", "a\\b", "{x}", "#"] {
            assert!(!matches(key, bad), "{bad}");
        }
        assert!(matches(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", ""));
    }

    #[test]
    fn an_alias_has_no_two_hyphens_and_none_at_its_ends() {
        let alias = "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$";
        for (text, good) in
            [("my-alias", true), ("a--b", false), ("-ab", false), ("ab-", false), ("Abc", false)]
        {
            assert_eq!(matches(alias, text), good, "{text}");
        }
    }
}
