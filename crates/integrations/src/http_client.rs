//! One HTTP client for everything that goes out: pooled, with https where an address asks for it.

mod resolver;

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use resolver::{Reach, Resolver};

const CONNECT_SECONDS: u64 = 5;
const IDLE_SECONDS: u64 = 30;
const IDLE_PER_HOST_MAX: usize = 256;

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
    plain: OnceLock<Client<Connector, OutgoingBody>>,
    /// Made when it is first used: it reads the system's certificates.
    secure: OnceLock<Option<Client<HttpsConnector<Connector>, OutgoingBody>>>,
}

type Connector = HttpConnector<Resolver>;

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
                .get_or_init(|| secure(self.reach))
                .as_ref()
                .ok_or(HttpClientError::Certificates)?;
            return Ok(secure.request(request).await?);
        }
        Ok(self.plain.get_or_init(|| client(connector(self.reach))).request(request).await?)
    }
}

fn secure(reach: Reach) -> Option<Client<HttpsConnector<Connector>, OutgoingBody>> {
    let mut http = connector(reach);
    http.enforce_http(false);
    let builder = hyper_rustls::HttpsConnectorBuilder::new().with_native_roots();
    let builder = builder.inspect_err(|error| tracing::error!(%error, "certificates cannot be read")).ok()?;
    Some(client(builder.https_or_http().enable_http1().wrap_connector(http)))
}

fn connector(reach: Reach) -> Connector {
    let mut connector = HttpConnector::new_with_resolver(Resolver::new(reach));
    // Without it a request in two writes waits 40 ms for an acknowledgement.
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(Duration::from_secs(CONNECT_SECONDS)));
    connector
}

fn client<C>(connector: C) -> Client<C, OutgoingBody>
where
    C: hyper_util::client::legacy::connect::Connect + Clone,
{
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
        .build(connector)
}
