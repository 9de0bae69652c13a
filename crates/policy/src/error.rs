//! Why a policy is refused.

/// A policy that cannot be stored. The texts are AWS's where they are known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PolicyError {
    message: String,
}

impl PolicyError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// AWS's code for it.
    pub fn code(&self) -> &'static str {
        "MalformedPolicyDocument"
    }
}
