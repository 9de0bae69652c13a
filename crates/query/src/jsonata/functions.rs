//! The functions that Step Functions adds: `$partition $range $hash $random $uuid $parse`.

use serde_json::Value;
use stepward_jsonata::{Error, Host, HostFunction, Value as Data};

use crate::intrinsic::digest;
use crate::seed::Seed;

/// No range is longer.
const RANGE_MAX: f64 = 1e6;

pub(super) fn named(name: &str) -> Option<HostFunction> {
    Some(match name {
        "partition" => partition,
        "range" => range,
        "hash" => hash,
        "random" => random,
        "uuid" => uuid,
        "parse" => parse,
        _ => return None,
    })
}

fn json(arguments: &[Data], at: usize) -> Option<Value> {
    arguments.get(at).and_then(Data::to_json)
}

fn number(arguments: &[Data], at: usize, name: &str) -> Result<f64, Error> {
    let number = json(arguments, at).as_ref().and_then(Value::as_f64);
    number.ok_or_else(|| mismatch(name, at))
}

fn mismatch(name: &str, at: usize) -> Error {
    Error::custom(
        "T0410",
        format!("Argument {} of function {name:?} does not match function signature", at + 1),
    )
}

fn partition(_: &dyn Host, arguments: &[Data]) -> Result<Data, Error> {
    let Some(array) = json(arguments, 0) else { return Ok(Data::Undefined) };
    let items = array.as_array().cloned().unwrap_or_else(|| vec![array.clone()]);
    let size = number(arguments, 1, "partition")?.floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be positive; larger than any array is one chunk"
    )]
    let size = if size >= 1.0 { size as usize } else { return Err(mismatch("partition", 1)) };
    Ok(Data::from(&Value::Array(items.chunks(size).map(|chunk| Value::Array(chunk.to_vec())).collect())))
}

fn range(_: &dyn Host, arguments: &[Data]) -> Result<Data, Error> {
    let (first, last, step) =
        (number(arguments, 0, "range")?, number(arguments, 1, "range")?, number(arguments, 2, "range")?);
    if step == 0.0 || (last - first) / step > RANGE_MAX {
        return Err(mismatch("range", 2));
    }
    let mut items = Vec::new();
    let mut next = first;
    while (step > 0.0 && next <= last) || (step < 0.0 && next >= last) {
        items.push(Value::from(next));
        next += step;
    }
    // A sequence of one item is that item.
    let value = if items.len() == 1 { items.remove(0) } else { Value::Array(items) };
    Ok(Data::from(&value))
}

fn hash(_: &dyn Host, arguments: &[Data]) -> Result<Data, Error> {
    let Some(data) = json(arguments, 0) else { return Ok(Data::Undefined) };
    let algorithm = json(arguments, 1)
        .and_then(|value| value.as_str().map(str::to_owned))
        .ok_or_else(|| mismatch("hash", 1))?;
    let data = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
    let digest = digest(data.as_bytes(), &algorithm).map_err(|reason| Error::custom("D3137", reason))?;
    Ok(Data::from(&Value::String(digest)))
}

/// The same seed gives the same number.
fn random(host: &dyn Host, arguments: &[Data]) -> Result<Data, Error> {
    let number = match json(arguments, 0) {
        Some(seed) => Seed::new(seed.as_f64().ok_or_else(|| mismatch("random", 0))?.to_bits()).fraction(),
        None => host.random(),
    };
    Ok(Data::from(&Value::from(number)))
}

fn uuid(host: &dyn Host, _: &[Data]) -> Result<Data, Error> {
    Ok(Data::from(&Value::String(Seed::new(host.random().to_bits()).uuid())))
}

fn parse(_: &dyn Host, arguments: &[Data]) -> Result<Data, Error> {
    let Some(text) = json(arguments, 0) else { return Ok(Data::Undefined) };
    let text = text.as_str().ok_or_else(|| mismatch("parse", 0))?;
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Error::custom("D3137", format!("The argument is not JSON: {error}")))?;
    Ok(Data::from(&value))
}
