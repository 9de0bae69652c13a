//! Payloads: values that are passed on without being copied or written again.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A JSON value that shares structure and keeps its text once it was asked for. Cloning is cheap.
#[derive(Clone)]
pub struct Payload(Arc<Inner>);

struct Inner {
    value: Value,
    text: OnceLock<Arc<str>>,
}

impl Payload {
    pub fn new(value: Value) -> Self {
        Self(Arc::new(Inner { value, text: OnceLock::new() }))
    }

    /// Parses a text and keeps it as the payload's text.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let payload = Self::new(serde_json::from_str(text)?);
        let _ = payload.0.text.set(text.into());
        Ok(payload)
    }

    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// The text: as it was given, else compact.
    pub fn text(&self) -> &Arc<str> {
        self.0.text.get_or_init(|| self.0.value.to_string().into())
    }

    /// The size that counts against the payload quota: bytes of UTF-8.
    pub fn bytes(&self) -> usize {
        self.text().len()
    }

    /// The value, without copying it where nobody else holds it.
    pub fn into_value(self) -> Value {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.value.clone(), |inner| inner.value)
    }

    /// An empty object.
    pub fn empty() -> Self {
        Self::new(Value::Object(serde_json::Map::new()))
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self::new(Value::Null)
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self::new(value)
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.value == other.0.value
    }
}

impl Eq for Payload {}

impl fmt::Debug for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Payload({})", self.0.value)
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.value.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::new)
    }
}
