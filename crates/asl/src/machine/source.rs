//! Reading the fields of one object of a definition; what is wrong with them is collected.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Map, Value};
use stepward_query::{Expression, ReferencePath, References, Template};

use super::QueryLanguage;
use super::fields::{Path, PathField, ResultPathField, Selector};
use super::jsonata::JsonataField;
use super::state::{Number, Text};
use crate::diagnostic::Diagnostic;

/// Where an object of a definition is: written out only once something is told of it.
#[derive(Clone, Default)]
pub(super) struct Place<'a>(Option<Rc<Step<'a>>>);

struct Step<'a> {
    before: Place<'a>,
    field: &'a str,
    /// Which item of the field.
    item: Option<usize>,
}

impl<'a> Place<'a> {
    fn below(&self, field: &'a str, item: Option<usize>) -> Self {
        Self(Some(Rc::new(Step { before: self.clone(), field, item })))
    }

    /// As diagnostics tell it; nothing for the whole machine.
    pub(super) fn written(&self) -> String {
        let mut steps = Vec::new();
        let mut place = self;
        while let Some(step) = &place.0 {
            steps.push(&**step);
            place = &step.before;
        }
        let mut text = String::new();
        for step in steps.iter().rev() {
            text.push('/');
            text.push_str(step.field);
            if let Some(item) = step.item {
                text.push_str(&format!("[{item}]"));
            }
        }
        text
    }
}

/// One object of a definition.
#[derive(Clone)]
pub(super) struct Source<'a> {
    pub(super) fields: &'a Map<String, Value>,
    pub(super) location: Place<'a>,
    pub(super) language: QueryLanguage,
}

/// So few fields are compared faster than they are hashed.
const FIELDS_COMPARED: usize = 16;

/// A field of an object.
pub(super) fn field<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if fields.len() > FIELDS_COMPARED {
        return fields.get(name);
    }
    fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

impl<'a> Source<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        field(self.fields, name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }

    /// Where the object is.
    pub(super) fn place(&self) -> String {
        let place = self.location.written();
        if place.is_empty() { "/".to_owned() } else { place }
    }

    /// Where a field of it is.
    pub(super) fn at(&self, name: &str) -> String {
        let mut place = self.location.written();
        place.push('/');
        place.push_str(name);
        place
    }

    /// The object of a field whose value is known.
    pub(super) fn inner(&self, name: &'a str, fields: &'a Map<String, Value>) -> Source<'a> {
        Source { fields, location: self.location.below(name, None), language: self.language }
    }

    /// The objects of an array field.
    pub(super) fn objects(&self, name: &'a str) -> Vec<Source<'a>> {
        let items = self.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let objects = items.iter().enumerate().filter_map(|(index, item)| {
            let location = self.location.below(name, Some(index));
            Some(Source { fields: item.as_object()?, location, language: self.language })
        });
        objects.collect()
    }

    pub(super) fn object(&self, name: &'a str) -> Option<Source<'a>> {
        Some(self.inner(name, self.get(name)?.as_object()?))
    }
}

/// Whether a text opens like an expression and does not end like one.
fn is_open(text: &str) -> bool {
    text.starts_with("{%") && !text.ends_with("%}")
}

/// Whether there is such a text in a value. The depth is bounded by the JSON parser.
fn is_delimited_wrongly(value: &Value) -> bool {
    match value {
        Value::String(text) => is_open(text),
        Value::Array(items) => items.iter().any(is_delimited_wrongly),
        Value::Object(fields) => fields.values().any(is_delimited_wrongly),
        _ => false,
    }
}

/// Which fields of `$states` there are, besides `input` and `context`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Nothing,
    /// `$states.result`: where a task, a Parallel or a Map has succeeded.
    Result,
    /// `$states.errorOutput`: in a catcher.
    ErrorOutput,
}

/// What was wrong so far.
#[derive(Default)]
pub(super) struct Problems {
    pub(super) told: Vec<Diagnostic>,
    /// The variables that were read.
    reads: BTreeSet<String>,
    /// Paths of the state at hand that were parsed when they were checked, by the place of their texts in memory.
    parsed: Vec<(usize, Expression)>,
}

impl Problems {
    pub(super) fn add(&mut self, message: impl Into<String>, location: impl Into<String>) {
        self.told.push(Diagnostic::schema(message, location));
    }

    /// The variables that were read since this was asked last: between one state and the next.
    pub(super) fn take_reads(&mut self) -> BTreeSet<String> {
        self.parsed.clear();
        std::mem::take(&mut self.reads)
    }

    /// A payload template or JSON with JSONata, by the object's language.
    pub(super) fn selector(
        &mut self,
        source: &Source<'_>,
        field: &'static str,
        given: Given,
    ) -> Option<Selector> {
        let value = source.get(field)?;
        match source.language {
            QueryLanguage::JsonPath => match Template::parse(value) {
                Ok(template) => {
                    self.reads.extend(template.variables().into_iter().map(str::to_owned));
                    Some(Selector::json_path(field, template, value))
                }
                Err(errors) => {
                    errors.into_iter().for_each(|error| self.add(error.reason, source.at(field)));
                    None
                }
            },
            QueryLanguage::Jsonata => self.jsonata(source, field, given),
        }
    }

