//! Functions on numbers.

use super::argument;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::number;
use crate::picture;
use crate::value::Value;

fn numbers(value: &Value) -> Option<Vec<f64>> {
    if value.is_undefined() {
        None
    } else {
        Some(value.items().iter().filter_map(Value::as_number).collect())
    }
}

pub(super) fn sum(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(numbers(argument(arguments, 0))
        .map_or(Value::Undefined, |numbers| Value::Number(numbers.iter().sum::<f64>() + 0.0)))
}

pub(super) fn max(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let numbers = numbers(argument(arguments, 0)).filter(|numbers| !numbers.is_empty());
    Ok(numbers.map_or(Value::Undefined, |numbers| {
        Value::Number(numbers.into_iter().fold(f64::NEG_INFINITY, f64::max))
    }))
}

pub(super) fn min(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let numbers = numbers(argument(arguments, 0)).filter(|numbers| !numbers.is_empty());
    Ok(numbers
        .map_or(Value::Undefined, |numbers| Value::Number(numbers.into_iter().fold(f64::INFINITY, f64::min))))
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
pub(super) fn average(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let numbers = numbers(argument(arguments, 0)).filter(|numbers| !numbers.is_empty());
    Ok(numbers.map_or(Value::Undefined, |numbers| {
        Value::Number(numbers.iter().sum::<f64>() / numbers.len() as f64)
    }))
}

fn mapped(arguments: &[Value], map: impl Fn(f64) -> f64) -> Value {
    argument(arguments, 0).as_number().map_or(Value::Undefined, |number| Value::Number(map(number)))
}

pub(super) fn floor(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(mapped(arguments, f64::floor))
}

pub(super) fn ceil(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(mapped(arguments, f64::ceil))
}

pub(super) fn abs(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(mapped(arguments, f64::abs))
}

/// Half goes to the even neighbour; the shift is decimal, so that 2.345 is not 2.34499.
pub(super) fn round(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let precision = argument(arguments, 1).as_number().unwrap_or(0.0);
    if precision.fract() != 0.0 {
        return Ok(mapped(arguments, |_| f64::NAN));
    }
    Ok(mapped(arguments, |number| {
        let shifted = shift(number, precision);
        let mut rounded = (shifted + 0.5).floor();
        if (rounded - shifted - 0.5).abs() < f64::EPSILON && rounded % 2.0 != 0.0 {
            rounded -= 1.0;
        }
        let result = shift(rounded, -precision);
        if result == 0.0 { 0.0 } else { result }
    }))
}

fn shift(number: f64, places: f64) -> f64 {
    let text = format!("{number:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return number };
    let exponent: f64 = exponent.parse().unwrap_or(0.0);
    format!("{digits}e{}", exponent + places.trunc()).parse().unwrap_or(number)
}

pub(super) fn sqrt(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    match argument(arguments, 0).as_number() {
        Some(number) if number < 0.0 => Err(Error::new("D3060").value(number)),
        Some(number) => Ok(Value::Number(number.sqrt())),
        None => Ok(Value::Undefined),
    }
}

pub(super) fn power(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let Some(base) = argument(arguments, 0).as_number() else { return Ok(Value::Undefined) };
    let Some(exponent) = argument(arguments, 1).as_number() else {
        return Err(Error::new("D3061").value(base));
    };
    let result = libm::pow(base, exponent);
    if result.is_finite() {
        Ok(Value::Number(result))
    } else {
        Err(Error::new("D3061").value(base).with("exp", exponent))
    }
}

pub(super) fn random(evaluator: &mut Evaluator<'_>, _: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(Value::Number(evaluator.host.random()))
}

pub(super) fn number(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    match argument(arguments, 0) {
        Value::Undefined => Ok(Value::Undefined),
        Value::Number(number) => Ok(Value::Number(*number)),
        Value::Bool(value) => Ok(Value::Number(f64::from(u8::from(*value)))),
        Value::String(text) => {
            number::read(text).map(Value::Number).ok_or_else(|| Error::new("D3030").value(&**text))
        }
        other => Err(Error::new("D3030").value(other)),
    }
}

pub(super) fn format_base(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    let Some(number) = argument(arguments, 0).as_number() else { return Ok(Value::Undefined) };
    let radix = argument(arguments, 1).as_number().map_or(10.0, round_half_even);
    if !(2.0..=36.0).contains(&radix) {
        return Err(Error::new("D3100").value(radix));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be from 2 to 36")]
    let radix = radix as u32;
    let whole = round_half_even(number);
    let digits = whole_in_base(whole.abs(), radix);
    evaluator.spend(digits.len())?;
    Ok(Value::text(if whole < 0.0 { format!("-{digits}") } else { digits }))
}

/// As V8 does: what a double cannot tell apart any more is zeros.
fn whole_in_base(number: f64, radix: u32) -> String {
    if !number.is_finite() || radix == 10 {
        return number::write(number);
    }
    let base = f64::from(radix);
    let (mut rest, mut digits) = (number, Vec::new());
    while rest / base >= 9_007_199_254_740_992.0 {
        rest /= base;
        digits.push('0');
    }
    loop {
        let digit = rest % base;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the base")]
        digits.push(char::from_digit(digit as u32, radix).unwrap_or('0'));
        rest = (rest - digit) / base;
        if rest <= 0.0 {
            return digits.iter().rev().collect();
        }
    }
}

fn round_half_even(number: f64) -> f64 {
    number.round_ties_even()
}

pub(super) fn format_number(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let Some(number) = argument(arguments, 0).as_number() else { return Ok(Value::Undefined) };
    let picture = argument(arguments, 1).as_str().unwrap_or_default();
    picture::number(number, picture, argument(arguments, 2)).map(Value::text)
}

pub(super) fn format_integer(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let Some(number) = argument(arguments, 0).as_number() else { return Ok(Value::Undefined) };
    let picture = argument(arguments, 1).as_str().unwrap_or_default();
    picture::format_integer(number.floor(), picture).map(Value::text)
}

pub(super) fn parse_integer(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Value::Undefined) };
    let picture = argument(arguments, 1).as_str().unwrap_or_default();
    picture::parse_integer(text, picture).map(Value::Number)
}
