//! What `inspectionData` tells.

use serde_json::{Map, Value, json};
use stepward_query::Payload;

/// What each field of the state evaluated to (AWS: InspectionData).
#[derive(Clone, Debug, Default)]
pub struct InspectionData {
    texts: Vec<(&'static str, String)>,
    numbers: Vec<(&'static str, Value)>,
    /// What became of an error.
    pub error_details: ErrorDetails,
}

/// Which handlers an error met (AWS: InspectionErrorDetails).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ErrorDetails {
    /// Index into `Catch`.
    pub catch_index: Option<usize>,
    /// Index into `Retry`.
    pub retry_index: Option<usize>,
    /// The delay before the next try.
    pub retry_backoff_interval_seconds: Option<u64>,
}

impl InspectionData {
    pub(super) fn put(&mut self, name: &'static str, value: &Payload) {
        self.put_text(name, value.text().to_string());
    }

    pub(super) fn put_text(&mut self, name: &'static str, text: String) {
        self.texts.push((name, text));
    }

    pub(super) fn put_number(&mut self, name: &'static str, number: impl Into<Value>) {
        self.numbers.push((name, number.into()));
    }

    /// The API's object.
    pub fn to_api_json(&self) -> Value {
        let mut object = Map::new();
        for (name, text) in &self.texts {
            object.insert((*name).to_owned(), text.as_str().into());
        }
        for (name, number) in &self.numbers {
            object.insert((*name).to_owned(), number.clone());
        }
        let details = self.error_details.to_api_json();
        if details.as_object().is_some_and(|details| !details.is_empty()) {
            object.insert("errorDetails".to_owned(), details);
        }
        Value::Object(object)
    }
}

impl ErrorDetails {
    fn to_api_json(self) -> Value {
        let mut details = Map::new();
        let fields = [
            ("catchIndex", self.catch_index.map(|index| json!(index))),
            ("retryIndex", self.retry_index.map(|index| json!(index))),
            (
                "retryBackoffIntervalSeconds",
                self.retry_backoff_interval_seconds.map(|seconds| json!(seconds)),
            ),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                details.insert(name.to_owned(), value);
            }
        }
        Value::Object(details)
    }
}

/// JSON with a space after each comma and colon: so AWS shows items that a path found.
pub(super) fn spaced(value: &Value) -> String {
    let mut text = String::new();
    let (mut in_string, mut is_escaped) = (false, false);
    for character in value.to_string().chars() {
        text.push(character);
        if in_string {
            in_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
        } else if character == '"' {
            in_string = true;
        } else if matches!(character, ',' | ':') {
            text.push(' ');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_stand_outside_of_strings_only() {
        assert_eq!(spaced(&json!(["a,b", { "c\"": 1 }])), r#"["a,b", {"c\"": 1}]"#);
    }
}
