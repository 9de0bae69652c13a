//! States.StringToJson and States.JsonMerge.

use serde_json::Value;

pub(super) fn parse(text: &Value) -> Result<Value, String> {
    let text = text.as_str().ok_or("the argument must be a string")?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let mut value = serde_json::from_str(text).map_err(|_| "the argument is not JSON".to_owned())?;
    without_negative_zero(&mut value);
    Ok(value)
}

/// AWS reads `-0` as the integer 0; here it parses as a double. Depth is limited by the parser.
fn without_negative_zero(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) && number.to_string() == "-0.0" => {
            *value = Value::from(0)
        }
        Value::Array(items) => items.iter_mut().for_each(without_negative_zero),
        Value::Object(fields) => fields.values_mut().for_each(without_negative_zero),
        _ => {}
    }
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
