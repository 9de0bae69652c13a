//! How every client that goes out is built: pooled connections, TLS with the certificates that it is given, names resolved by
//! whoever judges the addresses.

use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

use crate::http_client::OutgoingBody;

const IDLE_SECONDS: u64 = 30;

pub(crate) type Plain<R> = Client<HttpConnector<R>, OutgoingBody>;
pub(crate) type Secure<R> = Client<HttpsConnector<HttpConnector<R>>, OutgoingBody>;

/// A pool of connections that is still to be built.
pub(crate) struct Pool {
    /// How long a connection may take.
    pub(crate) connect_seconds: u64,
    /// Connections to one host that wait for the next request.
    pub(crate) idle_per_host_max: usize,
}

impl Pool {
    /// A client for http.
    pub(crate) fn plain<R>(&self, resolver: R) -> Plain<R>
    where
        HttpConnector<R>: Connect + Clone,
    {
        self.client(self.connector(resolver))
    }

    /// A client for https alone, for hosts whose certificates the system trusts; nothing where those cannot be read.
    pub(crate) fn secure<R>(&self, resolver: R) -> Option<Secure<R>>
    where
        HttpsConnector<HttpConnector<R>>: Connect + Clone,
    {
        let builder = HttpsConnectorBuilder::new().with_native_roots();
        let builder =
            builder.inspect_err(|error| tracing::error!(%error, "certificates cannot be read")).ok()?;
        Some(self.client(builder.https_only().enable_http1().wrap_connector(self.connector(resolver))))
    }

    /// The same for hosts whose certificates lead to one of these.
    pub(crate) fn trusting<R>(&self, roots: RootCertStore, resolver: R) -> Result<Secure<R>, rustls::Error>
    where
        HttpsConnector<HttpConnector<R>>: Connect + Clone,
    {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1();
        Ok(self.client(builder.wrap_connector(self.connector(resolver))))
    }

    fn connector<R>(&self, resolver: R) -> HttpConnector<R> {
        let mut connector = HttpConnector::new_with_resolver(resolver);
        // Without it a request in two writes waits 40 ms for an acknowledgement.
        connector.set_nodelay(true);
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(Duration::from_secs(self.connect_seconds)));
        connector
    }

    fn client<C: Connect + Clone>(&self, connector: C) -> Client<C, OutgoingBody> {
        Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            .pool_max_idle_per_host(self.idle_per_host_max)
            .build(connector)
    }
}
