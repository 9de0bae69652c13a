//! Uploads: authorized before their payload is read, and forwarded as they come.

use std::sync::Arc;

use stepward_access::{Authenticated, Origin};
use stepward_integrations::Calls;
use stepward_integrations::backend::{Carried, Forwarded, PayloadForm, Upload};
use stepward_integrations::http_client::OutgoingBody;
use stepward_models::Location;
use stepward_sigv4::{ChunkSignatures, RequestParts};
use stepward_wire::{ApiError, Call, HttpRequest};

use super::outgoing::outgoing;
use super::request_keys::request_keys;
use super::s3_error::{self, invalid};
use super::{asked, failed, refused};
use crate::Services;
use crate::time::now;

/// AWS: the largest object that one request writes.
const OBJECT_BYTES_MAX: u64 = 5 * 1_024 * 1_024 * 1_024;
const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// Whether an operation's payload is bytes of any length, and the request says enough of them to begin without them.
pub(crate) fn is_upload(call: &Call, head: &HttpRequest) -> bool {
    let shape = call.operation.input.map(|id| call.service.shape(id));
    let payload = shape.and_then(|shape| shape.member(shape.payload.as_deref()?));
    let is_bytes = payload.is_some_and(|member| {
        member.location == Location::Body
            && matches!(call.service.shape(member.shape).kind, stepward_models::Kind::Blob)
    });
    is_bytes && (call.service.name == "s3" || head.header(CONTENT_SHA256).is_some())
}

impl Services {
    /// Who uploads: by what the head says of the payload, which is verified as it comes.
    pub(crate) fn authenticate_head(
        &self,
        head: &HttpRequest,
        call: &Call,
        origin: Origin,
    ) -> Result<(Authenticated, Option<ChunkSignatures>), ApiError> {
        let parts = RequestParts {
            method: &head.method,
            path: &head.path,
            query: &head.query,
            headers: &head.headers,
        };
        let now = now();
        match self.access.authenticate_head(&parts, origin.clone(), now) {
            Ok((caller, chunks)) => self.scoped(call, caller).map(|caller| (caller, chunks)),
            Err(error) => self.unknown(call, &error, origin, now).map(|caller| (caller, None)),
        }
    }
}

/// Authorizes an upload and forwards it as it comes. `head` has the bucket in its path.
pub(crate) async fn forward(
    calls: &Arc<Calls>,
    (head, body): (HttpRequest, OutgoingBody),
    call: &Call,
    (caller, chunks): (&Authenticated, Option<ChunkSignatures>),
    account: &str,
) -> Result<Forwarded, ApiError> {
    let (bytes, form) = described(&head, chunks)?;
    let (backend, asked, credentials) = asked(calls, &head, call, caller, account)?;
    let keys = request_keys(&head, call, caller);
    let authorized = calls.authorize(caller, asked, &credentials, keys).await;
    let authorized = authorized.map_err(|denied| refused(call, caller, account, &denied))?;
    let upload = Upload::open(body, bytes, form).await.map_err(|error| s3_error::payload(&error))?;
    let carried = Carried::Stream(upload);
    let answered = calls.forward(&backend, &authorized, (outgoing(call, head), carried), &credentials).await;
    answered.map_err(|error| failed(call, &error))
}

/// How long a payload is, and what it is verified by.
fn described(
    head: &HttpRequest,
    signatures: Option<ChunkSignatures>,
) -> Result<(u64, PayloadForm), ApiError> {
    // A presigned URL may have the hash in its query, where it is signed: no header takes it back.
    let in_query = head.query_parameters().into_iter().find(|(name, _)| name == "X-Amz-Content-Sha256");
    let in_query = in_query.map(|(_, value)| value).filter(|value| value != "UNSIGNED-PAYLOAD");
    let sha256 = in_query.as_deref().or_else(|| head.header(CONTENT_SHA256));
    let is_chunked = sha256.is_some_and(|sha256| sha256.starts_with("STREAMING-"));
    let form = match sha256 {
        Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") => {
            PayloadForm::Chunked { signatures: boxed(signatures)?, trailer: None }
        }
        Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") => {
            PayloadForm::Chunked { signatures: boxed(signatures)?, trailer: Some(trailer(head)?) }
        }
        Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER") => {
            PayloadForm::Chunked { signatures: None, trailer: Some(trailer(head)?) }
        }
        None | Some("UNSIGNED-PAYLOAD") => PayloadForm::Unsigned,
        Some(hash) if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            PayloadForm::Hashed(hash.to_ascii_lowercase())
        }
        Some(_) => {
            return Err(invalid(
                "InvalidArgument",
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.",
            ));
        }
    };
    let length = if is_chunked { "x-amz-decoded-content-length" } else { "content-length" };
    let bytes = head.header(length).and_then(|text| text.parse::<u64>().ok());
    let Some(bytes) = bytes else {
        let text = "You must provide the Content-Length HTTP header.";
        return Err(ApiError::new("MissingContentLength", text).with_status(411));
    };
    if bytes > OBJECT_BYTES_MAX {
        return Err(invalid("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"));
    }
    Ok((bytes, form))
}

/// A payload whose chunks are signed comes with a signature to begin with: an anonymous one does not.
fn boxed(signatures: Option<ChunkSignatures>) -> Result<Option<Box<ChunkSignatures>>, ApiError> {
    signatures.map(|signatures| Some(Box::new(signatures))).ok_or_else(s3_error::signature)
}

fn trailer(head: &HttpRequest) -> Result<String, ApiError> {
    let named = head.header("x-amz-trailer").map(str::trim).filter(|name| !name.is_empty());
    named.map(str::to_ascii_lowercase).ok_or_else(|| {
        invalid("InvalidRequest", "x-amz-trailer must name the header that follows the payload.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_in_the_query_of_a_presigned_url_counts_whatever_a_header_says() {
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let described_form = |in_query: &str| {
            let headers = [("content-length", "4"), (CONTENT_SHA256, "UNSIGNED-PAYLOAD")];
            let head = HttpRequest {
                method: "PUT".to_owned(),
                path: "/b/k".to_owned(),
                query: format!("X-Amz-Signature=s&X-Amz-Content-Sha256={in_query}"),
                headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
                body: Vec::new(),
            };
            described(&head, None).unwrap()
        };
        assert!(
            matches!(described_form(hash), (4, PayloadForm::Hashed(expected)) if expected == hash),
            "the hash that was signed is not verified"
        );
        assert!(matches!(described_form("UNSIGNED-PAYLOAD"), (4, PayloadForm::Unsigned)));
    }
}
