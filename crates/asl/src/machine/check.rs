//! Whether an object of a definition has the fields that it must have and no others, each of its kind.
//!
//! The texts are AWS's where they are known (ValidateStateMachineDefinition, CreateStateMachine). What stands behind a
//! field, such as a template's expressions, is found out when it is lowered.

mod choice;
mod fields;
mod graph;
mod handlers;
mod map;
mod names;
pub(super) mod tables;
mod variables;
mod warnings;

pub(super) use choice::rules;
pub(super) use graph::{has_end, reachable};
pub(super) use handlers::handlers;
pub(super) use map::{distributed_in_express, map};
pub(super) use names::{Names, assigned};
pub(super) use variables::{Reads, variables};
pub(super) use warnings::warnings;

use fields::value;
use serde_json::Value;

use super::QueryLanguage;
use super::source::{Problems, Source};

/// The fields that an object may have.
pub(super) struct Object {
    pub(super) fields: &'static [&'static [Field]],
    /// Fields of which there may be one only.
    pub(super) groups: &'static [Group],
}

impl Object {
    fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().copied().flatten()
    }
}

/// One field.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    /// The only language that has the field; both have it if unset.
    language: Option<QueryLanguage>,
    is_required: bool,
}

/// Fields that exclude each other.
pub(super) struct Group {
    names: &'static [&'static str],
    is_required: bool,
}

/// What a field's value has to be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Anything, or something that is looked at elsewhere.
    Any,
    Text,
    Flag,
    /// An object whose fields are free.
    Open,
    /// An integer; in JSONata also an expression.
    Whole(i64, i64),
    /// A number; in JSONata also an expression.
    Fraction(f64, f64),
    /// Any number.
    Number,
    Word(&'static [&'static str]),
    /// A path; `null` stands for nothing.
    Path,
    /// A path to one place; `null` stands for nothing where that is allowed.
    Reference(Roots),
    /// A path to one place or an intrinsic function.
    ReferenceOrCall,
    /// `true`, `false` or an expression.
    Condition,
    /// An RFC 3339 timestamp; in JSONata also an expression.
    Timestamp,
    /// An object with the fields of the table.
    Object(&'static Object),
    /// A list of such objects; may it be empty?
    Objects(&'static Object, bool),
    /// A list of objects that are looked at later, at least one.
    Scopes,
    /// A list of error names, at least one.
    ErrorNames,
    /// A list of texts.
    Texts,
}

/// What a reference path may begin at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Roots {
    /// `$` only, and `null`: a place to write to.
    Writable,
    /// `$` or a variable.
    Data,
    /// And the context object.
    Any,
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, language: None, is_required: false }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { is_required: true, ..field(name, kind) }
}

/// A field that only JSONPath has.
const fn json_path(name: &'static str, kind: Kind) -> Field {
    Field { language: Some(QueryLanguage::JsonPath), ..field(name, kind) }
}

/// A field that only JSONata has.
const fn jsonata(name: &'static str, kind: Kind) -> Field {
    Field { language: Some(QueryLanguage::Jsonata), ..field(name, kind) }
}

/// Fields that there may be one of.
const fn one_of(names: &'static [&'static str]) -> Group {
    Group { names, is_required: false }
}

/// Fields that there must be one of.
const fn exactly_one_of(names: &'static [&'static str]) -> Group {
    Group { names, is_required: true }
}

/// Checks an object and the objects in it.
pub(super) fn object(problems: &mut Problems, source: &Source<'_>, object: &Object) {
    let missing: Vec<&str> = object
        .all_fields()
        .filter(|field| field.is_required && source.get(field.name).is_none())
        .map(|field| field.name)
        .collect();
    if !missing.is_empty() {
        problems.add(format!("These fields are required: [{}]", missing.join(", ")), source.place());
    }
    for (name, found) in source.fields {
        match object.all_fields().find(|field| field.name == name) {
            None => problems.add(format!("Field '{name}' is not supported"), source.place()),
            Some(field) => match field.language.filter(|language| *language != source.language) {
                Some(language) => problems.add(wrong_language(name, language), source.place()),
                None => value(problems, source, name, (found, field.kind)),
            },
        }
    }
    object.groups.iter().for_each(|group| check_group(problems, source, group));
}

fn wrong_language(name: &str, language: QueryLanguage) -> String {
    let other = match language {
        QueryLanguage::JsonPath => QueryLanguage::Jsonata,
        QueryLanguage::Jsonata => QueryLanguage::JsonPath,
    };
    let (other, language) = (other.name(), language.name());
    format!(
        "The QueryLanguage is set to '{other}', but field '{name}' is only supported for the '{language}' QueryLanguage"
    )
}

fn check_group(problems: &mut Problems, source: &Source<'_>, group: &Group) {
    // `"End": false` says nothing.
    let is_given =
        |name: &&&str| source.get(name).is_some_and(|value| **name != "End" || value != &Value::Bool(false));
    let names = group.names.join(", ");
    match group.names.iter().filter(is_given).count() {
        0 if group.is_required => {
            let message = format!("This object should have only one of the following fields: [{names}]");
            problems.add(message, source.place());
        }
        0 | 1 => {}
        _ => {
            let message = format!("There should only be one of the following fields: [{names}]");
            problems.add(message, source.place());
        }
    }
}

#[cfg(test)]
mod tests;
