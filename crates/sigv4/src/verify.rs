//! Verifies a signature: in constant time, and only near the time it was made.

use stepward_types::Timestamp;
use subtle::ConstantTimeEq;

use crate::canonical::{PathEncoding, Payload, RequestParts, hash, hex};
use crate::key::SigningKey;
use crate::parse::{Form, Signature};
use crate::time::format_basic;

/// How far a clock may be off (AWS: five minutes).
const SKEW_MILLIS: i64 = 5 * 60 * 1_000;

/// Why a signature does not hold. The texts are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details."
    )]
    Mismatch,
    #[error("Signature expired: {signed} is now earlier than {earliest} ({now} - 5 min.)")]
    Expired { signed: String, earliest: String, now: String },
    #[error("Signature not yet current: {signed} is still later than {latest} ({now} + 5 min.)")]
    NotYetCurrent { signed: String, latest: String, now: String },
    /// A presigned URL after its time.
    #[error("Request has expired")]
    PresignedExpired,
    #[error(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope}' != '{date}', from '{signed}'."
    )]
    ScopeDate { scope: String, date: String, signed: String },
    /// Headers that change what a request does must be signed.
    #[error("The header '{0}' must be signed.")]
    Unsigned(String),
}

/// Verifies with the key of the signature's own scope.
pub fn verify(
    parts: &RequestParts<'_>,
    signature: &Signature,
    payload: &Payload<'_>,
    key: &SigningKey,
    now: Timestamp,
) -> Result<(), VerifyError> {
    check_time(signature, now)?;
    check_signed_headers(parts, signature)?;
    let calculated = calculate(parts, signature, payload, key);
    let is_same: bool = calculated.as_bytes().ct_eq(signature.signature.as_bytes()).into();
    if is_same { Ok(()) } else { Err(VerifyError::Mismatch) }
}

fn calculate(
    parts: &RequestParts<'_>,
    signature: &Signature,
    payload: &Payload<'_>,
    key: &SigningKey,
) -> String {
    let encoding = PathEncoding::of_service(&signature.service);
    let canonical = hash(parts, &signature.signed_headers, payload, encoding);
    let signed_at = format_basic(signature.signed_at);
    let Signature { scope_date, region, service, .. } = signature;
    let scope = ["AWS4-HMAC-SHA256\n", &signed_at, "\n", scope_date, "/", region, "/", service];
    let text = [scope.concat().as_str(), "/aws4_request\n", &canonical].concat();
    hex(&key.sign(&text))
}

fn check_time(signature: &Signature, now: Timestamp) -> Result<(), VerifyError> {
    let signed = format_basic(signature.signed_at);
    let date = signed.get(..8).unwrap_or_default();
    if date != signature.scope_date {
        let (scope, date) = (signature.scope_date.clone(), date.to_owned());
        return Err(VerifyError::ScopeDate { scope, date, signed });
    }
    let latest = now.plus_millis(SKEW_MILLIS);
    if signature.signed_at > latest {
        let (latest, now) = (format_basic(latest), format_basic(now));
        return Err(VerifyError::NotYetCurrent { signed, latest, now });
    }
    match signature.form {
        Form::Presigned { expires_seconds } => {
            let end = signature.signed_at.plus_millis(i64::from(expires_seconds) * 1_000);
            if now > end { Err(VerifyError::PresignedExpired) } else { Ok(()) }
        }
        Form::Header => {
            let earliest = now.plus_millis(-SKEW_MILLIS);
            if signature.signed_at >= earliest {
                return Ok(());
            }
            let (earliest, now) = (format_basic(earliest), format_basic(now));
            Err(VerifyError::Expired { signed, earliest, now })
        }
    }
}

/// Every `x-amz-*` header that came must be signed: else somebody on the way could add a target or a token.
fn check_signed_headers(parts: &RequestParts<'_>, signature: &Signature) -> Result<(), VerifyError> {
    let unsigned = parts.headers.iter().map(|(name, _)| name).find(|name| {
        // AWS's clients add these two after signing.
        let is_exempt =
            matches!(name.as_str(), "x-amz-content-sha256" | "x-amzn-trace-id" | "x-amz-user-agent");
        name.starts_with("x-amz-") && !is_exempt && !signature.signed_headers.contains(name)
    });
    match unsigned {
        Some(name) => Err(VerifyError::Unsigned(name.clone())),
        None => Ok(()),
    }
}
