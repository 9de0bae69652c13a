//! Walks a document along the steps of a path.

use serde_json::Value;

use super::Step;
use crate::error::PathError;

/// No path gives more nodes: a deep scan of a large document could.
const NODES_MAX: usize = 1_000_000;

/// A node and where it is, in bracket notation.
type Node<'a> = (&'a Value, String);

/// The nodes at the path. Along a definite path what is missing is an error.
pub(super) fn select<'a>(
    root: &'a Value,
    steps: &[Step],
    is_definite: bool,
) -> Result<Vec<&'a Value>, PathError> {
    let mut nodes: Vec<Node<'a>> = vec![(root, "$".to_owned())];
    let mut steps = steps.iter().peekable();
    while let Some(step) = steps.next() {
        let is_leaf = steps.peek().is_none();
        let mut next = Vec::new();
        for (value, place) in nodes {
            if *step == Step::Deep {
                descend(value, &place, &mut next);
            } else {
                apply(step, (value, &place), (is_definite, is_leaf, root), &mut next)?;
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
    (is_definite, is_leaf, root): (bool, bool, &'a Value),
    next: &mut Vec<Node<'a>>,
) -> Result<(), PathError> {
    match step {
        Step::Names(names) => {
            for name in names {
                let here = format!("{place}['{name}']");
                match value.as_object().map(|fields| fields.get(name)) {
                    Some(Some(found)) => next.push((found, here)),
                    Some(None) if is_definite && !is_leaf => {
                        return Err(PathError(format!("Missing property in path {here}")));
                    }
                    None if is_definite => return Err(no_object(value, name, place)),
                    _ => {}
                }
            }
        }
        Step::Indices(indices) => match value.as_array() {
            Some(items) => next.extend(
                indices.iter().filter_map(|index| at(items, *index)).map(|item| (item, format!("{place}[]"))),
            ),
            None if is_definite => {
                let shown = step.normalized();
                return Err(PathError(format!(
                    "Filter: {shown} can only be applied to arrays. Current context is: {}",
                    text(value)
                )));
            }
            None => {}
        },
        Step::Slice { from, to, by } => {
            let items = value.as_array().map(|items| slice(items, *from, *to, *by)).unwrap_or_default();
            next.extend(items.into_iter().map(|item| (item, String::new())));
        }
        Step::Every => next.extend(children(value).map(|child| (child, String::new()))),
        Step::Filter(filter) => match value {
            Value::Array(items) => {
                next.extend(
                    items.iter().filter(|item| filter.accepts(item, root)).map(|item| (item, String::new())),
                );
            }
            Value::Object(_) if filter.accepts(value, root) => next.push((value, String::new())),
            _ => {}
        },
        Step::Deep => {}
    }
    Ok(())
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
            next.push((value, place.to_owned()));
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

fn no_object(value: &Value, name: &str, place: &str) -> PathError {
    let kind = match value {
        Value::String(_) => "java.lang.String",
        Value::Number(_) => "java.lang.Number",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Array(_) => "com.fasterxml.jackson.databind.node.ArrayNode",
        Value::Null | Value::Object(_) => "null",
    };
    PathError(format!(
        "Expected to find an object with property ['{name}'] in path {place} but found '{kind}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
    ))
}

fn text(value: &Value) -> String {
    value.to_string().chars().take(1_000).collect()
}
