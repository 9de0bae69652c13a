//! What an `ItemReader` makes of a file: the items in a text, by its `ReaderConfig`.
//!
//! Pure: whoever reads the file hands its text over. Formats that are no text (Parquet) and lists of other files
//! (manifests) are taken as JSON, the form in which tests give them.

mod csv;

use serde_json::{Map, Value};

use crate::failure::Failure;
use csv::{Delimiter, Header};

/// What was read.
pub(crate) struct Read {
    /// An array, or an object whose fields are the items.
    pub(crate) items: Value,
    /// Whether `ItemsPointer` was followed.
    pub(crate) has_pointer: bool,
}

/// Reads the items of a text.
pub(crate) fn read(config: &Map<String, Value>, text: &str) -> Result<Read, Failure> {
    match config.get("InputType").and_then(Value::as_str) {
        Some("CSV") => csv_rows(config, text).map(|items| Read { items, has_pointer: false }),
        Some("JSONL") => json_lines(text).map(|items| Read { items, has_pointer: false }),
        _ => json(config, text),
    }
}

/// Leaves the first items only. AWS: 0 and less are refused when they come from a path or an expression.
pub(crate) fn limited(items: Value, max_items: Option<f64>) -> Result<Value, Failure> {
    let Some(max) = max_items else { return Ok(items) };
    if max < 1.0 {
        return Err(failed("field MaxItems must be positive"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and it saturates")]
    let max = max as usize;
    Ok(match items {
        Value::Array(mut items) => {
            items.truncate(max);
            Value::Array(items)
        }
        Value::Object(fields) => Value::Object(fields.into_iter().take(max).collect()),
        other => other,
    })
}

fn failed(cause: impl Into<String>) -> Failure {
    Failure::new("States.ItemReaderFailed", cause)
}

fn json(config: &Map<String, Value>, text: &str) -> Result<Read, Failure> {
    let whole: Value = serde_json::from_str(text)
        .map_err(|error| failed(format!("The input is not valid JSON: {error}")))?;
    let pointer = config.get("ItemsPointer").and_then(Value::as_str);
    let items = match pointer {
        Some(pointer) => whole
            .pointer(pointer)
            .cloned()
            .ok_or_else(|| failed(format!("ItemsPointer '{pointer}' does not point to anything.")))?,
        None => whole,
    };
    if items.is_array() || items.is_object() {
        Ok(Read { items, has_pointer: pointer.is_some() })
    } else {
        Err(failed("Attempting to map over non-iterable node."))
    }
}

fn json_lines(text: &str) -> Result<Value, Failure> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            serde_json::from_str::<Value>(line)
                .map_err(|error| failed(format!("Line {} is not valid JSON: {error}", at + 1)))
        })
        .collect()
}

fn csv_rows(config: &Map<String, Value>, text: &str) -> Result<Value, Failure> {
    let delimiter = match config.get("CSVDelimiter").and_then(Value::as_str) {
        Some("PIPE") => '|',
        Some("SEMICOLON") => ';',
        Some("SPACE") => ' ',
        Some("TAB") => '\t',
        _ => ',',
    };
    let given = config.get("CSVHeaders").and_then(Value::as_array);
    let header = match (config.get("CSVHeaderLocation").and_then(Value::as_str), given) {
        (Some("GIVEN"), Some(names)) => {
            Header::Given(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        _ => Header::FirstRow,
    };
    csv::items(text, Delimiter(delimiter), header).map(Value::Array).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn items(config: Value, text: &str) -> String {
        let config = config.as_object().cloned().unwrap();
        match read(&config, text) {
            Ok(read) => read.items.to_string(),
            Err(failure) => format!("{}: {}", failure.error.unwrap(), failure.cause.unwrap()),
        }
    }

    #[test]
    fn json_is_an_array_an_object_or_what_the_pointer_leads_to() {
        assert_eq!(items(json!({}), "[1, 2]"), "[1,2]");
        assert_eq!(items(json!({ "InputType": "JSON" }), r#"{"a": 1}"#), r#"{"a":1}"#);
        assert_eq!(items(json!({ "ItemsPointer": "/a/1" }), r#"{"a": [0, [7]]}"#), "[7]");
        assert_eq!(
            items(json!({ "ItemsPointer": "/a" }), r#"{"a": 1}"#),
            "States.ItemReaderFailed: Attempting to map over non-iterable node."
        );
        assert_eq!(
            items(json!({ "ItemsPointer": "/b" }), r#"{"a": 1}"#),
            "States.ItemReaderFailed: ItemsPointer '/b' does not point to anything."
        );
        assert!(items(json!({}), "a,b").starts_with("States.ItemReaderFailed: The input is not valid JSON"));
    }

    #[test]
    fn json_lines_are_items_and_empty_ones_are_not() {
        assert_eq!(items(json!({ "InputType": "JSONL" }), "{\"a\":1}\n\n2\n"), r#"[{"a":1},2]"#);
        assert!(
            items(json!({ "InputType": "JSONL" }), "1\n{")
                .starts_with("States.ItemReaderFailed: Line 2 is not")
        );
    }

    #[test]
    fn csv_takes_its_names_from_the_first_row_or_from_the_state() {
        let first_row = json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" });
        assert_eq!(items(first_row, "a,b\n1,2\n"), r#"[{"a":"1","b":"2"}]"#);
        let given = json!({
            "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"], "CSVDelimiter": "PIPE"
        });
        assert_eq!(items(given, "1|2\n3"), r#"[{"x":"1","y":"2"},{"x":"3","y":""}]"#);
    }

    #[test]
    fn the_first_items_can_be_all_that_is_taken() {
        assert_eq!(limited(json!([1, 2, 3]), Some(2.0)), Ok(json!([1, 2])));
        assert_eq!(limited(json!({ "a": 1, "b": 2 }), Some(1.0)), Ok(json!({ "a": 1 })));
        assert_eq!(limited(json!([1]), None), Ok(json!([1])));
        let cause = limited(json!([1]), Some(0.0)).unwrap_err().cause;
        assert_eq!(cause.as_deref(), Some("field MaxItems must be positive"));
    }
}
