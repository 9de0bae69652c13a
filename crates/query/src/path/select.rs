//! Walks a document along the steps of a path.

use std::borrow::Cow;

use serde_json::Value;

use super::Step;
use crate::error::PathError;

/// No path gives more nodes: a deep scan of a large document could.
const NODES_MAX: usize = 1_000_000;

/// A node and where it is, in bracket notation.
type Node<'a> = (Cow<'a, Value>, String);

/// What one step is applied in.
struct At<'a> {
    root: &'a Value,
    /// Whether the path names one place: then what is missing is an error.
    is_definite: bool,
    /// Whether it is the last step.
    is_leaf: bool,
}

/// The nodes at the path. Along a definite path what is missing is an error; of another it gives nothing (AWS: so
/// recorded, also where the definite part of such a path leads nowhere).
pub(super) fn select<'a>(
    root: &'a Value,
    steps: &[Step],
    is_definite: bool,
) -> Result<Vec<Cow<'a, Value>>, PathError> {
    let mut nodes: Vec<Node<'a>> = vec![(Cow::Borrowed(root), "$".to_owned())];
    let mut steps = steps.iter().peekable();
    while let Some(step) = steps.next() {
        let at = At { root, is_definite, is_leaf: steps.peek().is_none() };
        let mut next = Vec::new();
        for (value, place) in nodes {
            // Only the last step makes values that are not in the document.
            let Cow::Borrowed(value) = value else { continue };
            if *step == Step::Deep {
                descend(value, &place, &mut next);
            } else {
                apply(step, (value, &place), &at, &mut next)?;
            }
            if next.len() > NODES_MAX {
                return Err(PathError(format!("The path gives more than {NODES_MAX} results")));
            }
        }
        nodes = next;
    }
    Ok(nodes.into_iter().map(|(value, _)| value).collect())
}

fn apply<'a>(
    step: &Step,
    (value, place): (&'a Value, &str),
    at: &At<'a>,
    next: &mut Vec<Node<'a>>,
) -> Result<(), PathError> {
    match step {
        Step::Names(names) => return apply_names(names, (value, place), at, next),
        Step::Indices(indices) => {
            let items = items(step, value, at)?;
            let found = indices.iter().filter_map(|index| Some((index, self::at(items, *index)?)));
            next.extend(found.map(|(index, item)| (Cow::Borrowed(item), format!("{place}[{index}]"))));
        }
        Step::Slice { from, to, by } => {
            let items = slice(items(step, value, at)?, *from, *to, *by);
            next.extend(items.into_iter().map(|item| (Cow::Borrowed(item), String::new())));
        }
        Step::Every => next.extend(children(value).map(|child| (Cow::Borrowed(child), String::new()))),
        Step::Filter(filter) => match value {
            Value::Array(items) => {
                let accepted = items.iter().filter(|item| filter.accepts(item, at.root));
                next.extend(accepted.map(|item| (Cow::Borrowed(item), String::new())));
            }
            Value::Object(_) if filter.accepts(value, at.root) => {
                next.push((Cow::Borrowed(value), String::new()));
            }
            _ => {}
        },
        Step::Deep => {}
    }
    Ok(())
}

fn apply_names<'a>(
    names: &[String],
    (value, place): (&'a Value, &str),
    at: &At<'a>,
    next: &mut Vec<Node<'a>>,
) -> Result<(), PathError> {
    let Some(fields) = value.as_object() else {
        return if at.is_definite { Err(no_object(value, names, place)) } else { Ok(()) };
    };
    if let ([_, _, ..], true) = (names, at.is_leaf) {
        let found = names.iter().filter_map(|name| Some((name.clone(), fields.get(name)?.clone())));
        next.push((Cow::Owned(Value::Object(found.collect())), String::new()));
        return Ok(());
    }
    for name in names {
        let here = format!("{place}['{name}']");
        match fields.get(name) {
            Some(found) => next.push((Cow::Borrowed(found), here)),
            None if at.is_definite && names.len() == 1 && !at.is_leaf => {
                return Err(PathError(format!("Missing property in path {here}")));
            }
            None => {}
        }
    }
    Ok(())
}

/// The items that an index or a slice is applied to.
fn items<'a>(step: &Step, value: &'a Value, at: &At<'_>) -> Result<&'a [Value], PathError> {
    match value {
        Value::Array(items) => Ok(items),
        _ if !at.is_definite => Ok(&[]),
        value => {
            let (shown, context) = (step.normalized(), text(value));
            Err(PathError(format!(
                "Filter: {shown} can only be applied to arrays. Current context is: {context}"
            )))
        }
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(fields) => Box::new(fields.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The node and every one below it, parents before their children.
fn descend<'a>(value: &'a Value, place: &str, next: &mut Vec<Node<'a>>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        if next.len() > NODES_MAX {
            return;
        }
        if value.is_array() || value.is_object() {
            next.push((Cow::Borrowed(value), place.to_owned()));
        }
        let below: Vec<&Value> = children(value).collect();
        open.extend(below.into_iter().rev());
    }
}

/// The item at an index; negative ones count from the end.
pub(crate) fn at(items: &[Value], index: i64) -> Option<&Value> {
    let index = if index < 0 {
        items.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(index).ok()?
    };
    items.get(index)
}

fn slice(items: &[Value], from: Option<i64>, to: Option<i64>, by: i64) -> Vec<&Value> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let bound = |end: i64| (if end < 0 { length.saturating_add(end) } else { end }).clamp(0, length);
    let (from, to) = (bound(from.unwrap_or(0)), bound(to.unwrap_or(length)));
    let step = usize::try_from(by.max(1)).unwrap_or(1);
    let (from, to) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
    items.get(from..to.max(from)).unwrap_or_default().iter().step_by(step).collect()
}

fn no_object(value: &Value, names: &[String], place: &str) -> PathError {
    let kind = match value {
        Value::String(_) => "java.lang.String",
        Value::Number(_) => "java.lang.Number",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Array(_) => "com.fasterxml.jackson.databind.node.ArrayNode",
        Value::Null | Value::Object(_) => "null",
    };
    let property = Step::Names(names.to_vec()).normalized();
    PathError(format!(
        "Expected to find an object with property {property} in path {place} but found '{kind}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
    ))
}

fn text(value: &Value) -> String {
    value.to_string().chars().take(1_000).collect()
}