    /// JSON with JSONata.
    pub(super) fn jsonata(
        &mut self,
        source: &Source<'_>,
        field: &'static str,
        given: Given,
    ) -> Option<Selector> {
        let value = source.get(field)?;
        if is_delimited_wrongly(value) {
            self.delimiters(value, &source.at(field));
        }
        match JsonataField::parse(value) {
            Ok(form) => {
                for (path, part) in form.template().parts() {
                    self.references(part.references, given, || format!("{}{path}", source.at(field)));
                }
                Some(Selector::jsonata(field, form))
            }
            Err(errors) => {
                for error in errors {
                    let place = format!("{}{}", source.at(field), error.field);
                    self.told.push(Diagnostic::of("INVALID_JSONATA_EXPRESSION", error.reason, place));
                }
                None
            }
        }
    }

    /// Reports what opens like an expression and does not end like one. The depth is bounded by the JSON parser.
    fn delimiters(&mut self, value: &Value, place: &str) {
        match value {
            Value::String(text) if is_open(text) => {
                self.add("JSONata string must start with {% and end with %}", place);
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(at, item)| self.delimiters(item, &format!("{place}[{at}]")));
            }
            Value::Object(fields) => {
                fields.iter().for_each(|(name, field)| self.delimiters(field, &format!("{place}/{name}")));
            }
            _ => {}
        }
    }

    /// Reports what an expression refers to although it is not there.
    fn references(&mut self, references: &References, given: Given, place: impl Fn() -> String) {
        let mut refuse = |message: String| {
            self.told.push(Diagnostic::of("UNSUPPORTED_JSONATA_EXPRESSION", message, place()))
        };
        for name in &references.top_level {
            refuse(format!("Reference to '{name}' at the top level is not supported."));
        }
        if references.whole_input {
            refuse("Reference to '$$' is not supported.".to_owned());
        }
        for (name, field) in &references.fields {
            let is_there = match field.as_str() {
                "input" | "context" => true,
                "result" => given == Given::Result,
                "errorOutput" => given == Given::ErrorOutput,
                _ => false,
            };
            if name == "states" && !is_there {
                refuse(format!("Field '$states.{field}' does not exist."));
            }
        }
        let read = references.variables.iter().filter(|name| *name != "states");
        self.reads.extend(read.cloned());
    }

    /// A path that is checked: kept for when it is read.
    pub(super) fn checked_path(&mut self, text: &str) -> Option<&Expression> {
        let expression = Expression::parse_path(text).ok()?;
        self.parsed.push((text.as_ptr().addr(), expression));
        self.parsed.last().map(|(_, expression)| expression)
    }

    /// A path; no intrinsic function. Whether the text is one is checked elsewhere.
    pub(super) fn path(&mut self, source: &Source<'_>, field: &str) -> Option<Path> {
        let text = source.text(field)?;
        let known = self.parsed.iter().position(|(at, _)| *at == text.as_ptr().addr());
        let expression = match known {
            Some(index) => self.parsed.swap_remove(index).1,
            None => Expression::parse_path(text).ok()?,
        };
        self.read(expression)
    }

    /// A path or an intrinsic function.
    pub(super) fn path_or_call(&mut self, source: &Source<'_>, field: &str) -> Option<Path> {
        self.read(Expression::parse(source.text(field)?).ok()?)
    }

    fn read(&mut self, expression: Expression) -> Option<Path> {
        self.reads.extend(expression.variables().into_iter().map(str::to_owned));
        Some(Path::new(expression))
    }

    pub(super) fn path_field(&mut self, source: &Source<'_>, field: &str) -> PathField {
        match source.get(field) {
            Some(Value::Null) => PathField::Null,
            _ => match self.path(source, field) {
                Some(path) if !path.expression.is_whole_input() => PathField::At(path),
                _ => PathField::Whole,
            },
        }
    }

    pub(super) fn result_path(source: &Source<'_>) -> ResultPathField {
        match source.get("ResultPath") {
            Some(Value::Null) => ResultPathField::Discard,
            value => match ReferencePath::parse(value.and_then(Value::as_str).unwrap_or("$")) {
                Ok(path) if !path.is_root() => ResultPathField::At(path),
                _ => ResultPathField::Whole,
            },
        }
    }

    /// A number in one field, or the path to one in the other.
    pub(super) fn number(&mut self, source: &Source<'_>, field: &'static str, path: &str) -> Option<Number> {
        if source.get(path).is_some() {
            return self.path(source, path).map(Number::Path);
        }
        let value = source.get(field)?;
        match value.as_f64() {
            Some(number) => Some(Number::Literal(number)),
            None if source.language == QueryLanguage::Jsonata => {
                self.jsonata(source, field, Given::Nothing).map(Number::Jsonata)
            }
            None => None,
        }
    }

    /// A text in the one field, or a path or intrinsic function that gives one in the other.
    pub(super) fn dynamic_text(
        &mut self,
        source: &Source<'_>,
        field: &'static str,
        path: &str,
    ) -> Option<Text> {
        if source.get(path).is_some() {
            return self.path_or_call(source, path).map(Text::Path);
        }
        let text = source.text(field)?;
        if source.language == QueryLanguage::Jsonata && text.starts_with("{%") {
            return self.jsonata(source, field, Given::Nothing).map(Text::Jsonata);
        }
        Some(Text::Literal(text.into()))
    }
}
