//! S3's own words for what other services call differently.

use stepward_access::AuthenticationError;
use stepward_integrations::backend::PayloadError;
use stepward_wire::ApiError;

/// Why it is not known who calls.
pub(crate) fn authentication(error: &AuthenticationError) -> ApiError {
    let (code, status, text) = match error {
        AuthenticationError::MissingToken => ("AccessDenied", 403, "Access Denied"),
        AuthenticationError::UnknownKey => {
            ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.")
        }
        AuthenticationError::ExpiredToken => ("ExpiredToken", 400, "The provided token has expired."),
        AuthenticationError::Incomplete(text) => ("AuthorizationHeaderMalformed", 400, text.as_str()),
        AuthenticationError::Expired(text) if text.starts_with("Request") => {
            ("AccessDenied", 403, text.as_str())
        }
        AuthenticationError::Expired(_) => (
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
        ),
        AuthenticationError::Mismatch(text) if text.starts_with("The request signature") => {
            return signature();
        }
        AuthenticationError::Mismatch(text) => ("SignatureDoesNotMatch", 403, text.as_str()),
    };
    ApiError::new(code, text).with_status(status)
}

/// What is wrong with a payload.
pub(super) fn payload(error: &PayloadError) -> ApiError {
    let (code, text) = match error {
        PayloadError::Signature => return signature(),
        PayloadError::Hash => ("XAmzContentSHA256Mismatch", error.to_string()),
        PayloadError::Trailer(_) => ("InvalidRequest", error.to_string()),
        PayloadError::UnknownTrailer => ("InvalidRequest", error.to_string()),
        PayloadError::Framing(_) | PayloadError::Broken | PayloadError::Length { .. } => (
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header".to_owned(),
        ),
        PayloadError::Slow => (
            "RequestTimeout",
            "Your socket connection to the server was not read from or written to within the timeout period. Idle \
             connections will be closed."
                .to_owned(),
        ),
    };
    ApiError::new(code, text).with_status(400)
}

pub(super) fn signature() -> ApiError {
    let text = "The request signature we calculated does not match the signature you provided. Check your key and \
                signing method.";
    ApiError::new("SignatureDoesNotMatch", text).with_status(403)
}

pub(super) fn invalid(code: &str, text: &str) -> ApiError {
    ApiError::new(code, text).with_status(400)
}
