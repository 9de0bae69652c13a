//! HTTP to where a state machine says: HTTP Tasks, APIs of API Gateway, Kubernetes clusters.
//!
//! Owns which addresses may be called. Private networks are refused unless the operator named them, and so is http
//! without encryption. Redirects are answers like any other: nothing is followed.

mod guard;
mod network;

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::ext::ReasonPhrase;
use hyper::{Request, Response};
use hyper_util::client::legacy::Error;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::http_client::OutgoingBody;
use crate::pool::{Plain, Pool, Secure};
use guard::{Guard, GuardError};
pub(crate) use network::is_public;
pub use network::{Network, NetworkError};

const POOL: Pool = Pool { connect_seconds: 10, idle_per_host_max: 64 };

/// The client for addresses that state machines choose.
pub struct Outbound {
    networks: Arc<[Network]>,
    plain: OnceLock<Plain<Guard>>,
    /// Made when it is first used: it reads the system's certificates.
    secure: OnceLock<Option<Secure<Guard>>>,
}

/// How much of an answer is read, and how long it is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) body_bytes_max: usize,
    pub(crate) timeout: Duration,
}

/// What came back, as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OutboundError {
    /// The address may not be called.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Socket(String),
    #[error("The request timed out after {0} seconds.")]
    Timeout(u64),
    #[error("The response is larger than {0} bytes.")]
    TooLarge(usize),
}

impl Outbound {
    /// `networks` are called although they are private, and with http, too.
    pub fn new(networks: Vec<Network>) -> Self {
        Self { networks: networks.into(), plain: OnceLock::new(), secure: OnceLock::new() }
    }

    /// Sends a request whose URI is absolute, to a host whose certificate the system trusts.
    pub(crate) async fn send(
        &self,
        request: Request<OutgoingBody>,
        limits: Limits,
    ) -> Result<Reply, OutboundError> {
        let is_secure = request.uri().scheme_str() == Some("https");
        self.check_literal(&request, is_secure)?;
        let exchange = async {
            let sent = if is_secure {
                let secure = self.secure.get_or_init(|| POOL.secure(self.guard(true))).as_ref();
                let client = secure.ok_or_else(no_certificates)?;
                client.request(request).await
            } else {
                self.plain.get_or_init(|| POOL.plain(self.guard(false))).request(request).await
            };
            read(sent.map_err(|error| told(&error))?, limits.body_bytes_max).await
        };
        within(limits, exchange).await
    }

    /// Sends a request to a host whose certificate an authority of its own has signed: `authority` is its PEM.
    pub(crate) async fn send_trusting(
        &self,
        authority: &[u8],
        request: Request<OutgoingBody>,
        limits: Limits,
    ) -> Result<Reply, OutboundError> {
        self.check_literal(&request, true)?;
        let client = trusting(authority, self.guard(true))?;
        let exchange = async {
            read(client.request(request).await.map_err(|error| told(&error))?, limits.body_bytes_max).await
        };
        within(limits, exchange).await
    }

    fn guard(&self, is_secure: bool) -> Guard {
        Guard { networks: Arc::clone(&self.networks), is_secure }
    }

    /// An address instead of a name is never resolved.
    fn check_literal(&self, request: &Request<OutgoingBody>, is_secure: bool) -> Result<(), OutboundError> {
        let host = request.uri().host().unwrap_or_default();
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) => {
                let checked = self.guard(is_secure).check(host, address);
                checked.map_err(|error| OutboundError::Refused(error.to_string()))
            }
            Err(_) => Ok(()),
        }
    }
}

pub(crate) async fn within(
    limits: Limits,
    exchange: impl Future<Output = Result<Reply, OutboundError>>,
) -> Result<Reply, OutboundError> {
    let ended = tokio::time::timeout(limits.timeout, exchange).await;
    ended.unwrap_or(Err(OutboundError::Timeout(limits.timeout.as_secs())))
}

pub(crate) async fn read(
    response: Response<hyper::body::Incoming>,
    body_bytes_max: usize,
) -> Result<Reply, OutboundError> {
    let (parts, body) = response.into_parts();
    let reason = parts.extensions.get::<ReasonPhrase>().map(|reason| text_of(reason.as_bytes()));
    let reason = reason.or_else(|| parts.status.canonical_reason().map(str::to_owned)).unwrap_or_default();
    let body = Limited::new(body, body_bytes_max).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            return OutboundError::TooLarge(body_bytes_max);
        }
        OutboundError::Socket(format!("The connection was closed before the response was complete: {error}"))
    })?;
    let headers = parts.headers.iter();
    Ok(Reply {
        status: parts.status.as_u16(),
        reason,
        headers: headers.map(|(name, value)| (name.to_string(), text_of(value.as_bytes()))).collect(),
        body: body.to_bytes().to_vec(),
    })
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The reason that lies deepest, and whether it was ours.
fn told(error: &Error) -> OutboundError {
    let mut source = error.source();
    let mut why = error.to_string();
    while let Some(cause) = source {
        match cause.downcast_ref::<GuardError>() {
            Some(error @ GuardError::Unknown(..)) => return OutboundError::Socket(error.to_string()),
            Some(error) => return OutboundError::Refused(error.to_string()),
            None => why = cause.to_string(),
        }
        source = cause.source();
    }
    OutboundError::Socket(if error.is_connect() { format!("The connection failed: {why}") } else { why })
}

fn no_certificates() -> OutboundError {
    OutboundError::Socket("The system's certificates cannot be read.".to_owned())
}

fn trusting(authority: &[u8], guard: Guard) -> Result<Secure<Guard>, OutboundError> {
    let wrong =
        |why: String| OutboundError::Refused(format!("The certificate authority cannot be used: {why}"));
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("it has no certificate in PEM".to_owned()));
    }
    POOL.trusting(roots, guard).map_err(|error| wrong(error.to_string()))
}
