//! Where a document's statements stand in its text.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// The places of each statement's first character and of what follows its last.
pub(crate) fn statements(text: &str) -> Vec<(Place, Place)> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok();
    let Some(Value::Object(document)) = parsed.and_then(|parsed| parsed.value) else { return Vec::new() };
    let Some(statement) = document.get("Statement") else { return Vec::new() };
    let statements = match &statement.value {
        Value::Array(statements) => statements.elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    let places = statements.iter().map(|statement| {
        let range = statement.range();
        (place(text, range.start), place(text, range.end))
    });
    places.collect()
}

fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    Place { line: before.matches('\n').count() + 1, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_alone_and_in_a_list() {
        let at = |line, column| Place { line, column };
        let alone =
            "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\n    \"Effect\": \"Allow\"\n  }\n}";
        assert_eq!(statements(alone), [(at(3, 16), at(5, 4))]);
        assert_eq!(
            statements(r#"{"Statement":[{},{"a":1}]}"#),
            [(at(1, 15), at(1, 17)), (at(1, 18), at(1, 25))]
        );
        assert_eq!(statements("[]"), []);
    }
}
