//! Forwards requests of others to a backend: signed anew, the answer streaming.

use std::time::Instant;

use http_body_util::BodyExt as _;
use hyper::header::HeaderValue;
use stepward_sigv4::{Credentials, Payload};
use stepward_wire::HttpRequest;

use super::send::{BackendError, told};
use super::{Backend, Backends};
use crate::http_client::{OutgoingBody, whole};

/// Headers that belong to the connection with the backend.
const OF_CONNECTION: [&str; 6] =
    ["connection", "keep-alive", "proxy-authenticate", "trailer", "transfer-encoding", "upgrade"];

/// A backend's answer, whose body is still on its way.
pub struct Forwarded {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: OutgoingBody,
}

impl Backends {
    /// Forwards a request. One that never reached the backend is tried again, others are not: they may have worked.
    pub async fn forward(
        &self,
        backend: &Backend,
        request: &HttpRequest,
        credentials: &Credentials,
        scope: (&str, &str),
    ) -> Result<Forwarded, BackendError> {
        let credentials = self.credentials.as_ref().unwrap_or(credentials);
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.forward_once(backend, request, credentials, scope).await {
                Err(BackendError::Connect { .. }) if attempts < self.attempts => {
                    tokio::time::sleep(super::send::pause(attempts)).await;
                }
                answered => return answered,
            }
        }
    }

    async fn forward_once(
        &self,
        backend: &Backend,
        request: &HttpRequest,
        credentials: &Credentials,
        scope: (&str, &str),
    ) -> Result<Forwarded, BackendError> {
        let address = backend.authority.to_string();
        if !backend.circuit.lets_pass(Instant::now()) {
            return Err(BackendError::Open(address));
        }
        let hash = request.header("x-amz-content-sha256").map(str::to_owned);
        let payload = match hash.as_deref() {
            Some(literal) => Payload::Literal(literal),
            None => Payload::Bytes(&request.body),
        };
        let mut unhashed = request.clone();
        unhashed.headers.retain(|(name, _)| name != "x-amz-content-sha256" || scope.1 != "s3");
        let outgoing = backend
            .signed(&unhashed, payload, credentials, scope)
            .and_then(|built| built.body(whole(request.body.clone())).ok())
            .ok_or_else(|| BackendError::Closed("the request cannot be written".to_owned()))?;
        let answered = tokio::time::timeout(self.timeout, self.client.send(outgoing)).await;
        let answered = match answered {
            Ok(answered) => answered.map_err(|error| told(&error, &address)),
            Err(_) => Err(BackendError::Timeout),
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
            body: body.map_err(Into::into).boxed(),
        })
    }
}
