//! Which addresses a client connects to. A name is judged by what it resolves to at the very moment it is used, so that
//! it cannot become another one between the question and the connection.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use crate::outbound::is_public;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reach {
    #[default]
    Everything,
    /// Neither this machine nor its network.
    Public,
}

impl Reach {
    /// A host that is an address is not resolved: it is judged as it stands.
    pub(super) fn allows_host(self, host: &str) -> bool {
        let plain = host.trim_start_matches('[').trim_end_matches(']');
        plain.parse().map_or(true, |address| self.allows(address))
    }

    fn allows(self, address: IpAddr) -> bool {
        self == Self::Everything || is_public(address)
    }
}

/// Resolves names as the system does, and gives none of the addresses that are out of reach.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    reach: Reach,
}

impl Resolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move {
            // The port is set by who connects.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                let text = format!("{name} has no public address");
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_its_network_are_not_public() {
        for address in
            ["127.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1"]
        {
            assert!(!Reach::Public.allows_host(address), "{address}");
        }
        for address in ["8.8.8.8", "2606:4700::1111"] {
            assert!(Reach::Public.allows_host(address), "{address}");
        }
        assert!(!Reach::Public.allows_host("[::1]") && Reach::Public.allows_host("example.test"));
        assert!(Reach::Everything.allows_host("127.0.0.1"));
    }
}
