//! The gateway: requests for services that are not hosted here, authenticated and authorized like any other, and
//! carried out by their backend.
//!
//! What arrives was signed with keys of ours; what leaves is signed anew. Uploads and answers stream.

mod anonymous;
mod form;
mod outgoing;
mod request_keys;
mod s3_error;
mod unambiguous;
mod upload;

use std::sync::Arc;

use bytes::Bytes;
use stepward_access::Authenticated;
use stepward_integrations::backend::{
    Backend, BackendError, Backends, Carried, Credentials, ForwardError, Forwarded,
};
use stepward_integrations::{ApiCall, Calls, Denial, Unauthorized};
use stepward_wire::{ApiError, Call, HttpRequest, read_for_rights};

use outgoing::outgoing;
use request_keys::request_keys;

pub(crate) use anonymous::{is_public, routed};
pub(crate) use form::{is_form, upload as upload_form};
pub(crate) use s3_error::authentication as s3_refusal;
pub(crate) use upload::{forward as forward_upload, is_upload};

/// Authorizes a request and forwards it to the backend of its service.
pub(crate) async fn forward(
    calls: &Arc<Calls>,
    mut request: HttpRequest,
    call: &Call,
    caller: &Authenticated,
    account: &str,
) -> Result<Forwarded, ApiError> {
    refuse_chunks(&request)?;
    let (backend, asked, credentials) = asked(calls, &request, call, caller, account)?;
    let keys = request_keys(&request, call, caller);
    let authorized = calls.authorize(caller, asked, &credentials, keys).await;
    let authorized = authorized
        .map_err(|denied| encoded(calls, call, caller, &denied, refused(call, caller, account, &denied)))?;
    let carried = Carried::Whole(Bytes::from(std::mem::take(&mut request.body)));
    let answered =
        calls.forward(&backend, &authorized, (outgoing(call, request), carried), &credentials).await;
    answered.map_err(|error| failed(call, &error))
}

/// What is asked for: where, what, and in whose name the backend is asked.
fn asked(
    calls: &Calls,
    request: &HttpRequest,
    call: &Call,
    caller: &Authenticated,
    account: &str,
) -> Result<(Arc<Backend>, ApiCall, Credentials), ApiError> {
    let service = call.service;
    unambiguous::check_path(call, request)?;
    let Some(backend) = calls.backends().of(service).map(Arc::clone) else {
        return Err(ApiError::new("NotImplemented", Backends::missing(service)).with_status(501));
    };
    let input = read_for_rights(call, request)?;
    unambiguous::check(call, request, &input)?;
    let asked = ApiCall {
        service,
        operation: call.operation,
        input,
        account: account.to_owned(),
        region: caller.region().to_owned(),
    };
    let credentials = Credentials {
        access_key_id: caller.access_key_id().unwrap_or("stepward").to_owned(),
        secret_access_key: "stepward".to_owned(),
        session_token: None,
    };
    Ok((backend, asked, credentials))
}

/// Why a call is refused. AWS: S3 tells its reasons within the account only.
fn refused(call: &Call, caller: &Authenticated, account: &str, why: &Unauthorized) -> ApiError {
    let denied = match why {
        Unauthorized::Denied(denied) => denied,
        Unauthorized::Unknown(silence) => return silent(silence),
    };
    if call.service.name == "s3" && caller.account() != account {
        return ApiError::new("AccessDenied", "Access Denied").with_status(403);
    }
    let denial = Denial::new(call.service, denied);
    ApiError::new(denial.code, denial.text).with_status(denial.status)
}

/// A denial of Amazon EC2, with a message that can be decoded. AWS: what is only described has none.
fn encoded(
    calls: &Calls,
    call: &Call,
    caller: &Authenticated,
    why: &Unauthorized,
    error: ApiError,
) -> ApiError {
    let Unauthorized::Denied(denied) = why else { return error };
    if call.service.name != "ec2" {
        return error;
    }
    let start = format!("You are not authorized to perform this operation. {}", error.message);
    let is_described = call.operation.name.starts_with("Describe");
    let encoded = calls.access().encode_message(denied, caller.account()).ok().filter(|_| !is_described);
    let text = match encoded {
        Some(encoded) => format!("{start}. Encoded authorization failure message: {encoded}"),
        None => start,
    };
    ApiError::new(error.code, text).with_status(403)
}

/// A request that was authorized and not carried out.
fn failed(call: &Call, error: &ForwardError) -> ApiError {
    let error = match error {
        ForwardError::Payload(error) => return s3_error::payload(error),
        ForwardError::Backend(error) => error,
    };
    tracing::warn!(service = call.service.name, operation = call.operation.name, %error, "a backend failed");
    match error {
        // AWS's clients try again what ends so; the request may have worked.
        BackendError::Timeout => {
            ApiError::new("RequestTimeout", format!("The backend gave no answer: {error}")).with_status(504)
        }
        error => silent(&error.to_string()),
    }
}

fn silent(why: &str) -> ApiError {
    ApiError::new("ServiceUnavailable", format!("The backend gave no answer: {why}")).with_status(503)
}

/// Chunks belong to uploads; no client sends anything else in them.
fn refuse_chunks(request: &HttpRequest) -> Result<(), ApiError> {
    let is_chunked =
        request.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    if !is_chunked {
        return Ok(());
    }
    let text = "Only PutObject and UploadPart take a payload in chunks.";
    Err(ApiError::new("NotImplemented", text).with_status(501))
}
