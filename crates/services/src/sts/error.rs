//! The errors of STS: AWS's codes with AWS's texts.

use stepward_access::{AccessError, AssumeError};
use stepward_policy::PolicyError;
use stepward_wire::ApiError;

/// What a call to STS can fail with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StsError {
    #[error("{0}")]
    AccessDenied(String),
    #[error("{0}")]
    Validation(String),
    #[error("{0}")]
    InvalidParameter(String),
    #[error("{0}")]
    MalformedPolicyDocument(String),
    #[error("{0}")]
    PackedPolicyTooLarge(String),
    #[error("{0}")]
    InvalidIdentityToken(String),
    #[error("{0}")]
    IdpCommunicationError(String),
    #[error("{0}")]
    IdpRejectedClaim(String),
    #[error("{0}")]
    ExpiredToken(String),
    #[error("{0}")]
    SessionDurationEscalation(String),
    #[error("Outbound web identity federation is not enabled for this account.")]
    OutboundDisabled,
    #[error("The requested token's payload is too large.")]
    JwtTooLarge,
    #[error("{0}")]
    NotImplemented(String),
    #[error("Message is not valid")]
    InvalidAuthorizationMessage,
    /// Ours or the disk's: logged with its cause, told without it.
    #[error("The request processing has failed because of an unknown error, exception or failure.")]
    Fault,
}

impl StsError {
    /// The AWS error code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::AccessDenied(_) => "AccessDenied",
            Self::Validation(_) => "ValidationError",
            Self::InvalidParameter(_) => "InvalidParameterValue",
            Self::MalformedPolicyDocument(_) => "MalformedPolicyDocument",
            Self::PackedPolicyTooLarge(_) => "PackedPolicyTooLarge",
            Self::InvalidIdentityToken(_) => "InvalidIdentityToken",
            Self::IdpCommunicationError(_) => "IDPCommunicationError",
            Self::IdpRejectedClaim(_) => "IDPRejectedClaim",
            Self::ExpiredToken(_) => "ExpiredTokenException",
            Self::SessionDurationEscalation(_) => "SessionDurationEscalationException",
            Self::OutboundDisabled => "OutboundWebIdentityFederationDisabledException",
            Self::JwtTooLarge => "JWTPayloadSizeExceededException",
            Self::NotImplemented(_) => "NotImplemented",
            Self::InvalidAuthorizationMessage => "InvalidAuthorizationMessageException",
            Self::Fault => "InternalFailure",
        }
    }
}

impl From<StsError> for ApiError {
    fn from(error: StsError) -> Self {
        let answer = Self::new(error.code(), error.to_string());
        match error {
            StsError::AccessDenied(_)
            | StsError::IdpRejectedClaim(_)
            | StsError::SessionDurationEscalation(_)
            | StsError::OutboundDisabled => answer.with_status(403),
            StsError::NotImplemented(_) => answer.with_status(501),
            StsError::Fault => answer.with_status(500),
            _ => answer.with_status(400),
        }
    }
}

impl From<AccessError> for StsError {
    fn from(error: AccessError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a call to STS failed");
        Self::Fault
    }
}

impl From<AssumeError> for StsError {
    fn from(error: AssumeError) -> Self {
        match error {
            AssumeError::Denied(denied) => Self::AccessDenied(denied.to_string()),
            AssumeError::Fault(fault) => fault.into(),
        }
    }
}

impl From<PolicyError> for StsError {
    fn from(error: PolicyError) -> Self {
        Self::MalformedPolicyDocument(error.to_string())
    }
}
