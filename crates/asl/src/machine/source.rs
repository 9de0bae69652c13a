//! Reading the fields of one object of a definition; what is wrong with them is collected.

use serde_json::{Map, Value};
use stepward_query::{Expression, ReferencePath, Template};

use super::QueryLanguage;
use super::fields::{Path, PathField, ResultPathField, Selector};
use super::jsonata::JsonataField;
use super::state::{Number, Text};
use crate::diagnostic::Diagnostic;

/// One object of a definition.
pub(super) struct Source<'a> {
    pub(super) fields: &'a Map<String, Value>,
    /// Where it is, as diagnostics tell it.
    pub(super) location: String,
    pub(super) language: QueryLanguage,
}

impl<'a> Source<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.location)
    }

    /// The objects of an array field.
    pub(super) fn objects(&self, name: &str) -> Vec<Source<'a>> {
        let items = self.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let objects = items.iter().enumerate().filter_map(|(index, item)| {
            let location = format!("{}[{index}]", self.at(name));
            Some(Source { fields: item.as_object()?, location, language: self.language })
        });
        objects.collect()
    }

    pub(super) fn object(&self, name: &str) -> Option<Source<'a>> {
        let fields = self.get(name)?.as_object()?;
        Some(Source { fields, location: self.at(name), language: self.language })
    }
}

/// What was wrong so far.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<Diagnostic>);

impl Problems {
    pub(super) fn add(&mut self, message: impl Into<String>, location: impl Into<String>) {
        self.0.push(Diagnostic::schema(message, location));
    }

    /// A payload template or JSON with JSONata, by the object's language.
    pub(super) fn selector(&mut self, source: &Source<'_>, field: &'static str) -> Option<Selector> {
        let value = source.get(field)?;
        match source.language {
            QueryLanguage::JsonPath => match Template::parse(value) {
                Ok(template) => Some(Selector::json_path(field, template, value)),
                Err(error) => {
                    self.add(error.reason, source.at(field));
                    None
                }
            },
            QueryLanguage::Jsonata => self.jsonata(source, field),
        }
    }

    /// JSON with JSONata.
    pub(super) fn jsonata(&mut self, source: &Source<'_>, field: &'static str) -> Option<Selector> {
        let value = source.get(field)?;
        match JsonataField::parse(value) {
            Ok(form) => Some(Selector::jsonata(field, form, value)),
            Err(message) => {
                self.add(message, source.at(field));
                None
            }
        }
    }

    /// A path; no intrinsic function.
    pub(super) fn path(&mut self, source: &Source<'_>, field: &str) -> Option<Path> {
        let text = source.text(field)?;
        self.parsed(Expression::parse_path(text).map(Path::new), source.at(field))
    }

    /// A path or an intrinsic function.
    pub(super) fn path_or_call(&mut self, source: &Source<'_>, field: &str) -> Option<Path> {
        let text = source.text(field)?;
        self.parsed(Expression::parse(text).map(Path::new), source.at(field))
    }

    fn parsed<T>(&mut self, result: Result<T, stepward_query::PathError>, location: String) -> Option<T> {
        match result {
            Ok(parsed) => Some(parsed),
            Err(_) => {
                self.add("Value is not a valid JSONPath", location);
                None
            }
        }
    }

    pub(super) fn path_field(&mut self, source: &Source<'_>, field: &str) -> PathField {
        match source.get(field) {
            None => PathField::Whole,
            Some(Value::Null) => PathField::Null,
            Some(_) => match self.path(source, field) {
                Some(path) if path.expression.is_whole_input() => PathField::Whole,
                Some(path) => PathField::At(path),
                None => PathField::Whole,
            },
        }
    }

    pub(super) fn result_path(&mut self, source: &Source<'_>) -> ResultPathField {
        match source.get("ResultPath") {
            None => ResultPathField::Whole,
            Some(Value::Null) => ResultPathField::Discard,
            Some(value) => match ReferencePath::parse(value.as_str().unwrap_or_default()) {
                Ok(path) if path.is_root() => ResultPathField::Whole,
                Ok(path) => ResultPathField::At(path),
                Err(_) => {
                    self.add("Value is not a Reference Path", source.at("ResultPath"));
                    ResultPathField::Whole
                }
            },
        }
    }

    /// A number in one field, or the path to one in the other.
    pub(super) fn number(&mut self, source: &Source<'_>, field: &'static str, path: &str) -> Option<Number> {
        if source.get(path).is_some() {
            return self.path(source, path).map(Number::Path);
        }
        let value = source.get(field)?;
        match (value.as_f64(), value.is_string() && source.language == QueryLanguage::Jsonata) {
            (Some(number), _) => Some(Number::Literal(number)),
            (None, true) => self.jsonata(source, field).map(Number::Jsonata),
            (None, false) => {
                self.add("Expected value of type Integer", source.at(field));
                None
            }
        }
    }

    /// A text in the one field, or a path or intrinsic function that gives one in the other.
    pub(super) fn text(&mut self, source: &Source<'_>, field: &'static str, path: &str) -> Option<Text> {
        if source.get(path).is_some() {
            return self.path_or_call(source, path).map(Text::Path);
        }
        let text = source.text(field)?;
        if source.language == QueryLanguage::Jsonata && text.starts_with("{%") && text.ends_with("%}") {
            return self.jsonata(source, field).map(Text::Jsonata);
        }
        Some(Text::Literal(text.into()))
    }
}
