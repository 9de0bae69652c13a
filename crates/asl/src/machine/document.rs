//! A definition's text as JSON, with the states that occur twice in one object.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The document, and the places of states whose names occur more than once: JSON lets the last one win.
pub(super) fn parse(text: &str) -> Result<(Value, Vec<String>), serde_json::Error> {
    let mut found = Vec::new();
    let mut path = String::new();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = Node { path: &mut path, is_states: false, found: &mut found };
    let value = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((value, found))
}

struct Node<'a> {
    path: &'a mut String,
    /// Whether this is the object of a scope's states.
    is_states: bool,
    found: &'a mut Vec<String>,
}

impl Node<'_> {
    /// One level further down: a field or an item.
    fn below(&mut self, field: &str, item: Option<usize>, is_states: bool) -> (usize, Node<'_>) {
        let length = self.path.len();
        match item {
            Some(item) => self.path.push_str(&format!("[{item}]")),
            None => {
                self.path.push('/');
                self.path.push_str(field);
            }
        }
        (length, Node { path: self.path, is_states, found: self.found })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        loop {
            let (length, node) = self.below("", Some(array.len()), false);
            let item = items.next_element_seed(node);
            self.path.truncate(length);
            match item? {
                Some(item) => array.push(item),
                None => return Ok(Value::Array(array)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        let is_states = self.is_states;
        while let Some(name) = fields.next_key::<String>()? {
            let (length, node) = self.below(&name, None, name == "States" && !is_states);
            if is_states && object.contains_key(&name) {
                node.found.push(node.path.clone());
            }
            let value = fields.next_value_seed(node);
            self.path.truncate(length);
            object.insert(name, value?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_occurs_twice_is_found_and_other_fields_are_not() {
        let text = r#"{"a": 1, "a": 2.5, "States": {"X": {"Branches": [{"States": {"Y": 1, "Y": 2}}]}, "X": {"Next": null, "Next": [true]}}}"#;
        let (value, found) = parse(text).unwrap();
        assert_eq!(found, ["/States/X/Branches[0]/States/Y", "/States/X"]);
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn what_is_no_json_is_refused_as_by_the_parser() {
        for text in ["", "{", "{} x", "[1,]", "nul"] {
            let (ours, theirs) = (parse(text).unwrap_err(), serde_json::from_str::<Value>(text).unwrap_err());
            assert_eq!(ours.to_string(), theirs.to_string(), "{text}");
        }
    }
}
