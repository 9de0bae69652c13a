//! What TestState shows of an HTTP Task at its level TRACE: the request as it was sent, and what came back.
//!
//! What a connection adds is a secret, and shown only to who may have it revealed.

use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::arguments::Arguments;
use super::request::Outgoing;
use crate::outbound::Reply;

/// Takes what an HTTP Task sends and receives.
#[derive(Debug, Default)]
pub struct HttpTrace {
    reveals_secrets: bool,
    seen: Mutex<Map<String, Value>>,
}

impl HttpTrace {
    pub fn new(reveals_secrets: bool) -> Self {
        Self { reveals_secrets, seen: Mutex::default() }
    }

    /// `request` and `response` of `inspectionData`, as far as there were any.
    pub fn seen(&self) -> Map<String, Value> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn sends(&self, arguments: &Arguments, outgoing: &Outgoing, region: &str) {
        let plain = (!self.reveals_secrets).then(|| Outgoing::new(arguments, None, region).ok()).flatten();
        let shown = match &plain {
            Some(plain) => plain,
            None if self.reveals_secrets => outgoing,
            None => return,
        };
        let mut request = json!({
            "protocol": protocol(&shown.url),
            "method": shown.method,
            "url": shown.url,
            "headers": headers(&shown.headers),
        });
        if let (Some(members), Some(body)) = (request.as_object_mut(), &shown.body) {
            members.insert("body".to_owned(), json!(body));
        }
        self.keep("request", request);
    }

    pub(super) fn receives(&self, outgoing: &Outgoing, reply: &Reply) {
        let response = json!({
            "protocol": protocol(&outgoing.url),
            "statusCode": reply.status.to_string(),
            "statusMessage": reply.reason,
            "headers": headers(&reply.headers),
            "body": String::from_utf8_lossy(&reply.body),
        });
        self.keep("response", response);
    }

    fn keep(&self, name: &str, value: Value) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value);
    }
}

fn protocol(url: &str) -> &str {
    url.split_once("://").map_or("https", |(scheme, _)| scheme)
}

/// AWS: `[name: value, …]`, those of a request in order.
fn headers(headers: &[(String, String)]) -> String {
    let mut shown: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    shown.sort_by_key(|header| header.to_ascii_lowercase());
    format!("[{}]", shown.join(", "))
}
