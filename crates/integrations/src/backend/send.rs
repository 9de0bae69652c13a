//! Sends requests to a backend: signed, tried again, within time and size.

use std::error::Error as _;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::Request;
use hyper::header::{HeaderName, HeaderValue};
use ring::rand::SecureRandom as _;
use stepward_sigv4::{Credentials, Payload, RequestParts, sign};
use stepward_types::Timestamp;
use stepward_wire::{HttpRequest, HttpResponse};

use super::{Backend, Backends};
use crate::http_client::{HttpClientError, OutgoingBody, whole};

/// No answer of a task is larger: a payload has 256 KiB, and XML is longer than JSON.
const ANSWER_BYTES_MAX: usize = 8 * 1_024 * 1_024;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Why a backend gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    #[error("Unable to execute HTTP request: Connect to {address} failed: {why}")]
    Connect { address: String, why: String },
    #[error("Unable to execute HTTP request: Read timed out")]
    Timeout,
    #[error("Unable to execute HTTP request: {0}")]
    Closed(String),
    #[error("The answer is larger than {ANSWER_BYTES_MAX} bytes")]
    TooLarge,
    /// It has failed so often that it is not asked for a moment.
    #[error(
        "Unable to execute HTTP request: Connect to {0} failed: it did not answer several times in a row"
    )]
    Open(String),
}

/// An answer, and how often it was asked for.
#[derive(Clone, Debug)]
pub struct Answered {
    pub response: HttpResponse,
    pub attempts: u32,
}

impl Backends {
    /// Sends a request of a service, and again where that may help. `credentials` are the caller's.
    pub async fn send(
        &self,
        backend: &Backend,
        request: &HttpRequest,
        credentials: &Credentials,
        scope: (&str, &str),
    ) -> Result<Answered, (BackendError, u32)> {
        self.send_within(self.timeout, backend, request, credentials, scope).await
    }

    /// Sends a request whose answer may take its own time.
    pub(crate) async fn send_within(
        &self,
        timeout: Duration,
        backend: &Backend,
        request: &HttpRequest,
        credentials: &Credentials,
        scope: (&str, &str),
    ) -> Result<Answered, (BackendError, u32)> {
        let credentials = self.credentials.as_ref().unwrap_or(credentials);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let answered = self.attempt(timeout, backend, request, credentials, scope).await;
            let is_last = attempts >= self.attempts;
            match answered {
                Ok(response) if is_last || !is_transient(&response) => {
                    return Ok(Answered { response, attempts });
                }
                Err(error) if is_last || !may_help(&error) => return Err((error, attempts)),
                _ => tokio::time::sleep(pause(attempts)).await,
            }
        }
    }

    async fn attempt(
        &self,
        timeout: Duration,
        backend: &Backend,
        request: &HttpRequest,
        credentials: &Credentials,
        scope: (&str, &str),
    ) -> Result<HttpResponse, BackendError> {
        let address = backend.authority.to_string();
        if !backend.circuit.lets_pass(Instant::now()) {
            return Err(BackendError::Open(address));
        }
        let outgoing = backend
            .signed(request, Payload::Bytes(&request.body), credentials, scope)
            .and_then(|built| built.body(whole(request.body.clone())).ok())
            .ok_or_else(|| BackendError::Closed("the request cannot be written".to_owned()))?;
        let answered = tokio::time::timeout(timeout, self.exchange(outgoing, &address)).await;
        let answered = answered.unwrap_or(Err(BackendError::Timeout));
        match &answered {
            Ok(_) | Err(BackendError::TooLarge) => backend.circuit.answered(),
            Err(_) => backend.circuit.failed(Instant::now()),
        }
        answered
    }

    async fn exchange(
        &self,
        request: Request<OutgoingBody>,
        address: &str,
    ) -> Result<HttpResponse, BackendError> {
        let response = self.client.send(request).await.map_err(|error| told(&error, address))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return BackendError::TooLarge;
            }
            BackendError::Closed(format!("The target server failed to respond: {error}"))
        })?;
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
        Ok(HttpResponse {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: body.to_bytes().to_vec(),
        })
    }
}

impl Backend {
    /// A signed request but for its body.
    pub(crate) fn signed(
        &self,
        request: &HttpRequest,
        payload: Payload<'_>,
        credentials: &Credentials,
        (region, service): (&str, &str),
    ) -> Option<hyper::http::request::Builder> {
        let path = format!("{}{}", self.base, request.path);
        let mut headers = request.headers.clone();
        // A length that an input names (S3's ContentLength) is not that of the body, unless the body is still to come.
        let is_told = matches!(payload, Payload::Bytes(_));
        headers.retain(|(name, _)| name != "host" && !(is_told && name == "content-length"));
        headers.push(("host".to_owned(), self.authority.to_string()));
        let parts =
            RequestParts { method: &request.method, path: &path, query: &request.query, headers: &headers };
        let added = sign(&parts, &payload, credentials, (region, service), now());
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        let uri = format!("{}://{}{path}{query}", self.scheme, self.authority);
        let mut built = Request::builder().method(request.method.as_str()).uri(uri);
        for (name, value) in headers.iter().chain(&added) {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            built = built.header(name, HeaderValue::from_str(value).ok()?);
        }
        Some(built)
    }
}

fn now() -> Timestamp {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(elapsed.as_millis()).unwrap_or_default())
}

pub(super) fn told(error: &HttpClientError, address: &str) -> BackendError {
    let mut why = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        why = cause.to_string();
        source = cause.source();
    }
    match error {
        HttpClientError::Client(error) if !error.is_connect() => {
            BackendError::Closed(format!("The target server failed to respond: {why}"))
        }
        _ => BackendError::Connect { address: address.to_owned(), why },
    }
}

/// AWS: what its SDKs try again.
fn is_transient(response: &HttpResponse) -> bool {
    matches!(response.status, 429 | 500 | 502 | 503 | 504)
}

fn may_help(error: &BackendError) -> bool {
    matches!(error, BackendError::Connect { .. } | BackendError::Closed(_))
}

/// Twice as long each time, and a random part of it.
pub(super) fn pause(attempts: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempts.min(10)).min(PAUSE_MAX);
    longest.mul_f64(random_fraction())
}

fn random_fraction() -> f64 {
    let mut bytes = [0; 2];
    // Without randomness the whole pause is waited.
    match ring::rand::SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX),
        Err(_) => 1.0,
    }
}
