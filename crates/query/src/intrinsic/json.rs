//! States.StringToJson and States.JsonMerge.

use serde_json::Value;

pub(super) fn parse(text: &Value) -> Result<Value, String> {
    let text = text.as_str().ok_or("the argument must be a string")?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let value = serde_json::from_str(text).map_err(|_| "the argument is not JSON".to_owned())?;
    // An integer has no negative zero.
    Ok(if text.trim() == "-0" { Value::from(0) } else { value })
}

/// Shallow: keys of the second object win. AWS: only `false` is supported as the third argument.
pub(super) fn merge(left: &Value, right: &Value, deep: &Value) -> Result<Value, String> {
    if deep != &Value::Bool(false) {
        return Err("only a shallow merge is supported: the third argument must be false".to_owned());
    }
    let (Value::Object(left), Value::Object(right)) = (left, right) else {
        return Err("the first two arguments must be objects".to_owned());
    };
    let mut merged = left.clone();
    merged.extend(right.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(Value::Object(merged))
}
