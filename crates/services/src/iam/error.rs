//! The errors of IAM: AWS's codes with AWS's texts.

use stepward_access::{AccessError, TrustError};
use stepward_policy::PolicyError;
use stepward_wire::ApiError;

/// What a call to IAM can fail with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IamError {
    #[error("{0}")]
    NoSuchEntity(String),
    #[error("{0}")]
    EntityAlreadyExists(String),
    #[error("{0}")]
    DeleteConflict(String),
    #[error("{0}")]
    LimitExceeded(String),
    #[error("{0}")]
    MalformedPolicyDocument(String),
    #[error("{0}")]
    InvalidInput(String),
    #[error("{0}")]
    UnmodifiableEntity(String),
    #[error("{0}")]
    PolicyNotAttachable(String),
    #[error("{0}")]
    Validation(String),
    #[error("{0}")]
    InvalidAuthenticationCode(String),
    #[error("{0}")]
    PasswordPolicyViolation(String),
    #[error("{0}")]
    MalformedCertificate(String),
    #[error("{0}")]
    InvalidPublicKey(String),
    #[error("{0}")]
    ReportNotPresent(String),
    #[error("{0}")]
    NotSupportedService(String),
    #[error("{0}")]
    DuplicateSshPublicKey(String),
    #[error("{0}")]
    KeyPairMismatch(String),
    #[error("{0}")]
    DuplicateCertificate(String),
    /// AWS: an account outside of any organization.
    #[error("The request was rejected because no organization is associated with your account.")]
    OrganizationNotFound,
    #[error(
        "The request was rejected because the account making the request is not the management account or delegated \
         administrator account for centralized root access."
    )]
    NotManagementAccount,
    #[error("Outbound web identity federation is already enabled for this account.")]
    FeatureEnabled,
    #[error("Outbound web identity federation is not enabled for this account.")]
    FeatureDisabled,
    #[error("{0}")]
    NotImplemented(String),
    /// Ours or the disk's: logged with its cause, told without it.
    #[error("The request processing has failed because of an unknown error, exception or failure.")]
    Fault,
}

impl IamError {
    /// The AWS error code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoSuchEntity(_) => "NoSuchEntity",
            Self::EntityAlreadyExists(_) => "EntityAlreadyExists",
            Self::DeleteConflict(_) => "DeleteConflict",
            Self::LimitExceeded(_) => "LimitExceeded",
            Self::MalformedPolicyDocument(_) => "MalformedPolicyDocument",
            Self::InvalidInput(_) => "InvalidInput",
            Self::UnmodifiableEntity(_) => "UnmodifiableEntity",
            Self::PolicyNotAttachable(_) => "PolicyNotAttachable",
            Self::Validation(_) => "ValidationError",
            Self::InvalidAuthenticationCode(_) => "InvalidAuthenticationCode",
            Self::PasswordPolicyViolation(_) => "PasswordPolicyViolation",
            Self::MalformedCertificate(_) => "MalformedCertificate",
            Self::InvalidPublicKey(_) => "InvalidPublicKey",
            Self::ReportNotPresent(_) => "ReportNotPresent",
            Self::NotSupportedService(_) => "NotSupportedService",
            Self::DuplicateSshPublicKey(_) => "DuplicateSSHPublicKey",
            Self::KeyPairMismatch(_) => "KeyPairMismatch",
            Self::DuplicateCertificate(_) => "DuplicateCertificate",
            Self::OrganizationNotFound => "OrganizationNotFoundException",
            Self::NotManagementAccount => "AccountNotManagementOrDelegatedAdministratorException",
            Self::FeatureEnabled => "FeatureEnabled",
            Self::FeatureDisabled => "FeatureDisabled",
            Self::NotImplemented(_) => "NotImplemented",
            Self::Fault => "ServiceFailure",
        }
    }

    /// `The role with name X cannot be found.`
    pub(crate) fn no_such(kind: &str, name: &str) -> Self {
        Self::NoSuchEntity(format!("The {kind} with name {name} cannot be found."))
    }

    /// `Role with name X already exists.`
    pub(crate) fn exists(kind: &str, name: &str) -> Self {
        Self::EntityAlreadyExists(format!("{kind} with name {name} already exists."))
    }

    pub(crate) fn no_such_policy(arn: &str) -> Self {
        Self::NoSuchEntity(format!("Policy {arn} was not found."))
    }

    /// `Cannot delete entity, must delete login profile first.`
    pub(crate) fn delete_conflict(what: &str) -> Self {
        Self::DeleteConflict(format!("Cannot delete entity, must {what} first."))
    }
}

impl From<IamError> for ApiError {
    fn from(error: IamError) -> Self {
        let answer = Self::new(error.code(), error.to_string());
        match error {
            IamError::NotImplemented(_) => answer.with_status(501),
            _ => answer,
        }
    }
}

impl From<AccessError> for IamError {
    fn from(error: AccessError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a call to IAM failed");
        Self::Fault
    }
}

impl From<PolicyError> for IamError {
    fn from(error: PolicyError) -> Self {
        Self::MalformedPolicyDocument(error.to_string())
    }
}

impl From<TrustError> for IamError {
    fn from(error: TrustError) -> Self {
        Self::MalformedPolicyDocument(error.to_string())
    }
}
