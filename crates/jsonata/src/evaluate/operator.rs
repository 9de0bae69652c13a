//! Operators.

use std::sync::Arc;

use super::Evaluator;
use crate::ast::{NodeId, Operator};
use crate::error::Error;
use crate::functions;
use crate::value::{Array, Value};

/// The reference allocates no longer ranges.
const RANGE_MAX: f64 = 1e7;

impl Evaluator<'_> {
    pub(super) fn binary(
        &mut self,
        (operator, position): (Operator, usize),
        (left, right): (NodeId, NodeId),
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let left = self.evaluate(left, input, scope)?;
        let failed = |error: Error| error.of_operator(operator.symbol(), position);
        if matches!(operator, Operator::And | Operator::Or) {
            let holds = left.to_boolean().unwrap_or(false);
            if holds == (operator == Operator::Or) {
                self.turns += 1;
                return Ok(Value::Bool(holds));
            }
            // The reference lets what fails on the right side fail in the operator.
            let right = self.evaluate(right, input, scope);
            self.turns += 2;
            let right = right.map_err(failed)?;
            return Ok(Value::Bool(right.to_boolean().unwrap_or(false)));
        }
        let right = self.evaluate(right, input, scope);
        self.turns += 1;
        let right = right?;
        if let (Value::Number(left), Value::Number(right)) = (&left, &right)
            && let Some(result) = of_numbers(operator, *left, *right)
        {
            return Ok(result);
        }
        self.operate(operator, &left, &right).map_err(failed)
    }

    fn operate(&mut self, operator: Operator, left: &Value, right: &Value) -> Result<Value, Error> {
        let bytes_each = if operator == Operator::Concatenate { 8 } else { 0 };
        if matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In | Operator::Concatenate) {
            self.walk(left, bytes_each)?;
            self.walk(right, bytes_each)?;
        }
        match operator {
            Operator::Equal => {
                Ok(Value::Bool(!left.is_undefined() && !right.is_undefined() && left.equals(right)))
            }
            Operator::NotEqual => {
                Ok(Value::Bool(!left.is_undefined() && !right.is_undefined() && !left.equals(right)))
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                compare(operator, left, right)
            }
            Operator::Concatenate => {
                let text = |value: &Value| {
                    if value.is_undefined() { Ok(String::new()) } else { functions::to_text(value) }
                };
                let joined = text(left)? + &text(right)?;
                self.spend(joined.len())?;
                Ok(Value::text(joined))
            }
            Operator::Range => self.range(left, right),
            Operator::In => Ok(Value::Bool(
                !left.is_undefined()
                    && !right.is_undefined()
                    && right.items().iter().any(|item| item.is(left)),
            )),
            _ => numeric(operator, left, right),
        }
    }

    fn range(&mut self, left: &Value, right: &Value) -> Result<Value, Error> {
        let whole = |value: &Value, code: &'static str| match value {
            Value::Undefined => Ok(None),
            Value::Number(number) if number.fract() == 0.0 => Ok(Some(*number)),
            other => Err(Error::new(code).value(other)),
        };
        let (from, to) = (whole(left, "T2003")?, whole(right, "T2004")?);
        let (Some(from), Some(to)) = (from, to) else { return Ok(Value::Undefined) };
        if from > to {
            return Ok(Value::Undefined);
        }
        let size = to - from + 1.0;
        if size > RANGE_MAX {
            return Err(Error::new("D2014").value(size));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be small and positive"
        )]
        let count = size as u32;
        self.spend(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(24))?;
        let items = (0..count).map(|number| Value::Number(from + f64::from(number))).collect();
        Ok(Value::Array(Arc::new(Array { items, is_sequence: true, ..Array::default() })))
    }
}

/// What most operations are: on two numbers that are in range.
#[inline]
fn of_numbers(operator: Operator, left: f64, right: f64) -> Option<Value> {
    if !left.is_finite() || !right.is_finite() {
        return None;
    }
    Some(match operator {
        Operator::Add => Value::Number(left + right),
        Operator::Subtract => Value::Number(left - right),
        Operator::Multiply => Value::Number(left * right),
        Operator::Divide => Value::Number(left / right),
        Operator::Modulo => Value::Number(left % right),
        #[expect(clippy::float_cmp, reason = "the language compares numbers exactly")]
        Operator::Equal => Value::Bool(left == right),
        #[expect(clippy::float_cmp, reason = "the language compares numbers exactly")]
        Operator::NotEqual => Value::Bool(left != right),
        Operator::Less => Value::Bool(left < right),
        Operator::LessOrEqual => Value::Bool(left <= right),
        Operator::Greater => Value::Bool(left > right),
        Operator::GreaterOrEqual => Value::Bool(left >= right),
        _ => return None,
    })
}

fn compare(operator: Operator, left: &Value, right: &Value) -> Result<Value, Error> {
    let is_comparable =
        |value: &Value| matches!(value, Value::Undefined | Value::Number(_) | Value::String(_));
    if !is_comparable(left) || !is_comparable(right) {
        let wrong = if is_comparable(left) { right } else { left };
        return Err(Error::new("T2010").value(wrong));
    }
    let ordering = match (left, right) {
        (Value::Undefined, _) | (_, Value::Undefined) => return Ok(Value::Undefined),
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        (Value::String(left), Value::String(right)) => Some(left.encode_utf16().cmp(right.encode_utf16())),
        (left, right) => return Err(Error::new("T2009").value(left).with("value2", right)),
    };
    Ok(Value::Bool(ordering.is_some_and(|ordering| match operator {
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        _ => ordering.is_ge(),
    })))
}

fn numeric(operator: Operator, left: &Value, right: &Value) -> Result<Value, Error> {
    let number = |value: &Value, code: &'static str| match value {
        Value::Undefined => Ok(None),
        Value::Number(number) if number.is_infinite() => Err(Error::new("D1001").value(*number)),
        Value::Number(number) if !number.is_nan() => Ok(Some(*number)),
        other => Err(Error::new(code).value(other)),
    };
    let (left, right) = (number(left, "T2001")?, number(right, "T2002")?);
    let (Some(left), Some(right)) = (left, right) else { return Ok(Value::Undefined) };
    // As in the reference, what is out of range may be a result; it is refused when something is done with it.
    Ok(Value::Number(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        _ => left % right,
    }))
}
