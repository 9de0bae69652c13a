//! Intrinsic functions (Amazon States Language: `States.*`).

mod arrays;
mod encoding;
mod json;
mod math;
mod parse;
mod text;

use serde_json::Value;

use crate::error::{PathError, QueryError};
use crate::expression::{Expression, Scope};

pub(crate) use encoding::digest;

/// AWS: functions nest ten deep at most.
const DEPTH_MAX: usize = 10;

/// A call of an intrinsic function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// As it was written, for messages.
    text: String,
    function: Function,
    arguments: Vec<Argument>,
}

#[derive(Clone, Debug, PartialEq)]
enum Argument {
    Literal(Value),
    /// A text with its escapes undone; the template of States.Format keeps its own.
    Text {
        value: String,
        raw: String,
    },
    Path(Expression),
    Call(Box<Call>),
}

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal),+ $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Function { $($variant),+ }

        impl Function {
            /// The function of a name, and how few and how many arguments it takes.
            fn named(name: &str) -> Option<(Self, usize, usize)> {
                match name { $($name => Some((Self::$variant, $least, $most)),)+ _ => None }
            }
        }
    };
}

functions! {
    Format "Format" 1 1000,
    StringToJson "StringToJson" 1 1,
    JsonToString "JsonToString" 1 1,
    Array "Array" 0 1000,
    ArrayPartition "ArrayPartition" 2 2,
    ArrayContains "ArrayContains" 2 2,
    ArrayRange "ArrayRange" 3 3,
    ArrayGetItem "ArrayGetItem" 2 2,
    ArrayLength "ArrayLength" 1 1,
    ArrayUnique "ArrayUnique" 1 1,
    Base64Encode "Base64Encode" 1 1,
    Base64Decode "Base64Decode" 1 1,
    Hash "Hash" 2 2,
    JsonMerge "JsonMerge" 3 3,
    MathRandom "MathRandom" 2 3,
    MathAdd "MathAdd" 2 2,
    StringSplit "StringSplit" 2 2,
    Uuid "UUID" 0 0,
}

impl Call {
    pub(crate) fn parse(text: &str) -> Result<Self, PathError> {
        parse::call(text)
    }

    pub(crate) fn variables(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for argument in &self.arguments {
            match argument {
                Argument::Path(path) => found.extend(path.variables()),
                Argument::Call(call) => found.extend(call.variables()),
                Argument::Literal(_) | Argument::Text { .. } => {}
            }
        }
        found
    }

    pub(crate) fn reads_data(&self) -> bool {
        self.arguments.iter().any(|argument| match argument {
            Argument::Path(_) => true,
            Argument::Call(call) => call.reads_data(),
            Argument::Literal(_) | Argument::Text { .. } => false,
        })
    }

    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, QueryError> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.push(match argument {
                Argument::Literal(value) => value.clone(),
                Argument::Text { value, .. } => Value::String(value.clone()),
                Argument::Call(call) => call.evaluate(scope)?,
                Argument::Path(path) => path.evaluate(scope)?.map_err(|_| self.missing(path, scope))?,
            });
        }
        self.apply(values, scope)
    }

    // AWS: users quote these words.
    fn missing(&self, path: &Expression, scope: &Scope<'_>) -> QueryError {
        let (function, path) = (&self.text, path.text());
        QueryError::runtime(format!(
            "The function '{function}' had the following error: The JsonPath argument for the field '{path}' could not be found in the input '{}'",
            scope.input
        ))
    }

    fn apply(&self, values: Vec<Value>, scope: &Scope<'_>) -> Result<Value, QueryError> {
        let failed = |reason: String| {
            QueryError::intrinsic(format!("The function '{}' had the following error: {reason}", self.text))
        };
        let outcome = match (self.function, values.as_slice()) {
            (Function::Array, _) => Ok(Value::Array(values)),
            (Function::Uuid, _) => Ok(Value::String(scope.seed.uuid())),
            (Function::Format, [_, rest @ ..]) => {
                let template = match self.arguments.first() {
                    Some(Argument::Text { raw, .. }) => Ok(raw.as_str()),
                    _ => values
                        .first()
                        .and_then(Value::as_str)
                        .ok_or("the template must be a string".to_owned()),
                };
                template.and_then(|template| text::format(template, rest))
            }
            (Function::StringSplit, [text, delimiters]) => text::split(text, delimiters),
            (Function::StringToJson, [text]) => json::parse(text),
            (Function::JsonToString, [value]) => Ok(Value::String(value.to_string())),
            (Function::JsonMerge, [left, right, deep]) => json::merge(left, right, deep),
            (Function::ArrayPartition, [array, size]) => arrays::partition(array, size),
            (Function::ArrayContains, [array, item]) => arrays::contains(array, item),
            (Function::ArrayRange, [first, last, step]) => arrays::range(first, last, step),
            (Function::ArrayGetItem, [array, index]) => arrays::item(array, index),
            (Function::ArrayLength, [array]) => arrays::length(array),
            (Function::ArrayUnique, [array]) => arrays::unique(array),
            (Function::Base64Encode, [text]) => encoding::encode(text),
            (Function::Base64Decode, [text]) => encoding::decode(text),
            (Function::Hash, [data, algorithm]) => encoding::hash(data, algorithm),
            (Function::MathAdd, [left, right]) => math::add(left, right),
            (Function::MathRandom, [start, end]) => math::random(start, end, scope.seed),
            (Function::MathRandom, [start, end, seed]) => math::seeded(start, end, seed),
            _ => Err("wrong number of arguments".to_owned()),
        };
        outcome.map_err(failed)
    }
}

#[cfg(test)]
mod tests;
