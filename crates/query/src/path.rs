//! JSONPath as Step Functions uses it (Jayway's semantics): definite paths give one value, others a list.

mod filter;
mod function;
mod parse;
mod select;

pub(crate) use filter::equal;

use std::borrow::Cow;

use serde_json::Value;

use crate::error::PathError;
use filter::Filter;
use function::Function;

/// A parsed path.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath {
    steps: Vec<Step>,
    function: Option<Function>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Names(Vec<String>),
    /// Negative ones count from the end.
    Indices(Vec<i64>),
    Slice {
        from: Option<i64>,
        to: Option<i64>,
        by: i64,
    },
    Every,
    /// The step that follows applies to every node below.
    Deep,
    Filter(Filter),
}

impl JsonPath {
    /// Parses a path that begins with `$`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        parse::path(text)
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether the path is `$`.
    pub fn is_root(&self) -> bool {
        self.steps.is_empty() && self.function.is_none()
    }

    /// Whether the path names one place, so that its value is given as it is and not in a list.
    pub fn is_definite(&self) -> bool {
        self.function.is_some() || self.is_definite_without_function()
    }

    /// Whether the path is one of names and indices alone (AWS: Reference Path).
    pub fn is_reference(&self) -> bool {
        self.function.is_none() && self.steps.iter().all(Step::is_definite)
    }

    /// The value at the path; a definite path that finds nothing says where it stopped, in the words that AWS records.
    pub fn find(&self, document: &Value) -> Result<Value, PathError> {
        if let Some(value) = self.find_simple(document) {
            return Ok(value.clone());
        }
        let found = select::select(document, &self.steps, self.is_definite_without_function())?;
        if let Some(function) = &self.function {
            let found: Vec<&Value> = found.iter().map(|value| &**value).collect();
            return function.apply(&found, self.is_definite_without_function(), document);
        }
        if !self.is_definite() {
            return Ok(Value::Array(found.into_iter().map(Cow::into_owned).collect()));
        }
        let found = found.into_iter().next().map(Cow::into_owned);
        found.ok_or_else(|| PathError(format!("No results for path: {}", self.normalized())))
    }

    /// The value of a path of names and indices, borrowed; nothing when there is none or the path is not so simple.
    pub fn find_simple<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        if self.function.is_some() {
            return None;
        }
        self.steps.iter().try_fold(document, |value, step| match step {
            Step::Names(names) => match names.as_slice() {
                [name] => value.as_object()?.get(name),
                _ => None,
            },
            Step::Indices(indices) => match indices.as_slice() {
                [index] => select::at(value.as_array()?, *index),
                _ => None,
            },
            _ => None,
        })
    }

    /// Several names at the end give one object.
    fn is_definite_without_function(&self) -> bool {
        match self.steps.split_last() {
            Some((last, before)) => {
                (last.is_definite() || matches!(last, Step::Names(_))) && before.iter().all(Step::is_definite)
            }
            None => true,
        }
    }

    fn normalized(&self) -> String {
        self.steps.iter().fold("$".to_owned(), |path, step| path + &step.normalized())
    }
}

impl Step {
    /// Whether it leads to one place.
    fn is_definite(&self) -> bool {
        match self {
            Self::Names(names) => names.len() == 1,
            Self::Indices(indices) => indices.len() == 1,
            Self::Slice { .. } | Self::Every | Self::Deep | Self::Filter(_) => false,
        }
    }

    /// The step in bracket notation, as messages show it.
    pub(crate) fn normalized(&self) -> String {
        match self {
            Self::Names(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
                format!("[{}]", names.join(","))
            }
            Self::Indices(indices) => {
                let indices: Vec<String> = indices.iter().map(i64::to_string).collect();
                format!("[{}]", indices.join(","))
            }
            Self::Slice { from, to, .. } => {
                let shown = |end: &Option<i64>| end.map(|end| end.to_string()).unwrap_or_default();
                format!("[{}:{}]", shown(from), shown(to))
            }
            Self::Every => "[*]".to_owned(),
            Self::Deep => "..".to_owned(),
            Self::Filter(_) => "[?]".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
