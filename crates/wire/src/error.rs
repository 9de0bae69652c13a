//! Errors as services state them; their status and envelope are added when they are written.

use std::error::Error;
use std::fmt;

use serde_json::{Map, Value};

/// An error that an API answers: a code, a text, and perhaps further members of the error's shape.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    pub code: String,
    pub message: String,
    /// A status that is not the model's.
    pub status: Option<u16>,
    /// Further members, by their names in the model.
    pub members: Option<Box<Map<String, Value>>>,
}

impl ApiError {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: None, members: None }
    }

    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// A fault of ours: nothing of its cause is told.
    pub fn internal() -> Self {
        let text = "The server encountered an internal error; its log says which.";
        Self::new("InternalFailure", text).with_status(500)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl Error for ApiError {}
