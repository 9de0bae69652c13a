//! The errors of Step Functions: each variant is an AWS code with its text.

use stepward_wire::ApiError;

/// What a call to Step Functions can fail with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StatesError {
    #[error("Activity already exists: '{0}'")]
    ActivityAlreadyExists(String),
    #[error("Activity Does Not Exist: '{0}'")]
    ActivityDoesNotExist(String),
    #[error("The maximum number of workers concurrently polling for activity tasks has been reached.")]
    ActivityWorkerLimitExceeded,
    #[error("{0}")]
    AccessDenied(String),
    #[error("{0}")]
    Conflict(String),
    #[error("Execution Already Exists: '{0}'")]
    ExecutionAlreadyExists(String),
    #[error("Execution Does Not Exist: '{0}'")]
    ExecutionDoesNotExist(String),
    #[error(
        "The maximum number of running executions has been reached. Running executions must end or be stopped before a \
         new execution can be started."
    )]
    ExecutionLimitExceeded,
    #[error("{0}")]
    ExecutionNotRedrivable(String),
    #[error("Invalid Arn: '{0}'")]
    InvalidArn(String),
    #[error("Invalid State Machine Definition: '{0}'")]
    InvalidDefinition(String),
    /// With the whole text.
    #[error("{0}")]
    InvalidDefinitionText(String),
    /// With the whole text.
    #[error("{0}")]
    InvalidExecutionInputText(String),
    #[error("Invalid State Machine Execution Input: '{0}'")]
    InvalidExecutionInput(String),
    #[error("Invalid Encryption Configuration: {0}")]
    InvalidEncryptionConfiguration(String),
    #[error("Invalid Logging Configuration: {0}")]
    InvalidLoggingConfiguration(String),
    #[error("Invalid Name: '{0}'")]
    InvalidName(String),
    #[error("Invalid Output: '{0}'")]
    InvalidOutput(String),
    #[error("Invalid Token: '{0}'")]
    InvalidToken(String),
    #[error("{0}")]
    KmsAccessDenied(String),
    #[error("{0}")]
    MissingRequiredParameter(String),
    #[error("{0}")]
    ResourceNotFound(String),
    #[error("{0}")]
    ServiceQuotaExceeded(String),
    #[error("State Machine Already Exists: '{0}'")]
    StateMachineAlreadyExists(String),
    #[error("State Machine is being deleted: '{0}'")]
    StateMachineDeleting(String),
    #[error("State Machine Does Not Exist: '{0}'")]
    StateMachineDoesNotExist(String),
    #[error("This operation is not supported by this type of state machine")]
    StateMachineTypeNotSupported,
    #[error("Task Timed Out: '{0}'")]
    TaskTimedOut(String),
    #[error("Rate exceeded")]
    Throttling,
    #[error("Too many tags: a resource can have at most {0}.")]
    TooManyTags(usize),
    #[error("{0}")]
    Validation(String),
    /// Ours or the disk's: logged with its cause, told without it.
    #[error("InternalFailure")]
    Fault,
}

impl StatesError {
    /// The AWS error code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::ActivityAlreadyExists(_) => "ActivityAlreadyExists",
            Self::ActivityDoesNotExist(_) => "ActivityDoesNotExist",
            Self::ActivityWorkerLimitExceeded => "ActivityWorkerLimitExceeded",
            Self::AccessDenied(_) => "AccessDeniedException",
            Self::Conflict(_) => "ConflictException",
            Self::ExecutionAlreadyExists(_) => "ExecutionAlreadyExists",
            Self::ExecutionDoesNotExist(_) => "ExecutionDoesNotExist",
            Self::ExecutionLimitExceeded => "ExecutionLimitExceeded",
            Self::ExecutionNotRedrivable(_) => "ExecutionNotRedrivable",
            Self::InvalidArn(_) => "InvalidArn",
            Self::InvalidDefinition(_) | Self::InvalidDefinitionText(_) => "InvalidDefinition",
            Self::InvalidExecutionInput(_) | Self::InvalidExecutionInputText(_) => "InvalidExecutionInput",
            Self::InvalidEncryptionConfiguration(_) => "InvalidEncryptionConfiguration",
            Self::InvalidLoggingConfiguration(_) => "InvalidLoggingConfiguration",
            Self::InvalidName(_) => "InvalidName",
            Self::InvalidOutput(_) => "InvalidOutput",
            Self::InvalidToken(_) => "InvalidToken",
            Self::KmsAccessDenied(_) => "KmsAccessDeniedException",
            Self::MissingRequiredParameter(_) => "MissingRequiredParameter",
            Self::ResourceNotFound(_) => "ResourceNotFound",
            Self::ServiceQuotaExceeded(_) => "ServiceQuotaExceededException",
            Self::StateMachineAlreadyExists(_) => "StateMachineAlreadyExists",
            Self::StateMachineDeleting(_) => "StateMachineDeleting",
            Self::StateMachineDoesNotExist(_) => "StateMachineDoesNotExist",
            Self::StateMachineTypeNotSupported => "StateMachineTypeNotSupported",
            Self::TaskTimedOut(_) => "TaskTimedOut",
            Self::Throttling => "ThrottlingException",
            Self::TooManyTags(_) => "TooManyTags",
            Self::Validation(_) => "ValidationException",
            Self::Fault => "InternalFailure",
        }
    }
}

impl From<StatesError> for ApiError {
    fn from(error: StatesError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl StatesError {
    /// A fault: its cause goes into the log, and nowhere else.
    pub(crate) fn fault(cause: impl std::error::Error + 'static) -> Self {
        tracing::error!(cause = crate::chain(&cause), "a call to Step Functions failed");
        Self::Fault
    }
}
