//! Where a place of a definition is in its text.

use std::ops::Range;

use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// The bytes of what a state's name, or of the last field, of a location such as `/States/Call/Resource` in the text.
pub fn span_of(text: &str, location: &str) -> Option<Range<usize>> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?;
    let mut value = parsed.value?;
    let mut found = None;
    let mut rest = location.trim_start_matches('/');
    while !rest.is_empty() {
        let Value::Object(object) = &value else { return found };
        // Names may hold slashes: the longest that fits is meant.
        let fitting = object.properties.iter().filter(|property| is_first(rest, name(&property.name)));
        let Some(property) = fitting.max_by_key(|property| name(&property.name).len()) else { return found };
        let range = property.name.range();
        found = Some(range.start..range.end);
        rest = rest.get(name(&property.name).len()..).unwrap_or_default();
        let mut next = property.value.clone();
        while let Some((index, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            let Value::Array(array) = &next else { return found };
            let item = index.parse::<usize>().ok().and_then(|index| array.elements.get(index))?.clone();
            next = item;
            rest = after;
        }
        value = next;
        rest = rest.trim_start_matches('/');
    }
    found
}

fn name<'a>(name: &'a ObjectPropName<'_>) -> &'a str {
    match name {
        ObjectPropName::String(text) => &text.value,
        ObjectPropName::Word(word) => word.value,
    }
}

fn is_first(rest: &str, name: &str) -> bool {
    rest.strip_prefix(name).is_some_and(|after| after.is_empty() || after.starts_with(['/', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_found_in_the_text() {
        let text = r#"{"States": {"A/B": {"Branches": [{"States": {"C": {"Resource": "x"}}}]}}}"#;
        let at = |location: &str| span_of(text, location).and_then(|range| text.get(range));
        assert_eq!(at("/States/A/B"), Some("\"A/B\""));
        assert_eq!(at("/States/A/B/Branches[0]/States/C"), Some("\"C\""));
        assert_eq!(at("/States/A/B/Branches[0]/States/C/Resource"), Some("\"Resource\""));
        assert_eq!(at("/Nothing"), None);
    }
}
