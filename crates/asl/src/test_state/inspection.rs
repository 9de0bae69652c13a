//! What `inspectionData` tells.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use stepward_query::Payload;

use crate::event::Assigned;

/// What each field of the state evaluated to (AWS: InspectionData).
#[derive(Clone, Debug, Default)]
pub struct InspectionData {
    texts: Vec<(&'static str, String)>,
    numbers: Vec<(&'static str, Value)>,
    /// What became of an error.
    pub error_details: ErrorDetails,
    /// What an HTTP task sent and received.
    pub exchange: Option<HttpExchange>,
}

/// What an HTTP task sent and received, for the inspection level TRACE. Whoever performs the task leaves out secrets
/// that are not to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpExchange {
    /// What was sent.
    pub request: HttpMessage,
    /// What came back; none if nothing did.
    pub response: Option<HttpMessage>,
}

/// A request or a response (AWS: InspectionDataRequest, InspectionDataResponse).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpMessage {
    /// For example `https`.
    pub protocol: String,
    /// Of a request.
    pub method: Option<String>,
    /// Of a request.
    pub url: Option<String>,
    /// Of a response.
    pub status_code: Option<String>,
    /// Of a response: the words after the code.
    pub status_message: Option<String>,
    /// As a JSON text.
    pub headers: Option<String>,
    /// As it was sent.
    pub body: Option<String>,
}

impl HttpMessage {
    fn to_api_json(&self) -> Value {
        let fields = [
            ("protocol", Some(&self.protocol)),
            ("method", self.method.as_ref()),
            ("url", self.url.as_ref()),
            ("statusCode", self.status_code.as_ref()),
            ("statusMessage", self.status_message.as_ref()),
            ("headers", self.headers.as_ref()),
            ("body", self.body.as_ref()),
        ];
        let told =
            fields.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.as_str().into())));
        Value::Object(told.collect())
    }
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

    /// A list of items.
    pub(super) fn put_items(&mut self, name: &'static str, items: &[Value]) {
        self.put_text(name, listed(items));
    }

    /// The variables as they are after the state: those that were given and those that it assigned.
    pub(super) fn put_variables(&mut self, given: Option<Value>, assigned: Option<Arc<Assigned>>) {
        let mut variables = match given {
            Some(Value::Object(given)) => given,
            _ if assigned.is_none() => return,
            _ => Map::new(),
        };
        for (name, value) in assigned.iter().flat_map(|assigned| assigned.iter()) {
            variables.insert(name.to_string(), value.value().clone());
        }
        self.put_text("variables", Value::Object(variables).to_string());
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
        if let Some(exchange) = &self.exchange {
            object.insert("request".to_owned(), exchange.request.to_api_json());
            let response = exchange.response.as_ref().map(HttpMessage::to_api_json);
            object.extend(response.map(|response| ("response".to_owned(), response)));
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

/// A list as AWS shows it: the texts of its items, with a comma and a space between them.
fn listed(items: &[Value]) -> String {
    let items: Vec<String> = items.iter().map(Value::to_string).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_list_are_apart_and_what_is_in_them_is_not() {
        assert_eq!(listed(&[json!("a,b"), json!({ "c": 1, "d": [1, 2] })]), r#"["a,b", {"c":1,"d":[1,2]}]"#);
        assert_eq!(listed(&[]), "[]");
    }

    #[test]
    fn variables_are_told_as_they_are_after_the_state() {
        let mut inspection = InspectionData::default();
        let assigned: Assigned = vec![("b".into(), Payload::new(json!(3)))].into_iter().collect();
        inspection.put_variables(Some(json!({ "a": 1, "b": 2 })), Some(Arc::new(assigned)));
        assert_eq!(inspection.to_api_json()["variables"], r#"{"a":1,"b":3}"#);
        let mut inspection = InspectionData::default();
        inspection.put_variables(None, None);
        assert_eq!(inspection.to_api_json(), json!({}));
    }

    #[test]
    fn of_an_exchange_every_part_is_told_that_there_is() {
        let part = |protocol: &str| HttpMessage { protocol: protocol.to_owned(), ..HttpMessage::default() };
        let exchange = HttpExchange {
            request: HttpMessage { method: Some("GET".to_owned()), ..part("https") },
            response: Some(HttpMessage { status_code: Some("200".to_owned()), ..part("https") }),
        };
        let inspection = InspectionData { exchange: Some(exchange), ..InspectionData::default() };
        assert_eq!(
            inspection.to_api_json(),
            json!({
                "request": { "protocol": "https", "method": "GET" },
                "response": { "protocol": "https", "statusCode": "200" },
            })
        );
    }
}
