//! Failures as values: an error name and a cause, as Retry and Catch see them.

use stepward_query::QueryError;

/// Why a state failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The error name that `ErrorEquals` is compared with; a Fail state may give none.
    pub error: Option<String>,
    /// The cause; none for most timeouts.
    pub cause: Option<String>,
    /// Set for a failed JSONata evaluation: recorded as `EvaluationFailed` with this location.
    pub(crate) evaluation: Option<Option<String>>,
    /// A failure that no retrier and no catcher may handle.
    pub(crate) is_final: bool,
    /// Whether it was a Task that failed first, once the failure has reached the state around that.
    pub(crate) is_of_task: Option<bool>,
}

impl Failure {
    /// A failure with an error name and a cause.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::of(Some(error.into()), Some(cause.into()))
    }

    /// A failure as a task or a Fail state reports it.
    pub fn of(error: Option<String>, cause: Option<String>) -> Self {
        Self { error, cause, evaluation: None, is_final: false, is_of_task: None }
    }

    pub(crate) fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }

    /// `States.QueryEvaluationError` of a JSONata field: recorded as `EvaluationFailed` too.
    pub(crate) fn evaluation(cause: impl Into<String>, location: Option<String>) -> Self {
        Self { evaluation: Some(location), ..Self::new("States.QueryEvaluationError", cause) }
    }

    pub(crate) fn data_limit(name: &str) -> Self {
        // AWS: recorded for states and for tasks with the same words.
        Self::new(
            "States.DataLimitExceeded",
            format!(
                "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
            ),
        )
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let evaluation = (error.error == "States.QueryEvaluationError").then_some(error.location);
        Self { evaluation, ..Self::new(error.error, error.cause) }
    }
}
