//! Credentials that are handed out.

use std::fmt;

use stepward_types::Timestamp;

/// An access key with its secret, and for a session its token and end.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
    pub expiration: Option<Timestamp>,
}

impl Credentials {
    /// The same, as `sigv4` signs with them.
    pub fn for_signing(&self) -> stepward_sigv4::Credentials {
        stepward_sigv4::Credentials {
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.clone(),
            session_token: self.session_token.clone(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Credentials({}, …)", self.access_key_id)
    }
}
