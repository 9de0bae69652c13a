//! The functions on arrays.

use serde_json::Value;

use super::math::integer;
use crate::path::equal;

/// AWS: a range has at most 1,000 items.
const RANGE_MAX: usize = 1_000;
/// AWS: the array of a partition is at most as large as a payload.
const BYTES_MAX: usize = 262_144;

fn array(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| "the first argument must be an array".to_owned())
}

pub(super) fn partition(items: &Value, size: &Value) -> Result<Value, String> {
    let items = array(items)?;
    let size = usize::try_from(integer(size)?).ok().filter(|size| *size > 0);
    let size = size.ok_or("the chunk size must be a positive number")?;
    if items.len() > BYTES_MAX || Value::Array(items.clone()).to_string().len() > BYTES_MAX {
        return Err("the array is larger than 256 KiB".to_owned());
    }
    Ok(Value::Array(items.chunks(size).map(|chunk| Value::Array(chunk.to_vec())).collect()))
}

pub(super) fn contains(items: &Value, item: &Value) -> Result<Value, String> {
    Ok(Value::Bool(array(items)?.iter().any(|candidate| equal(candidate, item))))
}

/// From the first to the last, the last included.
pub(super) fn range(first: &Value, last: &Value, step: &Value) -> Result<Value, String> {
    let (first, last, step) = (integer(first)?, integer(last)?, integer(step)?);
    if step == 0 {
        return Err("the step must not be 0".to_owned());
    }
    let mut items = Vec::new();
    let mut next = first;
    while (step > 0 && next <= last) || (step < 0 && next >= last) {
        if items.len() >= RANGE_MAX {
            return Err(format!("the range has more than {RANGE_MAX} items"));
        }
        items.push(Value::from(next));
        next = next.saturating_add(step);
    }
    Ok(Value::Array(items))
}

pub(super) fn item(items: &Value, index: &Value) -> Result<Value, String> {
    let items = array(items)?;
    let index = usize::try_from(integer(index)?).map_err(|_| "the index must not be negative")?;
    let missing = || format!("the index {index} is out of the array of {} items", items.len());
    items.get(index).cloned().ok_or_else(missing)
}

pub(super) fn length(items: &Value) -> Result<Value, String> {
    Ok(Value::from(array(items)?.len()))
}

/// Each item once, where it stood first.
pub(super) fn unique(items: &Value) -> Result<Value, String> {
    let items = array(items)?;
    let mut seen = std::collections::HashSet::new();
    // Numbers are one when they are equal, however they are written.
    let key = |item: &Value| match item.as_f64() {
        Some(number) => number.to_string(),
        None => item.to_string(),
    };
    Ok(Value::Array(items.iter().filter(|item| seen.insert(key(item))).cloned().collect()))
}
