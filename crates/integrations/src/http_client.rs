//! One HTTP client for everything that goes out: pooled, with https where an address asks for it.

mod resolver;

use std::sync::OnceLock;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::client::legacy::Error;

use crate::pool::{Plain, Pool, Secure};
use resolver::{Reach, Resolver};

const POOL: Pool = Pool { connect_seconds: 5, idle_per_host_max: 256 };

/// A body on its way out, be it in memory or a stream.
pub type OutgoingBody = BoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// A body that is in memory.
pub fn whole(bytes: impl Into<Bytes>) -> OutgoingBody {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// The client, shared by backends and HTTP Tasks.
#[derive(Default)]
pub struct HttpClient {
    /// Which addresses it connects to.
    reach: Reach,
    plain: OnceLock<Plain<Resolver>>,
    /// Made when it is first used: it reads the system's certificates.
    secure: OnceLock<Option<Secure<Resolver>>>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    #[error("the system's certificates cannot be read")]
    Certificates,
    #[error("{0} is not a public address")]
    Private(String),
    #[error(transparent)]
    Client(#[from] Error),
}

impl HttpClient {
    /// A client that connects to public addresses only: for URLs that others choose.
    pub fn public_only() -> Self {
        Self { reach: Reach::Public, ..Self::default() }
    }

    /// Sends a request whose URI is absolute.
    pub async fn send(&self, request: Request<OutgoingBody>) -> Result<Response<Incoming>, HttpClientError> {
        if let Some(host) = request.uri().host().filter(|host| !self.reach.allows_host(host)) {
            return Err(HttpClientError::Private(host.to_owned()));
        }
        if request.uri().scheme_str() == Some("https") {
            let secure = self
                .secure
                .get_or_init(|| POOL.secure(Resolver::new(self.reach)))
                .as_ref()
                .ok_or(HttpClientError::Certificates)?;
            return Ok(secure.request(request).await?);
        }
        Ok(self.plain.get_or_init(|| POOL.plain(Resolver::new(self.reach))).request(request).await?)
    }
}
