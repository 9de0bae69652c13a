//! JSONata expressions: constants, texts that are put together, and choices between them.

use serde_json::Value;
use stepward_query::{JsonataScope, JsonataTemplate, Payload, Seed, Variables};

use super::{Fold, path_names};
use crate::scan;
use crate::shape::Shape;

/// Functions that give something else every time.
const RANDOM: [&str; 5] = ["now", "millis", "random", "uuid", "shuffle"];
/// Expressions are taken apart this deep.
const DEPTH_MAX: usize = 20;

pub(super) fn expression(fold: &Fold<'_>, source: &str, depth: usize) -> Shape {
    if depth > DEPTH_MAX {
        return Shape::Unknown;
    }
    let source = scan::unwrapped(source);
    if let Some(constant) = constant(fold, source) {
        return constant;
    }
    if let [condition, rest] = scan::split(source, '?').as_slice()
        && let [yes, no] = scan::split(rest, ':').as_slice()
        && !condition.is_empty()
    {
        return expression(fold, yes, depth + 1).or(expression(fold, no, depth + 1));
    }
    let parts = scan::split(source, '&');
    if parts.len() > 1 {
        let parts: Vec<Shape> = parts.iter().map(|part| expression(fold, part, depth + 1)).collect();
        return Shape::joined(&parts);
    }
    path(fold, source)
}

/// `$name.a.b` and what is fixed of `$states.context`.
fn path(fold: &Fold<'_>, source: &str) -> Shape {
    let dotted = source.strip_prefix('$').map(|rest| format!(".{rest}"));
    let Some(names) = dotted.as_deref().and_then(path_names) else { return Shape::Unknown };
    match names.as_slice() {
        ["states", "context", names @ ..] => fold.context(names),
        ["states", ..] | [] => Shape::Unknown,
        [name, names @ ..] => fold.variable(name, names),
    }
}

/// The value of an expression that reads nothing but literals and known variables.
fn constant(fold: &Fold<'_>, source: &str) -> Option<Shape> {
    let names = scan::names(source);
    let is_bound = |name: &str| {
        names.iter().any(|(bound, after)| *bound == name && after.trim_start().starts_with(":="))
    };
    let mut read = Vec::new();
    for (name, after) in &names {
        let is_call = after.trim_start().starts_with('(');
        if is_call && RANDOM.contains(name) {
            return None;
        }
        if !is_call && !name.is_empty() && !is_bound(name) {
            read.push(*name);
        }
    }
    let variables = if read.is_empty() { Variables::default() } else { fold.values(&read)? };
    let template = JsonataTemplate::parse(&Value::String(format!("{{% {source} %}}"))).ok()?;
    let (input, nothing, seed) = (Payload::new(Value::Null), Value::Null, Seed::new(0));
    let scope = JsonataScope {
        input: &input,
        result: None,
        error_output: None,
        context: &nothing,
        variables: &variables,
        now_ms: 0,
        seed: &seed,
    };
    template.evaluate(&scope, "").ok().map(Shape::exactly)
}
