//! Functions at the end of a path: `$.items.length()`, `$.items.append(1)`, `$.sum($.a, $.b)`.
//!
//! What they do is Jayway's: functions of a list take its items and their arguments together.

use serde_json::{Map, Value, json};

use super::JsonPath;
use crate::error::PathError;

/// A function and what stands in its parentheses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Function {
    name: Name,
    arguments: Vec<Argument>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Length,
    Min,
    Max,
    Sum,
    Average,
    StandardDeviation,
    Keys,
    First,
    Last,
    Index,
    Concat,
    Append,
}

/// An argument of a function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument {
    /// A path into the whole document.
    Path(JsonPath),
    Value(Value),
}

impl Argument {
    fn value(&self, document: &Value) -> Result<Value, PathError> {
        match self {
            Self::Path(path) => path.find(document),
            Self::Value(value) => Ok(value.clone()),
        }
    }
}

impl Function {
    /// The function of a name; nothing if there is none.
    pub(super) fn named(name: &str, arguments: Vec<Argument>) -> Option<Self> {
        let name = match name {
            "length" | "size" => Name::Length,
            "min" => Name::Min,
            "max" => Name::Max,
            "sum" => Name::Sum,
            "avg" => Name::Average,
            "stddev" => Name::StandardDeviation,
            "keys" => Name::Keys,
            "first" => Name::First,
            "last" => Name::Last,
            "index" => Name::Index,
            "concat" => Name::Concat,
            "append" => Name::Append,
            _ => return None,
        };
        Some(Self { name, arguments })
    }

    /// Applies the function to the one value of a definite path, or to all values of another.
    pub(super) fn apply(
        &self,
        found: &[&Value],
        is_definite: bool,
        document: &Value,
    ) -> Result<Value, PathError> {
        let arguments =
            self.arguments.iter().map(|argument| argument.value(document)).collect::<Result<Vec<_>, _>>()?;
        let (list, one) = match found {
            [Value::Array(items)] if is_definite => (Some(items.clone()), None),
            [one] if is_definite => (None, Some(*one)),
            [] if is_definite => (None, None),
            found => (Some(found.iter().map(|value| (*value).clone()).collect()), None),
        };
        Ok(match self.name {
            Name::Length => length(arguments.first(), list.as_deref(), one).map_or(Value::Null, Value::from),
            Name::Keys => keys(if is_definite { found.first().copied() } else { None }),
            Name::First => at(list.as_deref(), 0)?,
            Name::Last => at(list.as_deref(), -1)?,
            Name::Index => at(list.as_deref(), index(&arguments)?)?,
            Name::Concat => Value::String(concat(list.as_deref().unwrap_or_default(), &arguments)),
            Name::Append => match list {
                Some(items) => Value::Array(items.into_iter().chain(arguments).collect()),
                None => one.cloned().unwrap_or_default(),
            },
            _ => json!(self.name.aggregate(&numbers(list.as_deref().unwrap_or_default(), &arguments))?),
        })
    }
}

impl Name {
    fn aggregate(self, numbers: &[f64]) -> Result<f64, PathError> {
        if numbers.is_empty() {
            return Err(empty());
        }
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().sum();
        Ok(match self {
            Self::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Sum => sum,
            Self::Average => sum / count,
            _ => {
                let squares: f64 = numbers.iter().map(|number| number * number).sum();
                (squares / count - sum * sum / count / count).sqrt()
            }
        })
    }
}

fn empty() -> PathError {
    PathError("Aggregation function attempted to calculate value using empty array".to_owned())
}

/// The numbers of the list and of the arguments, of which each may be a list.
fn numbers(items: &[Value], arguments: &[Value]) -> Vec<f64> {
    let given = arguments.iter().flat_map(|argument| match argument {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    });
    items.iter().chain(given).filter_map(Value::as_f64).collect()
}

/// The texts of the list, then the arguments, whatever they are.
fn concat(items: &[Value], arguments: &[Value]) -> String {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let given = arguments.iter().flat_map(|argument| match argument {
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>(),
        one => vec![shown(one)],
    });
    items.iter().filter_map(Value::as_str).map(str::to_owned).chain(given).collect()
}

fn index(arguments: &[Value]) -> Result<i64, PathError> {
    let given = arguments.first().and_then(Value::as_i64);
    given.ok_or_else(|| PathError("The function 'index' takes one whole number".to_owned()))
}

/// The item at an index; a negative one counts from the end.
fn at(items: Option<&[Value]>, index: i64) -> Result<Value, PathError> {
    let items = items.filter(|items| !items.is_empty()).ok_or_else(empty)?;
    let from_end = usize::try_from(index.unsigned_abs()).ok().and_then(|back| items.len().checked_sub(back));
    let place = if index < 0 { from_end } else { usize::try_from(index).ok() };
    place
        .and_then(|place| items.get(place))
        .cloned()
        .ok_or_else(|| PathError(format!("Target index:{index} larger than object count:{}", items.len())))
}

/// The length of the argument, or of what the path found.
fn length(argument: Option<&Value>, list: Option<&[Value]>, one: Option<&Value>) -> Option<usize> {
    match (argument, list) {
        (None, Some(items)) => Some(items.len()),
        (argument, _) => match argument.or(one)? {
            Value::Array(items) => Some(items.len()),
            Value::Object(fields) => Some(fields.len()),
            Value::String(text) => Some(text.chars().count()),
            _ => None,
        },
    }
}

fn keys(value: Option<&Value>) -> Value {
    let names = |fields: &Map<String, Value>| fields.keys().cloned().map(Value::String).collect();
    value.and_then(Value::as_object).map_or(Value::Null, names)
}
