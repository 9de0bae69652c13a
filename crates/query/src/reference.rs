//! Reference paths: one place in a document, to write to (ResultPath).

use serde_json::{Map, Value};

use crate::error::{PathError, QueryError};
use crate::path::{JsonPath, Step};

/// An index may grow an array by one, no more.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferencePath {
    text: String,
    steps: Vec<Place>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Name(String),
    Index(usize),
}

impl ReferencePath {
    /// Parses a path of names and indices only.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let path = JsonPath::parse(text)?;
        let steps = path.steps().iter().map(|step| match step {
            Step::Names(names) => match names.as_slice() {
                [name] => Some(Place::Name(name.clone())),
                _ => None,
            },
            Step::Indices(indices) => match indices.as_slice() {
                [index] => usize::try_from(*index).ok().map(Place::Index),
                _ => None,
            },
            _ => None,
        });
        let steps = steps.collect::<Option<Vec<_>>>();
        let steps = steps
            .ok_or_else(|| PathError(format!("'{text}' is not a reference path: it must name one place")))?;
        Ok(Self { text: text.to_owned(), steps })
    }

    /// Whether the path is `$`: the value replaces the whole document.
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// Writes the value into the document; objects on the way are made where nothing is.
    pub fn write(&self, document: Value, value: Value) -> Result<Value, QueryError> {
        if self.steps.is_empty() {
            return Ok(value);
        }
        let mut document = document;
        let mut place = Some(&mut document);
        for step in &self.steps {
            place = place.and_then(|place| Self::descend(place, step));
        }
        match place {
            Some(place) => {
                *place = value;
                Ok(document)
            }
            None => Err(self.mismatch(&document)),
        }
    }

    fn descend<'a>(place: &'a mut Value, step: &Place) -> Option<&'a mut Value> {
        match step {
            Place::Name(name) => {
                if place.is_null() {
                    *place = Value::Object(Map::new());
                }
                Some(place.as_object_mut()?.entry(name.clone()).or_insert(Value::Null))
            }
            Place::Index(index) => place.as_array_mut()?.get_mut(*index),
        }
    }

    fn mismatch(&self, document: &Value) -> QueryError {
        QueryError {
            error: "States.ResultPathMatchFailure".to_owned(),
            cause: format!("Unable to apply ReferencePath {} to input {document}", self.text),
            location: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn write(path: &str, document: Value) -> Result<Value, String> {
        let path = ReferencePath::parse(path).map_err(|error| error.to_string())?;
        path.write(document, json!(1)).map_err(|error| error.error)
    }

    #[test]
    fn objects_on_the_way_are_made() {
        assert_eq!(write("$.a.b", json!({"c": 2})), Ok(json!({"c": 2, "a": {"b": 1}})));
        assert_eq!(write("$", json!({"c": 2})), Ok(json!(1)));
        assert_eq!(write("$['a b']", json!({})), Ok(json!({"a b": 1})));
        assert_eq!(write("$.a[1]", json!({"a": [0, 0]})), Ok(json!({"a": [0, 1]})));
    }

    #[test]
    fn what_does_not_fit_fails_with_the_error_of_the_language() {
        for (path, document) in
            [("$.a.b", json!({"a": 1})), ("$.a[2]", json!({"a": [0]})), ("$.a", json!([]))]
        {
            assert_eq!(write(path, document), Err("States.ResultPathMatchFailure".to_owned()));
        }
    }

    #[test]
    fn a_path_to_many_places_is_no_reference_path() {
        for path in ["$.a[*]", "$..a", "$['a','b']", "$.a[-1]", "$.a[?(@.b)]", "a", ""] {
            assert!(ReferencePath::parse(path).is_err(), "{path}");
        }
    }
}
