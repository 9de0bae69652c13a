//! States.MathAdd and States.MathRandom.

use serde_json::Value;

use crate::seed::Seed;

/// An integer; AWS rounds others to the nearest.
#[expect(clippy::cast_possible_truncation, reason = "checked to be in the range of 32 bits")]
pub(super) fn integer(value: &Value) -> Result<i64, String> {
    let number = value.as_f64().ok_or("the argument must be a number")?;
    let rounded = number.round();
    let is_in_range = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&rounded);
    if is_in_range { Ok(rounded as i64) } else { Err(format!("{value} is out of the range of 32 bits")) }
}

pub(super) fn add(left: &Value, right: &Value) -> Result<Value, String> {
    Ok(Value::from(integer(left)? + integer(right)?))
}

pub(super) fn random(start: &Value, end: &Value, seed: &Seed) -> Result<Value, String> {
    let (start, end) = (integer(start)?, integer(end)?);
    let span = u64::try_from(end - start).ok().filter(|span| *span > 0);
    let span = span.ok_or("the end must be greater than the start")?;
    Ok(Value::from(start + i64::try_from(seed.next() % span).unwrap_or(0)))
}

/// The same seed gives the same number.
pub(super) fn seeded(start: &Value, end: &Value, seed: &Value) -> Result<Value, String> {
    random(start, end, &Seed::new(integer(seed)?.cast_unsigned()))
}
