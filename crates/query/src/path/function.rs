//! Functions at the end of a path: `$.items.length()`.

use serde_json::{Value, json};

use crate::error::PathError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Length,
    Min,
    Max,
    Sum,
    Average,
    StandardDeviation,
    Keys,
    First,
    Last,
    Concat,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "length" | "size" => Self::Length,
            "min" => Self::Min,
            "max" => Self::Max,
            "sum" => Self::Sum,
            "avg" => Self::Average,
            "stddev" => Self::StandardDeviation,
            "keys" => Self::Keys,
            "first" => Self::First,
            "last" => Self::Last,
            "concat" => Self::Concat,
            _ => return None,
        })
    }

    /// Applies the function to the one value of a definite path, or to all values of another.
    pub(super) fn apply(self, found: &[&Value], is_definite: bool) -> Result<Value, PathError> {
        let items: Vec<Value> = match found {
            [Value::Array(items)] if is_definite => items.clone(),
            found => found.iter().map(|value| (*value).clone()).collect(),
        };
        match self {
            Self::Length => Ok(length(found, is_definite).map_or(Value::Null, Value::from)),
            Self::Keys => Ok(keys(found)),
            Self::First => Ok(items.first().cloned().unwrap_or(Value::Null)),
            Self::Last => Ok(items.last().cloned().unwrap_or(Value::Null)),
            Self::Concat => {
                let texts =
                    items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
                Ok(Value::String(texts.collect()))
            }
            _ => self.aggregate(&items.iter().filter_map(Value::as_f64).collect::<Vec<_>>()),
        }
    }

    fn aggregate(self, numbers: &[f64]) -> Result<Value, PathError> {
        if numbers.is_empty() {
            return Err(PathError(
                "Aggregation function attempted to calculate value using empty array".to_owned(),
            ));
        }
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().sum();
        Ok(json!(match self {
            Self::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Sum => sum,
            Self::Average => sum / count,
            _ => {
                let squares: f64 = numbers.iter().map(|number| number * number).sum();
                (squares / count - sum * sum / count / count).sqrt()
            }
        }))
    }
}

fn length(found: &[&Value], is_definite: bool) -> Option<usize> {
    if !is_definite {
        return Some(found.len());
    }
    match found.first()? {
        Value::Array(items) => Some(items.len()),
        Value::Object(fields) => Some(fields.len()),
        Value::String(text) => Some(text.chars().count()),
        _ => None,
    }
}

fn keys(found: &[&Value]) -> Value {
    let fields = found.first().and_then(|value| value.as_object());
    Value::Array(fields.into_iter().flatten().map(|(key, _)| Value::String(key.clone())).collect())
}
