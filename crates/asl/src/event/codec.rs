//! The stored form of events: one JSON array per batch, payloads as JSON within it.

use super::Event;

/// Stored events that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("stored events cannot be read: {0}")]
pub struct DecodeError(#[from] serde_json::Error);

/// The stored form of a batch of events. An empty result for events that cannot be written, which no event is.
pub fn encode_events(events: &[Event]) -> Vec<u8> {
    serde_json::to_vec(events).unwrap_or_default()
}

/// Reads what [`encode_events`] wrote.
pub fn decode_events(bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    Ok(serde_json::from_slice(bytes)?)
}

/// A payload is stored as its value. One whose text is not the compact form of its value (an execution's input is shown
/// as it was given) is stored as `{"": text}`, and so is every value that looks like that or is
/// nested deeply (the parser bounds the depth of the whole batch).
pub(super) mod payload {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;
    use stepward_query::Payload;

    use crate::evaluate::is_deeper;

    pub(in crate::event) fn serialize<S: Serializer>(payload: &Payload, to: S) -> Result<S::Ok, S::Error> {
        if needs_text(payload) {
            std::collections::BTreeMap::from([("", &**payload.text())]).serialize(to)
        } else {
            payload.value().serialize(to)
        }
    }

    pub(in crate::event) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Payload, D::Error> {
        let value = Value::deserialize(from)?;
        match text_of(&value) {
            Some(text) => Payload::parse(text).map_err(serde::de::Error::custom),
            None => Ok(Payload::new(value)),
        }
    }

    /// Far from the parser's limit of 128, of which events take some.
    const DEPTH_MAX: u32 = 64;

    fn needs_text(payload: &Payload) -> bool {
        if text_of(payload.value()).is_some() || is_deeper(payload.value(), DEPTH_MAX) {
            return true;
        }
        let text = payload.text();
        let has_space = text.bytes().any(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r'));
        has_space && **text != *payload.value().to_string()
    }

    fn text_of(value: &Value) -> Option<&str> {
        let fields = value.as_object().filter(|fields| fields.len() == 1)?;
        fields.get("")?.as_str()
    }
}

/// Assigned variables as a list of pairs.
pub(super) mod optional_assigned {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use stepward_query::Payload;

    use crate::event::Assigned;

    #[derive(Serialize)]
    struct Stored<'a>(&'a str, #[serde(serialize_with = "super::payload::serialize")] &'a Payload);

    #[derive(Deserialize)]
    struct Read(String, #[serde(deserialize_with = "super::payload::deserialize")] Payload);

    pub(in crate::event) fn serialize<S: Serializer>(
        assigned: &Option<Arc<Assigned>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let pairs = assigned.iter().flat_map(|all| all.iter());
        let pairs: Vec<Stored<'_>> = pairs.map(|(name, value)| Stored(name, value)).collect();
        pairs.serialize(to)
    }

    pub(in crate::event) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Arc<Assigned>>, D::Error> {
        let pairs = Vec::<Read>::deserialize(from)?;
        let assigned = pairs.into_iter().map(|Read(name, value)| (name.into(), value)).collect();
        Ok(Some(Arc::new(assigned)))
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use stepward_query::Payload;

    #[derive(Serialize, Deserialize)]
    struct Holder(#[serde(with = "super::payload")] Payload);

    #[test]
    fn a_payload_keeps_its_text_whatever_it_looks_like_and_however_deep_it_is() {
        let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
        for text in ["{\"a\":1}", "[1, 2]", "{\"\":\"x\"}", "{\"\": 1}", "\"a b\"", "1.0", "null", &*deep] {
            let stored = serde_json::to_string(&Holder(Payload::parse(text).unwrap())).unwrap();
            let Holder(payload) = serde_json::from_str(&stored).unwrap();
            assert_eq!(&**payload.text(), text);
        }
    }
}
