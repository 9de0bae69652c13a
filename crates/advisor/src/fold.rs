//! Fields of a definition, worked out as far as that is possible before anything runs.
//!
//! What depends on the input stays unknown; literals, intrinsic functions and JSONata over literals, variables with
//! known values, and the parts of the context object that are fixed for a state machine are folded.

mod jsonata;
mod jsonpath;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepward_query::{Payload, Variables};

use crate::place::Place;
use crate::shape::Shape;

pub(crate) use stepward_asl::QueryLanguage;

/// No field is nested deeper.
const DEPTH_MAX: usize = 100;

/// What fields are folded with.
pub(crate) struct Fold<'a> {
    pub(crate) place: &'a Place,
    /// What every assignment of a variable can give it.
    pub(crate) variables: &'a BTreeMap<String, Shape>,
}

impl Fold<'_> {
    /// A field as it is written, in a state of this language.
    pub(crate) fn field(&self, value: &Value, language: QueryLanguage) -> Shape {
        match language {
            QueryLanguage::JsonPath => self.template(value, 0),
            QueryLanguage::Jsonata => self.expressions(value, 0),
        }
    }

    /// A path or an intrinsic function, as in `RoleArn.$`.
    pub(crate) fn expression(&self, text: &str) -> Shape {
        jsonpath::expression(self, text)
    }

    fn template(&self, value: &Value, depth: usize) -> Shape {
        if depth > DEPTH_MAX {
            return Shape::Unknown;
        }
        match value {
            Value::Object(fields) => {
                let fold = |(key, value): (&String, &Value)| match (key.strip_suffix(".$"), value) {
                    (Some(name), Value::String(text)) => (name.to_owned(), self.expression(text)),
                    _ => (key.clone(), self.template(value, depth + 1)),
                };
                Shape::object(fields.iter().map(fold).collect())
            }
            Value::Array(items) => {
                Shape::array(items.iter().map(|item| self.template(item, depth + 1)).collect())
            }
            scalar => Shape::exactly(scalar.clone()),
        }
    }

    fn expressions(&self, value: &Value, depth: usize) -> Shape {
        if depth > DEPTH_MAX {
            return Shape::Unknown;
        }
        match value {
            Value::Object(fields) => {
                let fold =
                    |(key, value): (&String, &Value)| (key.clone(), self.expressions(value, depth + 1));
                Shape::object(fields.iter().map(fold).collect())
            }
            Value::Array(items) => {
                Shape::array(items.iter().map(|item| self.expressions(item, depth + 1)).collect())
            }
            Value::String(text) => match stepward_query::jsonata_source(text) {
                Some(source) => jsonata::expression(self, source, 0),
                None => Shape::exactly(value.clone()),
            },
            scalar => Shape::exactly(scalar.clone()),
        }
    }

    /// What is fixed in the context object, by the names that lead there.
    fn context(&self, names: &[&str]) -> Shape {
        let place = self.place;
        match names {
            ["StateMachine", "Id"] => Shape::exactly(json!(place.state_machine_arn())),
            ["StateMachine", "Name"] => Shape::exactly(json!(place.state_machine)),
            ["Execution", "Id"] => Shape::Text(vec![place.executions()]),
            _ => Shape::Unknown,
        }
    }

    /// A variable, and the names that lead into its value.
    fn variable(&self, name: &str, names: &[&str]) -> Shape {
        let start = self.variables.get(name).cloned().unwrap_or(Shape::Unknown);
        names.iter().try_fold(start, |shape, name| shape.field(name)).unwrap_or(Shape::Unknown)
    }

    /// The variables of these names as values, when each has exactly one.
    fn values(&self, names: &[&str]) -> Option<Variables> {
        let mut variables = Variables::default();
        for name in names {
            let value = self.variables.get(*name)?.value()?.clone();
            variables.assign((*name).into(), Payload::new(value));
        }
        Some(variables)
    }
}

/// The names of a path such as `.a.b`; nothing for anything that is not names only.
fn path_names(path: &str) -> Option<Vec<&str>> {
    if path.is_empty() {
        return Some(Vec::new());
    }
    let names: Vec<&str> = path.strip_prefix('.')?.split('.').collect();
    let is_name = |name: &&str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    names.iter().all(is_name).then_some(names)
}

#[cfg(test)]
mod tests;
