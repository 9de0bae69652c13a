//! Policy documents: checked when they are written, encoded as URLs when they are answered.

use std::fmt::Write as _;

use stepward_policy::{Policy, PolicyKind, size_without_white_space};

use super::error::IamError;

/// AWS quota: characters of a managed policy.
pub(crate) const MANAGED_CHARACTERS_MAX: usize = 6_144;
/// AWS quota: characters of a trust policy, the highest that can be asked for.
const TRUST_CHARACTERS_MAX: usize = 8_192;

/// Checks the document of an identity policy.
pub(crate) fn check_identity(document: &str) -> Result<(), IamError> {
    Policy::parse(document, PolicyKind::Identity)?;
    Ok(())
}

/// Checks the document of a managed policy, its size too.
pub(crate) fn check_managed(document: &str) -> Result<(), IamError> {
    check_identity(document)?;
    if size_without_white_space(document) > MANAGED_CHARACTERS_MAX {
        return Err(IamError::quota("PolicySize", MANAGED_CHARACTERS_MAX));
    }
    Ok(())
}

/// Checks the trust policy of a role.
pub(crate) fn check_trust(document: &str) -> Result<(), IamError> {
    Policy::parse(document, PolicyKind::Trust)?;
    if size_without_white_space(document) > TRUST_CHARACTERS_MAX {
        return Err(IamError::quota("ACLSizePerRole", TRUST_CHARACTERS_MAX));
    }
    Ok(())
}

/// The document as IAM answers it (AWS: URL-encoded compliant with RFC 3986).
pub(crate) fn url_encoded(document: &str) -> String {
    let mut encoded = String::with_capacity(document.len() * 2);
    for byte in document.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
