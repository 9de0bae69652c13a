//! Finds the addresses of a name and lets only those pass that may be called. The connection goes to an address that was
//! looked at: a name that changes its mind in between gains nothing.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::network::{Network, is_public};

/// Which addresses may be called.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub(super) networks: Arc<[Network]>,
    /// Without encryption only what the operator named is called.
    pub(super) is_secure: bool,
}

/// Why a name leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum GuardError {
    #[error("The host {0} is in a private network, which this server does not call.")]
    Private(String),
    #[error("The host {0} is called with https only.")]
    Plain(String),
    #[error("The host {0} could not be resolved: {1}")]
    Unknown(String, std::io::Error),
}

impl Guard {
    /// Whether an address may be called, or why not.
    pub(super) fn check(&self, host: &str, address: IpAddr) -> Result<(), GuardError> {
        if self.networks.iter().any(|network| network.contains(address)) {
            return Ok(());
        }
        match (is_public(address), self.is_secure) {
            (true, true) => Ok(()),
            (true, false) => Err(GuardError::Plain(host.to_owned())),
            (false, _) => Err(GuardError::Private(host.to_owned())),
        }
    }

    async fn resolve(self, name: Name) -> Result<std::vec::IntoIter<SocketAddr>, GuardError> {
        let host = name.as_str();
        let unknown = |error| GuardError::Unknown(host.to_owned(), error);
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await.map_err(unknown)?.collect();
        let mut refused = None;
        let mut passing = Vec::with_capacity(found.len());
        for address in found {
            match self.check(host, address.ip()) {
                Ok(()) => passing.push(address),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if passing.is_empty() => Err(error),
            _ => Ok(passing.into_iter()),
        }
    }
}

impl Service<Name> for Guard {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = GuardError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, GuardError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), GuardError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(self.clone().resolve(name))
    }
}
