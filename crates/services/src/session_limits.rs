//! What temporary credentials of a user may not be used for, whatever policies say
//! (AWS: GetSessionToken and GetFederationToken, permissions).

use stepward_access::{Authenticated, SessionKind};
use stepward_wire::ApiError;

/// Refuses a call to IAM or STS for which the caller's kind of credentials is not good.
pub(crate) fn check(service: &str, operation: &str, caller: &Authenticated) -> Result<(), ApiError> {
    let (is_for_iam, for_sts): (bool, &[&str]) = match caller.session_kind() {
        // AWS: IAM listens to those who proved a second factor.
        Some(SessionKind::Token) => (caller.has_mfa(), &["AssumeRole", "GetCallerIdentity"]),
        Some(SessionKind::Federation) => (false, &["GetCallerIdentity"]),
        Some(SessionKind::Role | SessionKind::AssumedRoot) | None => return Ok(()),
    };
    match service {
        "iam" if !is_for_iam => {
            let text = "The security token included in the request is invalid";
            Err(ApiError::new("InvalidClientTokenId", text).with_status(403))
        }
        "sts" if !for_sts.contains(&operation) => {
            let text = format!("Cannot call {operation} with session credentials");
            Err(ApiError::new("AccessDenied", text).with_status(403))
        }
        _ => Ok(()),
    }
}
