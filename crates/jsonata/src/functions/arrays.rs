//! Functions on arrays.

use std::sync::Arc;

use super::argument;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::value::Value;

/// One value after another: nothing adds nothing, single values are items.
pub(crate) fn append(left: Value, right: Value) -> Value {
    if left.is_undefined() {
        return right;
    }
    if right.is_undefined() {
        return left;
    }
    let mut items = match left {
        // What nobody else holds grows in place.
        Value::Array(array) => Arc::try_unwrap(array)
            .map_or_else(|shared| shared.items.clone(), |mut own| std::mem::take(&mut own.items)),
        single => vec![single],
    };
    match right {
        Value::Array(array) => items.extend(array.items.iter().cloned()),
        single => items.push(single),
    }
    Value::array(items)
}

pub(super) fn append_function(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    let (left, right) = (argument(arguments, 0), argument(arguments, 1));
    let result = append(left.clone(), right.clone());
    evaluator.spend(result.as_array().map_or(0, <[Value]>::len) * 24)?;
    Ok(result)
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
pub(super) fn count(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(Value::Number(argument(arguments, 0).items().len() as f64))
}

pub(super) fn reverse(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let array = argument(arguments, 0);
    let Some(items) = array.as_array() else { return Ok(array.clone()) };
    if items.len() <= 1 {
        return Ok(array.clone());
    }
    Ok(Value::array(items.iter().rev().cloned().collect()))
}

pub(super) fn zip(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let lists: Vec<Vec<Value>> = arguments.iter().map(Value::items).collect();
    let length = lists.iter().map(Vec::len).min().unwrap_or(0);
    let tuple = |at: usize| Value::array(lists.iter().filter_map(|list| list.get(at).cloned()).collect());
    Ok(Value::array((0..length).map(tuple).collect()))
}

pub(super) fn distinct(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    let value = argument(arguments, 0);
    let Value::Array(array) = value else { return Ok(value.clone()) };
    if array.items.len() <= 1 {
        return Ok(value.clone());
    }
    evaluator.walk(value, 0)?;
    let mut seen: Vec<Value> = Vec::new();
    for item in &array.items {
        // Each is compared with all that were there before.
        evaluator.take_steps(u64::try_from(seen.len() / 16).unwrap_or(u64::MAX))?;
        if !seen.iter().any(|known| known.equals(item)) {
            seen.push(item.clone());
        }
    }
    Ok(if array.is_sequence { Value::sequence(seen) } else { Value::array(seen) })
}

pub(super) fn shuffle(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let array = argument(arguments, 0);
    if array.is_undefined() {
        return Ok(Value::Undefined);
    }
    let mut items = array.items();
    for at in (1..items.len()).rev() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let other = (evaluator.host.random() * (at + 1) as f64) as usize;
        items.swap(at, other.min(at));
    }
    Ok(Value::array(items))
}
