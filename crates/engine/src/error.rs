//! What can go wrong with a request to the engine. Failures of workflows are not errors: they are recorded.

use stepward_store::StoreError;

/// Our fault or the disk's: logged with its source, answered without detail.
#[derive(Debug, thiserror::Error)]
#[error("the engine failed")]
pub struct Fault(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Fault {
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::new(error)
    }
}

/// Why an execution was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The name was used within 90 days, for another input or by an execution that is closed.
    #[error("Execution Already Exists: '{0}'")]
    AlreadyExists(String),
    /// The input is not JSON; the text says where.
    #[error("Invalid State Machine Execution Input: '{0}'")]
    InvalidInput(String),
    /// AWS: 1,000,000 open executions per account and Region.
    #[error("The maximum number of running executions has been reached.")]
    LimitExceeded,
    /// The snapshot's definition does not hold. It was checked when it was written.
    #[error("the definition does not hold: {0}")]
    Definition(String),
    #[error("Rate exceeded")]
    Throttled,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why something about an execution was not found, changed or told.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    #[error("Execution Does Not Exist: '{0}'")]
    DoesNotExist(String),
    /// RedriveExecution of an execution that cannot be redriven; the reason.
    #[error("{0}")]
    NotRedrivable(String),
    #[error("Rate exceeded")]
    Throttled,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a task token was refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// No token that this server gave, or one of another account.
    #[error("Invalid token")]
    Invalid,
    /// The task has ended, or its execution has.
    #[error("Provided task does not exist anymore")]
    TimedOut,
    /// The output is not JSON.
    #[error("Invalid Output: '{0}'")]
    InvalidOutput(String),
    #[error("Rate exceeded")]
    Throttled,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a worker got no answer to its poll.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// AWS: 1,000 workers poll one activity at the same time.
    #[error("The maximum number of workers concurrently polling for activity tasks has been reached.")]
    WorkerLimitExceeded,
    #[error("Rate exceeded")]
    Throttled,
    #[error(transparent)]
    Fault(#[from] Fault),
}

macro_rules! from_store {
    ($error:ty) => {
        impl From<StoreError> for $error {
            fn from(error: StoreError) -> Self {
                match error {
                    StoreError::Busy => Self::Throttled,
                    error => Self::Fault(Fault::from(error)),
                }
            }
        }
    };
}

from_store!(StartError);
from_store!(ExecutionError);
from_store!(TokenError);
