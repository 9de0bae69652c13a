//! Functions on points in time.

use super::argument;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::picture;
use crate::value::Value;

#[expect(clippy::cast_precision_loss, reason = "milliseconds stay exact in a double")]
pub(super) fn millis(evaluator: &mut Evaluator<'_>, _: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(Value::Number(evaluator.host.now_ms() as f64))
}

pub(super) fn now(evaluator: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let zone = argument(arguments, 1).as_str();
    picture::format_date(evaluator.host.now_ms(), argument(arguments, 0).as_str(), zone).map(Value::text)
}

pub(super) fn from_millis(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let Some(millis) = argument(arguments, 0).as_number() else { return Ok(Value::Undefined) };
    #[expect(clippy::cast_possible_truncation, reason = "the calendar refuses what is out of its range")]
    let millis = millis as i64;
    picture::format_date(millis, argument(arguments, 1).as_str(), argument(arguments, 2).as_str())
        .map(Value::text)
}

pub(super) fn to_millis(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Value::Undefined) };
    let parsed = picture::parse_date(evaluator, text, argument(arguments, 1).as_str())?;
    Ok(parsed.map_or(Value::Undefined, Value::Number))
}
