//! Functions that take functions.

use std::cmp::Ordering;
use std::sync::Arc;

use super::argument;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::sort::merge_sort;
use crate::value::{Function, Object, Value};

/// How many arguments a function looks at.
fn arity(function: &Value) -> usize {
    let Value::Function(function) = function else { return 0 };
    match function.as_ref() {
        Function::Lambda(lambda) => lambda.parameters,
        Function::Native(native) => native.arity(),
        Function::Partial(partial) => partial.arguments.iter().filter(|argument| argument.is_none()).count(),
        Function::Host(..)
        | Function::Regex(_)
        | Function::Composition(..)
        | Function::Transform(_)
        | Function::NextMatch { .. } => 1,
    }
}

/// The item, and as many of the others as the function looks at.
fn arguments_for(function: &Value, item: Value, others: [Value; 2]) -> Vec<Value> {
    let mut given = vec![item];
    given.extend(others.into_iter().take(arity(function).saturating_sub(1)));
    given
}

fn number(at: usize) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
    let number = at as f64;
    Value::Number(number)
}

pub(super) fn map(evaluator: &mut Evaluator<'_>, arguments: &[Value], input: &Value) -> Result<Value, Error> {
    let (array, function) = (argument(arguments, 0), argument(arguments, 1));
    if array.is_undefined() {
        return Ok(Value::Undefined);
    }
    let mut mapped = Vec::new();
    for (at, item) in array.items().into_iter().enumerate() {
        let given = arguments_for(function, item, [number(at), array.clone()]);
        let result = evaluator.apply(function, given, input)?;
        if !result.is_undefined() {
            evaluator.spend(24)?;
            mapped.push(result);
        }
    }
    Ok(Value::sequence(mapped))
}

pub(super) fn filter(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    input: &Value,
) -> Result<Value, Error> {
    let (array, function) = (argument(arguments, 0), argument(arguments, 1));
    if array.is_undefined() {
        return Ok(Value::Undefined);
    }
    let mut taken = Vec::new();
    for (at, item) in array.items().into_iter().enumerate() {
        let given = arguments_for(function, item.clone(), [number(at), array.clone()]);
        if evaluator.apply(function, given, input)?.to_boolean().unwrap_or(false) {
            taken.push(item);
        }
    }
    Ok(Value::sequence(taken))
}

pub(super) fn single(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    input: &Value,
) -> Result<Value, Error> {
    let (array, function) = (argument(arguments, 0), argument(arguments, 1));
    if array.is_undefined() {
        return Ok(Value::Undefined);
    }
    let mut found = None;
    for (at, item) in array.items().into_iter().enumerate() {
        let is_match = if function.is_undefined() {
            true
        } else {
            let given = arguments_for(function, item.clone(), [number(at), array.clone()]);
            evaluator.apply(function, given, input)?.to_boolean().unwrap_or(false)
        };
        if is_match && found.replace(item).is_some() {
            return Err(Error::new("D3138"));
        }
    }
    found.ok_or_else(|| Error::new("D3139"))
}

pub(super) fn reduce(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    input: &Value,
) -> Result<Value, Error> {
    let (array, function, start) = (argument(arguments, 0), argument(arguments, 1), argument(arguments, 2));
    if array.is_undefined() {
        return Ok(Value::Undefined);
    }
    let arity = arity(function);
    if arity < 2 {
        return Err(Error::new("D3050"));
    }
    let mut items = array.items().into_iter().enumerate();
    let mut result = match start {
        Value::Undefined => items.next().map(|(_, first)| first).unwrap_or_default(),
        start => start.clone(),
    };
    for (at, item) in items {
        let mut given = vec![result, item];
        given.extend([number(at), array.clone()].into_iter().take(arity - 2));
        result = evaluator.apply(function, given, input)?;
    }
    Ok(result)
}

pub(super) fn sift(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    input: &Value,
) -> Result<Value, Error> {
    let (object, function) = (argument(arguments, 0), argument(arguments, 1));
    let Value::Object(fields) = object else { return Ok(Value::Undefined) };
    let mut kept = Object::default();
    for (key, value) in fields.iter() {
        let given = arguments_for(function, value.clone(), [Value::String(Arc::clone(key)), object.clone()]);
        if evaluator.apply(function, given, input)?.to_boolean().unwrap_or(false) {
            kept.insert(Arc::clone(key), value.clone());
        }
    }
    Ok(if kept.is_empty() { Value::Undefined } else { Value::object(kept) })
}

pub(super) fn each(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    input: &Value,
) -> Result<Value, Error> {
    let (object, function) = (argument(arguments, 0), argument(arguments, 1));
    let Value::Object(fields) = object else { return Ok(Value::Undefined) };
    let mut results = Vec::new();
    for (key, value) in fields.iter() {
        let given = arguments_for(function, value.clone(), [Value::String(Arc::clone(key)), object.clone()]);
        let result = evaluator.apply(function, given, input)?;
        if !result.is_undefined() {
            results.push(result);
        }
    }
    Ok(Value::sequence(results))
}

pub(super) fn sort(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    input: &Value,
) -> Result<Value, Error> {
    let (array, function) = (argument(arguments, 0), argument(arguments, 1));
    if array.is_undefined() {
        return Ok(Value::Undefined);
    }
    let items = array.items();
    if items.len() <= 1 {
        return Ok(Value::array(items));
    }
    if function.is_undefined() {
        return natural(items);
    }
    let mut turns = 1;
    let mut comes_after = |left: &Value, right: &Value| {
        let result = evaluator.apply(function, vec![left.clone(), right.clone()], input)?;
        Ok(result.to_boolean().unwrap_or(false))
    };
    let sorted = merge_sort(items, &mut comes_after, &mut turns);
    evaluator.turns += turns;
    Ok(Value::array(sorted?))
}

fn natural(mut items: Vec<Value>) -> Result<Value, Error> {
    let are_numbers = items.iter().all(|item| matches!(item, Value::Number(_)));
    let are_texts = items.iter().all(|item| matches!(item, Value::String(_)));
    if !are_numbers && !are_texts {
        return Err(Error::new("D3070"));
    }
    items.sort_by(|left, right| match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right).unwrap_or(Ordering::Equal),
        (Value::String(left), Value::String(right)) => left.encode_utf16().cmp(right.encode_utf16()),
        _ => Ordering::Equal,
    });
    Ok(Value::array(items))
}
