//! Forwards requests of others to a backend: signed anew, both ways streaming.

use std::time::Instant;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::header::HeaderValue;
use hyper::{Request, Response};
use stepward_sigv4::{Credentials, Payload};
use stepward_wire::HttpRequest;

use super::answer::Timely;
use super::send::{BackendError, told};
use super::upload::{PayloadError, Upload};
use super::{Backend, Backends};
use crate::http_client::{HttpClientError, OutgoingBody, whole};

/// Headers that belong to the connection with the backend.
const OF_CONNECTION: [&str; 6] =
    ["connection", "keep-alive", "proxy-authenticate", "trailer", "transfer-encoding", "upgrade"];
const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// A backend's answer, whose body is still on its way.
pub struct Forwarded {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: OutgoingBody,
}

/// What a request brings along.
#[derive(Clone)]
pub enum Carried {
    Whole(Bytes),
    Stream(Upload),
}

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// The caller's doing.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl Backends {
    /// Forwards a request, whose own body is not looked at. One that never reached the backend is tried again, others are
    /// not: they may have worked.
    pub async fn forward(
        &self,
        backend: &Backend,
        mut head: HttpRequest,
        carried: Carried,
        credentials: &Credentials,
        scope: (&str, &str),
    ) -> Result<Forwarded, ForwardError> {
        let credentials = self.credentials.as_ref().unwrap_or(credentials);
        let sha256 = declare(&mut head, &carried, scope.1);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let payload = match (&sha256, &carried) {
                (Some(literal), _) => Payload::Literal(literal),
                (None, Carried::Whole(bytes)) => Payload::Bytes(bytes),
                (None, Carried::Stream(_)) => Payload::Literal("UNSIGNED-PAYLOAD"),
            };
            let request = backend
                .signed(&head, payload, credentials, scope)
                .and_then(|built| built.body(carried.body()).ok())
                .ok_or_else(|| BackendError::Closed("the request cannot be written".to_owned()))?;
            match self.forward_once(backend, request, &carried).await {
                Err(ForwardError::Backend(BackendError::Connect { .. }))
                    if attempts < self.attempts && carried.is_untouched() =>
                {
                    tokio::time::sleep(super::send::pause(attempts)).await;
                }
                answered => return answered,
            }
        }
    }

    async fn forward_once(
        &self,
        backend: &Backend,
        request: Request<OutgoingBody>,
        carried: &Carried,
    ) -> Result<Forwarded, ForwardError> {
        let address = backend.authority.to_string();
        if !backend.circuit.lets_pass(Instant::now()) {
            return Err(BackendError::Open(address).into());
        }
        let answered = self.answered(request, carried).await;
        let answered = match answered {
            Ok(Ok(response)) => Ok(response),
            _ if carried.failure().is_some() => {
                backend.circuit.answered();
                return Err(carried.failure().unwrap_or(PayloadError::Broken).into());
            }
            Ok(Err(error)) => Err(told(&error, &address)),
            Err(timeout) => Err(timeout),
        };
        match &answered {
            Ok(_) => backend.circuit.answered(),
            Err(_) => backend.circuit.failed(Instant::now()),
        }
        let (parts, body) = answered?.into_parts();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let kept = parts.headers.iter().filter(|(name, _)| !OF_CONNECTION.contains(&name.as_str()));
        Ok(Forwarded {
            status: parts.status.as_u16(),
            headers: kept.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
            body: Timely::new(body, self.timeout).boxed(),
        })
    }

    /// What came back. A payload that goes on moving has all the time that it needs.
    async fn answered(
        &self,
        request: Request<OutgoingBody>,
        carried: &Carried,
    ) -> Result<Result<Response<hyper::body::Incoming>, HttpClientError>, BackendError> {
        let sending = self.client.send(request);
        tokio::pin!(sending);
        loop {
            match tokio::time::timeout(self.timeout, &mut sending).await {
                Ok(answered) => return Ok(answered),
                Err(_) if carried.is_moving(self.timeout) => {}
                Err(_) => return Err(BackendError::Timeout),
            }
        }
    }
}

/// Says what is carried: its length and how it is encoded. Gives what its signature says of it, where that is known.
fn declare(head: &mut HttpRequest, carried: &Carried, signing_name: &str) -> Option<String> {
    let Carried::Stream(upload) = carried else {
        let given = head.header(CONTENT_SHA256).map(str::to_owned);
        if signing_name == "s3" {
            head.headers.retain(|(name, _)| name != CONTENT_SHA256);
        }
        return given;
    };
    if upload.is_unchunked() {
        let chunked = ["x-amz-decoded-content-length", "x-amz-trailer"];
        head.headers.retain(|(name, _)| !chunked.contains(&name.as_str()));
        for (_, value) in head.headers.iter_mut().filter(|(name, _)| name == "content-encoding") {
            let kept: Vec<&str> =
                value.split(',').map(str::trim).filter(|coding| *coding != "aws-chunked").collect();
            *value = kept.join(",");
        }
        head.headers.retain(|(name, value)| name != "content-encoding" || !value.is_empty());
    }
    let sha256 = upload.content_sha256();
    head.headers.retain(|(name, _)| name != CONTENT_SHA256);
    // S3's own is added with the signature.
    if signing_name != "s3" {
        head.headers.push((CONTENT_SHA256.to_owned(), sha256.clone()));
    }
    head.headers.push(("content-length".to_owned(), upload.content_length().to_string()));
    Some(sha256)
}

impl Carried {
    fn body(&self) -> OutgoingBody {
        match self {
            Self::Whole(bytes) => whole(bytes.clone()),
            Self::Stream(upload) => upload.body(),
        }
    }

    fn is_untouched(&self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Stream(upload) => upload.is_untouched(),
        }
    }

    fn is_moving(&self, within: std::time::Duration) -> bool {
        match self {
            Self::Whole(_) => false,
            Self::Stream(upload) => upload.is_moving(within),
        }
    }

    fn failure(&self) -> Option<PayloadError> {
        match self {
            Self::Whole(_) => None,
            Self::Stream(upload) => upload.failure(),
        }
    }
}
