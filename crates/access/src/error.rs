//! What can go wrong here, and AWS's errors for requests that nobody can be held to.

use stepward_sigv4::{ParseError, VerifyError};
use stepward_store::StoreError;

/// A fault: ours or the disk's.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error(
        "the master key (master.key in the data folder) cannot be read or written; secrets open with no other"
    )]
    MasterKey(#[source] std::io::Error),
    #[error("the master key has {0} bytes: it must have 32")]
    MasterKeyLength(usize),
    #[error("the role or user was deleted meanwhile")]
    Gone,
    #[error("a secret could not be encrypted")]
    Seal,
    #[error("the stored {kind} '{key}' cannot be read")]
    Corrupt {
        kind: &'static str,
        key: String,
        #[source]
        source: serde_json::Error,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why it is not known who calls.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    #[error("Missing Authentication Token")]
    MissingToken,
    #[error("{0}")]
    Incomplete(String),
    /// The access key does not exist, is not active, or does not fit the session token.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    #[error("{0}")]
    Mismatch(String),
    #[error("{0}")]
    Expired(String),
    /// A session after its end.
    #[error("The security token included in the request is expired")]
    ExpiredToken,
}

impl AuthenticationError {
    /// AWS's code and HTTP status: the Query and XML services have older names than the JSON services.
    pub fn code(&self, is_query: bool) -> (&'static str, u16) {
        match (self, is_query) {
            (Self::MissingToken, true) => ("MissingAuthenticationToken", 403),
            (Self::MissingToken, false) => ("MissingAuthenticationTokenException", 400),
            (Self::Incomplete(_), true) => ("IncompleteSignature", 400),
            (Self::Incomplete(_), false) => ("IncompleteSignatureException", 400),
            (Self::UnknownKey, true) => ("InvalidClientTokenId", 403),
            (Self::UnknownKey, false) => ("UnrecognizedClientException", 400),
            (Self::Mismatch(_), true) => ("SignatureDoesNotMatch", 403),
            (Self::Mismatch(_), false) => ("InvalidSignatureException", 400),
            // AWS: the Query services answer an old signature as one that does not match.
            (Self::Expired(text), true) if text.starts_with("Signature") => ("SignatureDoesNotMatch", 403),
            (Self::Expired(_), true) => ("RequestExpired", 400),
            (Self::Expired(_), false) => ("InvalidSignatureException", 400),
            (Self::ExpiredToken, true) => ("ExpiredToken", 403),
            (Self::ExpiredToken, false) => ("ExpiredTokenException", 400),
        }
    }
}

impl From<ParseError> for AuthenticationError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Missing => Self::MissingToken,
            ParseError::Incomplete(text) => Self::Incomplete(text),
        }
    }
}

impl From<VerifyError> for AuthenticationError {
    fn from(error: VerifyError) -> Self {
        let text = error.to_string();
        match error {
            VerifyError::Expired { .. }
            | VerifyError::NotYetCurrent { .. }
            | VerifyError::PresignedExpired => Self::Expired(text),
            _ => Self::Mismatch(text),
        }
    }
}
