//! CSV: rows to objects of strings.

use std::collections::BTreeSet;

use serde_json::Value;

/// What stands between two values.
#[derive(Clone, Copy)]
pub(super) struct Delimiter(pub(super) char);

/// Where the names of the columns are.
pub(super) enum Header {
    FirstRow,
    Given(Vec<String>),
}

/// One object for each row. AWS: values that are missing are empty, values beyond the last name are skipped.
pub(super) fn items(text: &str, delimiter: Delimiter, header: Header) -> Result<Vec<Value>, &'static str> {
    let mut rows = rows(text, delimiter).into_iter();
    let names = match header {
        Header::Given(names) => names,
        Header::FirstRow => rows.next().unwrap_or_default(),
    };
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        return Err("CSV headers cannot contain duplicates.");
    }
    let object = |row: Vec<String>| {
        let values = row.into_iter().map(Value::from).chain(std::iter::repeat(Value::from("")));
        Value::Object(names.iter().cloned().zip(values).collect())
    };
    Ok(rows.map(object).collect())
}

/// Values in quotation marks may hold anything; two quotation marks in them are one. Empty lines are no rows.
fn rows(text: &str, Delimiter(delimiter): Delimiter) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut value) = (Vec::new(), Vec::new(), String::new());
    let (mut is_quoted, mut has_value) = (false, false);
    let mut characters = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                value.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if value.is_empty() => (is_quoted, has_value) = (true, true),
            '\r' if !is_quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => {
                if has_value || !value.is_empty() || !row.is_empty() {
                    row.push(std::mem::take(&mut value));
                    rows.push(std::mem::take(&mut row));
                }
                has_value = false;
            }
            other if other == delimiter && !is_quoted => {
                row.push(std::mem::take(&mut value));
                has_value = true;
            }
            other => value.push(other),
        }
    }
    if has_value || !value.is_empty() || !row.is_empty() {
        row.push(value);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match items(text, Delimiter(','), Header::FirstRow) {
            Ok(items) => Value::Array(items).to_string(),
            Err(error) => error.to_owned(),
        }
    }

    #[test]
    fn quoted_values_keep_what_is_in_them() {
        assert_eq!(told("a,b\r\n\"x,\n\"\"y\"\"\",2\r\n"), r#"[{"a":"x,\n\"y\"","b":"2"}]"#);
        assert_eq!(told("a,b\n\"\",\n"), r#"[{"a":"","b":""}]"#);
    }

    #[test]
    fn rows_are_as_long_as_the_header() {
        assert_eq!(told("a,b\n1\n\n1,2,3"), r#"[{"a":"1","b":""},{"a":"1","b":"2"}]"#);
        assert_eq!(told(""), "[]");
    }

    #[test]
    fn names_that_occur_twice_are_refused_as_on_aws() {
        assert_eq!(told("a,a\n1,2"), "CSV headers cannot contain duplicates.");
    }
}
