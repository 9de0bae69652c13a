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
        tried(self.attempts, tokio::time::sleep, || {
            self.attempt(timeout, backend, request, credentials, scope)
        })
        .await
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
            body: Vec::from(body.to_bytes()),
        })
    }
}

/// Tries until there is an answer that is worth having, with pauses that grow and vary.
async fn tried<F, W>(
    attempts_max: u32,
    wait: impl Fn(Duration) -> W,
    attempt: impl Fn() -> F,
) -> Result<Answered, (BackendError, u32)>
where
    F: Future<Output = Result<HttpResponse, BackendError>>,
    W: Future<Output = ()>,
{
    let mut attempts = 0;
    loop {
        attempts += 1;
        let is_last = attempts >= attempts_max;
        match attempt().await {
            Ok(response) if is_last || !is_transient(&response) => {
                return Ok(Answered { response, attempts });
            }
            Err(error) if is_last || !may_help(&error) => return Err((error, attempts)),
            _ => wait(pause(attempts)).await,
        }
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Tries what answers one after the other; gives what came of it, and the pauses in between.
    async fn play(script: Vec<Result<u16, BackendError>>) -> (Result<u16, BackendError>, u32, Vec<Duration>) {
        let script = Mutex::new(script.into_iter());
        let pauses = Mutex::new(Vec::new());
        let wait = |pause| {
            pauses.lock().unwrap().push(pause);
            std::future::ready(())
        };
        let answered = tried(3, wait, || {
            let next = script.lock().unwrap().next().unwrap();
            async { next.map(|status| HttpResponse { status, ..HttpResponse::default() }) }
        });
        let (outcome, attempts) = match answered.await {
            Ok(answered) => (Ok(answered.response.status), answered.attempts),
            Err((error, attempts)) => (Err(error), attempts),
        };
        (outcome, attempts, pauses.into_inner().unwrap())
    }

    #[tokio::test]
    async fn what_may_help_is_tried_again_and_nothing_else_is() {
        let closed = || BackendError::Closed("gone".to_owned());
        for (script, outcome, attempts) in [
            (vec![Ok(200)], Ok(200), 1),
            (vec![Ok(400)], Ok(400), 1),
            (vec![Ok(503), Ok(200)], Ok(200), 2),
            (vec![Ok(503), Err(closed()), Ok(200)], Ok(200), 3),
            (vec![Ok(500), Ok(500), Ok(500)], Ok(500), 3),
            (vec![Err(closed()), Err(closed()), Err(closed())], Err(closed()), 3),
            (vec![Err(BackendError::Timeout)], Err(BackendError::Timeout), 1),
            (vec![Err(BackendError::Open("b".to_owned()))], Err(BackendError::Open("b".to_owned())), 1),
            (vec![Ok(429), Err(BackendError::TooLarge)], Err(BackendError::TooLarge), 2),
        ] {
            let (got, tries, pauses) = play(script).await;
            assert_eq!((got, tries), (outcome, attempts));
            assert_eq!(pauses.len(), attempts as usize - 1);
        }
    }

    #[test]
    fn pauses_grow_to_a_limit_and_vary() {
        for attempts in 1..40 {
            let longest = (0..200).map(|_| pause(attempts)).max().unwrap();
            let limit = FIRST_PAUSE.saturating_mul(1 << attempts.min(10)).min(PAUSE_MAX);
            assert!(longest <= limit && longest > limit / 2, "{attempts}: {longest:?} of {limit:?}");
            let pauses: std::collections::BTreeSet<_> = (0..20).map(|_| pause(attempts)).collect();
            assert!(pauses.len() > 10);
        }
    }
}
