//! Errors: the reference's codes and sentences, the token and where it ends.

mod sentences;

use std::borrow::Cow;
use std::fmt;

use crate::functions;
use crate::value::{Function, Value};

/// Why an expression cannot be parsed or evaluated.
#[derive(Clone, Debug)]
pub struct Error(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    code: Cow<'static, str>,
    position: Option<usize>,
    token: Option<Value>,
    value: Option<Value>,
    /// What else the sentence names.
    more: Vec<(&'static str, Value)>,
    /// A sentence that is not the code's own.
    message: Option<String>,
    /// The functions that it passed through on its way out, each with the position of its call.
    calls: Vec<(usize, usize)>,
}

impl Error {
    pub(crate) fn new(code: &'static str) -> Self {
        Self::made(Cow::Borrowed(code), None)
    }

    /// An error of the host: a code and a sentence of its own.
    pub fn custom(code: &str, message: impl Into<String>) -> Self {
        Self::made(Cow::Owned(code.to_owned()), Some(message.into()))
    }

    fn made(code: Cow<'static, str>, message: Option<String>) -> Self {
        let details = Details {
            code,
            position: None,
            token: None,
            value: None,
            more: Vec::new(),
            message,
            calls: Vec::new(),
        };
        Self(Box::new(details))
    }

    /// e.g. `T2001`.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// Whether a limit was reached: then nothing else is tried.
    pub(crate) fn is_of_budget(&self) -> bool {
        self.0.code.starts_with('U')
    }

    /// Where the token ends: in units of UTF-16 from the start of the expression, as the reference counts.
    pub fn position(&self) -> Option<usize> {
        self.0.position
    }

    /// The operator, the function's name or the symbol that the error is about.
    pub fn token(&self) -> Option<serde_json::Value> {
        self.0.token.as_ref().and_then(Value::to_json)
    }

    /// The sentence.
    pub fn message(&self) -> String {
        if let Some(message) = &self.0.message {
            return message.clone();
        }
        let mut message = String::new();
        let mut rest = sentences::of(self.code());
        while let Some((before, after)) = rest.split_once("{{") {
            message.push_str(before);
            let is_bare = after.starts_with('{');
            let (name, after) = after.split_once("}}").unwrap_or((after, ""));
            let value = self.named(name.trim_start_matches('{'));
            match value {
                Some(Value::String(text)) if is_bare => message.push_str(text),
                Some(Value::Function(function)) if !matches!(**function, Function::Native(_)) => {
                    message.push_str("undefined");
                }
                Some(value) => functions::write_json(value, &mut message),
                None => message.push_str("undefined"),
            }
            rest = if is_bare { after.trim_start_matches('}') } else { after };
        }
        message + rest
    }

    fn named(&self, name: &str) -> Option<&Value> {
        match name {
            "token" => self.0.token.as_ref(),
            "value" => self.0.value.as_ref(),
            name => self.0.more.iter().find(|(known, _)| *known == name).map(|(_, value)| value),
        }
    }

    /// Gives it a position, unless it has one.
    pub(crate) fn at(mut self, position: usize) -> Self {
        self.0.position = self.0.position.or((position > 0).then_some(position));
        self
    }

    /// Gives it a position, which may be the very beginning.
    pub(crate) fn at_exactly(mut self, position: usize) -> Self {
        self.0.position = Some(position);
        self
    }

    pub(crate) fn token_is(mut self, token: impl Into<Value>) -> Self {
        self.0.token = Some(token.into());
        self
    }

    pub(crate) fn value(mut self, value: impl Into<Value>) -> Self {
        self.0.value = Some(value.into());
        self
    }

    /// Another thing that the sentence names.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.more.push((name, value.into()));
        self
    }

    /// It leaves an operator, which is its token and its place whatever it was before.
    pub(crate) fn of_operator(mut self, symbol: &str, position: usize) -> Self {
        self.0.position = Some(position);
        self.token_is(symbol)
    }

    /// It leaves a call. As in the reference, the outermost call is where it happened; of a function that calls
    /// itself, the innermost.
    pub(crate) fn of_call(mut self, function: usize, position: usize) -> Self {
        let before = self.0.calls.iter().find(|(known, _)| *known == function).map(|(_, position)| *position);
        if before.is_none() {
            self.0.calls.push((function, position));
        }
        self.0.position = Some(before.unwrap_or(position));
        self
    }
}

impl Error {
    /// Gives it a token, unless it has one.
    pub(crate) fn or_token(mut self, token: Option<Value>) -> Self {
        if self.0.token.is_none() {
            self.0.token = token;
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.0.code, self.message())
    }
}

impl std::error::Error for Error {}
