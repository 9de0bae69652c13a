//! What is invoked, with what, and what came of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::runtime::{Runtime, RuntimeError};

/// A function at one version: everything that its workers are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSpec {
    /// The ARN that it was invoked by, for its context object.
    pub arn: String,
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    pub runtime: Runtime,
    pub handler: String,
    pub timeout_seconds: u32,
    pub memory_mib: u32,
    pub environment: BTreeMap<String, String>,
    /// Where its code was unpacked.
    pub code: PathBuf,
    /// Changes whenever the function does: workers of another revision are not used.
    pub revision: String,
}

/// Credentials of the function's own role, as its process finds them in its environment.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkerCredentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    /// When they end, in milliseconds since 1970: a worker does not outlive them.
    pub expires_ms: i64,
}

/// One invocation.
#[derive(Clone, Debug, Default)]
pub struct InvocationRequest {
    pub request_id: String,
    /// JSON.
    pub payload: Vec<u8>,
    /// JSON, decoded.
    pub client_context: Option<String>,
    /// Whether the end of the log is wanted.
    pub wants_log: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// JSON: the result, or `{errorMessage, errorType, …}`.
    pub payload: Vec<u8>,
    /// `Unhandled` when the function failed.
    pub function_error: Option<&'static str>,
    /// The last 4 KiB of its log, when they were wanted.
    pub log_tail: Option<String>,
}

/// Why a function could not be invoked at all.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// Too many invocations at the same time.
    #[error("Rate Exceeded.")]
    TooManyRequests,
    #[error("the function's process could not be started")]
    Start(#[source] std::io::Error),
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The answer is larger than Lambda passes on.
    #[error("Response payload size exceeded maximum allowed payload size ({0} bytes).")]
    ResponseTooLarge(usize),
}
