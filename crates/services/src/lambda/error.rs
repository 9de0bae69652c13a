//! The errors of Lambda: each variant is an AWS code with its text.

use stepward_functions::{CodeError, InvokeError};
use stepward_integrations::{InvokeFailure, RegistryError};
use stepward_wire::ApiError;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LambdaError {
    #[error("Function not found: {0}")]
    NotFound(String),
    #[error("{0}")]
    Missing(String),
    #[error("Function already exist: {0}")]
    Exists(String),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    InvalidParameter(String),
    #[error("{0}")]
    InvalidRequestContent(String),
    #[error("{0}")]
    RequestTooLarge(String),
    #[error("Rate Exceeded.")]
    TooManyRequests,
    #[error("{0}")]
    AccessDenied(String),
    #[error("{0}")]
    PreconditionFailed(String),
    #[error("An error occurred and the request cannot be processed.")]
    Fault,
}

impl LambdaError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) | Self::Missing(_) => "ResourceNotFoundException",
            Self::Exists(_) | Self::Conflict(_) => "ResourceConflictException",
            Self::InvalidParameter(_) => "InvalidParameterValueException",
            Self::InvalidRequestContent(_) => "InvalidRequestContentException",
            Self::RequestTooLarge(_) => "RequestTooLargeException",
            Self::TooManyRequests => "TooManyRequestsException",
            Self::AccessDenied(_) => "AccessDeniedException",
            Self::PreconditionFailed(_) => "PreconditionFailedException",
            Self::Fault => "ServiceException",
        }
    }

    pub(crate) fn fault(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = crate::chain(cause), "a call to Lambda failed");
        Self::Fault
    }
}

impl From<LambdaError> for ApiError {
    fn from(error: LambdaError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<RegistryError> for LambdaError {
    fn from(error: RegistryError) -> Self {
        Self::fault(&error)
    }
}

impl From<CodeError> for LambdaError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Io(_) => Self::fault(&error),
            refused => Self::InvalidParameter(refused.to_string()),
        }
    }
}

impl From<InvokeFailure> for LambdaError {
    fn from(failed: InvokeFailure) -> Self {
        match failed {
            InvokeFailure::NotFound(arn) => Self::NotFound(arn),
            InvokeFailure::Role => Self::AccessDenied(failed.to_string()),
            InvokeFailure::Invoke(InvokeError::TooManyRequests) => Self::TooManyRequests,
            InvokeFailure::Invoke(InvokeError::ResponseTooLarge(_)) => {
                Self::RequestTooLarge(failed.to_string())
            }
            InvokeFailure::Invoke(InvokeError::Runtime(error)) => Self::InvalidParameter(error.to_string()),
            failed => Self::fault(&failed),
        }
    }
}
