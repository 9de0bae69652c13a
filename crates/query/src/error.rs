//! What can go wrong when data is asked for.

/// A value that could not be had: the error name and the cause that the state fails with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {cause}")]
pub struct QueryError {
    /// e.g. `States.Runtime`.
    pub error: String,
    pub cause: String,
    /// The field, for JSONata's `EvaluationFailed`.
    pub location: Option<String>,
}

impl QueryError {
    /// An error that no Retry or Catch with `States.ALL` sees.
    pub fn runtime(cause: impl Into<String>) -> Self {
        Self { error: "States.Runtime".to_owned(), cause: cause.into(), location: None }
    }

    /// An intrinsic function that cannot do what it is asked.
    pub(crate) fn intrinsic(cause: impl Into<String>) -> Self {
        Self { error: "States.IntrinsicFailure".to_owned(), cause: cause.into(), location: None }
    }
}

/// A path that found nothing, or a text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PathError(pub String);

/// A template that cannot be used: which field, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field '{field}': {reason}")]
pub struct TemplateError {
    /// The key as it is written, with its `.$`.
    pub field: String,
    pub reason: String,
}
