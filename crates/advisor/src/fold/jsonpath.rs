//! Paths and intrinsic functions of JSONPath states.

use serde_json::Value;
use stepward_query::{Expression, Scope, Seed, Variables};

use super::{Fold, path_names};
use crate::scan;
use crate::shape::Shape;

/// Functions that give something else every time.
const RANDOM: [&str; 2] = ["States.UUID", "States.MathRandom"];

pub(super) fn expression(fold: &Fold<'_>, text: &str) -> Shape {
    let text = text.trim();
    if let Some(path) = text.strip_prefix("$$") {
        return path_names(path).map_or(Shape::Unknown, |names| fold.context(&names));
    }
    if text.starts_with("States.") {
        return call(fold, text);
    }
    let Some(rest) = text.strip_prefix('$') else { return Shape::Unknown };
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    match rest.split_at(end) {
        ("", _) => Shape::Unknown,
        (name, path) => path_names(path).map_or(Shape::Unknown, |names| fold.variable(name, &names)),
    }
}

fn call(fold: &Fold<'_>, text: &str) -> Shape {
    if let Some(whole) = constant(fold, text) {
        return whole;
    }
    let format = text.strip_prefix("States.Format(").and_then(|rest| rest.strip_suffix(')'));
    format.and_then(|arguments| format_of(fold, arguments)).unwrap_or(Shape::Unknown)
}

/// The value of a call that reads nothing but literals and known variables.
fn constant(fold: &Fold<'_>, text: &str) -> Option<Shape> {
    if RANDOM.iter().any(|name| text.contains(name)) {
        return None;
    }
    let names = scan::names(text);
    let variables = if names.is_empty() {
        Variables::default()
    } else {
        fold.values(&names.iter().map(|(name, _)| *name).collect::<Vec<_>>())?
    };
    let (nothing, seed) = (Value::Null, Seed::new(0));
    let scope = Scope { input: &nothing, context: &nothing, variables: &variables, seed: &seed };
    let value = Expression::parse(text).ok()?.evaluate(&scope).ok()?.ok()?;
    Some(Shape::exactly(value))
}

/// `States.Format` with the arguments that are known, `*` for the others.
fn format_of(fold: &Fold<'_>, arguments: &str) -> Option<Shape> {
    let mut arguments = scan::split(arguments, ',').into_iter();
    let template = scan::quoted(arguments.next()?)?;
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut characters = template.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => literal.push(characters.next()?),
            '{' if characters.as_str().starts_with('}') => {
                characters.next();
                parts.push(Shape::exactly(Value::String(std::mem::take(&mut literal))));
                parts.push(argument(fold, arguments.next()?));
            }
            character => literal.push(character),
        }
    }
    parts.push(Shape::exactly(Value::String(literal)));
    Some(Shape::joined(&parts))
}

fn argument(fold: &Fold<'_>, text: &str) -> Shape {
    if let Some(text) = scan::quoted(text) {
        return Shape::exactly(Value::String(text.replace("\\'", "'")));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => Shape::exactly(value),
        Err(_) => expression(fold, text),
    }
}
