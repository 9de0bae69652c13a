//! Requests for S3 without a signature that is understood: public buckets, and the signatures of before.

use stepward_integrations::Calls;
use stepward_models::{Service, service};
use stepward_wire::{ApiError, Call, HttpRequest, Unrouted, route, route_of};

use super::s3_error::invalid;

/// What identifies other requests than those of S3 when nothing is signed.
const PARAMETERS_OF_OTHERS: [&str; 1] = ["Action"];

/// The operation of a request. One without a signature is for S3, where there is a backend for it: no other service
/// answers those.
pub(crate) fn routed(calls: &Calls, request: &HttpRequest) -> Result<Call, Unrouted> {
    let unrouted = match route(request) {
        Ok(call) => return Ok(call),
        Err(unrouted) => unrouted,
    };
    match service("s3").filter(|s3| unrouted.0.is_none() && calls.backends().of(s3).is_some()) {
        Some(s3) if is_second_version(request) => Err((Some(s3), second_version())),
        Some(s3) if is_unsigned(request) => route_of(s3, request).map_err(|_| unrouted),
        _ => Err(unrouted),
    }
}

/// Whether a service answers callers whom nobody knows, if a policy of the resource says so.
pub(crate) fn is_public(service: &Service) -> bool {
    service.name == "s3"
}

fn is_unsigned(request: &HttpRequest) -> bool {
    let of_others = |name: &str| {
        PARAMETERS_OF_OTHERS.contains(&name) || name.to_ascii_lowercase().starts_with("x-amz-signature")
    };
    request.header("authorization").is_none()
        && request.header("x-amz-target").is_none()
        && !request.query_parameters().iter().any(|(name, _)| of_others(name))
}

/// AWS's signature version 2, in its header or in the query.
fn is_second_version(request: &HttpRequest) -> bool {
    let parameters = request.query_parameters();
    let has = |name: &str| parameters.iter().any(|(given, _)| given == name);
    request.header("authorization").is_some_and(|value| value.starts_with("AWS "))
        || (has("AWSAccessKeyId") && has("Signature"))
}

/// AWS: Regions and buckets that are younger than the fourth version take no other.
pub(super) fn second_version() -> ApiError {
    invalid(
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}
