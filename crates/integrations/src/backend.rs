//! Backends: where the AWS services are that this server does not host.

mod answer;
mod circuit;
mod forward;
mod send;
mod upload;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use hyper::http::uri::{Authority, Scheme};
use stepward_models::Service;

use crate::http_client::HttpClient;
use circuit::Circuit;

pub use forward::{Carried, ForwardError, Forwarded};
pub use send::{Answered, BackendError};
pub use stepward_sigv4::Credentials;
pub use upload::{PayloadError, PayloadForm, Upload};

/// Where backends have an API of their own, which asks for no right of AWS's: LocalStack, MinIO, moto.
const OWN_PATHS: [&str; 5] = [".minio.sys", "_aws", "_localstack", "minio", "moto-api"];

/// Whether a path leads to what a backend has beside AWS's services, such as everybody's data or an end to it all.
pub fn is_own_path(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let first = stepward_wire::percent_decode(first);
    OWN_PATHS.contains(&first.split('/').next().unwrap_or_default())
}

/// What the operator chose.
#[derive(Clone)]
pub struct BackendsConfig {
    /// The endpoint of every service that has none of its own.
    pub all: Option<String>,
    /// Endpoints by service: botocore's name or the name in credential scopes.
    pub each: BTreeMap<String, String>,
    /// Whose name requests are signed in; the caller's own where there are none.
    pub credentials: Option<stepward_sigv4::Credentials>,
    /// The account that owns what the backends hold; the caller's own where none is given.
    pub account: Option<String>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How often a request is tried altogether.
    pub attempts: u32,
    /// Host names of this server that a bucket may stand before, in lower case.
    pub hosts: Vec<String>,
}

impl Default for BackendsConfig {
    fn default() -> Self {
        Self {
            all: None,
            each: BTreeMap::new(),
            credentials: None,
            account: None,
            timeout: Duration::from_secs(60),
            attempts: 3,
            hosts: Vec::new(),
        }
    }
}

/// A backend's address that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the backend {given:?} is no address: {why}; right is for example http://127.0.0.1:5000")]
pub struct BackendAddressError {
    given: String,
    why: &'static str,
}

/// The backends of all services.
pub struct Backends {
    all: Option<Arc<Backend>>,
    each: BTreeMap<String, Arc<Backend>>,
    pub(crate) credentials: Option<stepward_sigv4::Credentials>,
    account: Option<String>,
    hosts: Vec<String>,
    pub(crate) timeout: Duration,
    pub(crate) attempts: u32,
    pub(crate) client: Arc<HttpClient>,
}

/// One backend.
pub struct Backend {
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    /// What stands before every path; empty or without a slash at its end.
    pub(crate) base: String,
    pub(crate) circuit: Circuit,
}

impl Backends {
    pub fn new(config: &BackendsConfig) -> Result<Self, BackendAddressError> {
        let all = config.all.as_deref().map(Backend::new).transpose()?.map(Arc::new);
        let each = config.each.iter().map(|(service, address)| {
            let address = Backend::new(address)?;
            Ok((service.to_ascii_lowercase(), Arc::new(address)))
        });
        Ok(Self {
            all,
            each: each.collect::<Result<_, _>>()?,
            credentials: config.credentials.clone(),
            account: config.account.clone(),
            hosts: config.hosts.clone(),
            timeout: config.timeout,
            attempts: config.attempts.max(1),
            client: Arc::default(),
        })
    }

    /// Whether a name is one of a service, as `each` has them.
    pub fn is_service(name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        stepward_models::service(&name).or_else(|| stepward_models::by_signing_name(&name)).is_some()
    }

    /// The backend of a service.
    pub fn of(&self, service: &Service) -> Option<&Arc<Backend>> {
        let names = [&service.name, &service.signing_name, &service.endpoint_prefix];
        names.iter().find_map(|name| self.each.get(*name)).or(self.all.as_ref())
    }

    /// Whether a service has a backend that was named for it, not only the one for all.
    pub(crate) fn has_own(&self, service: &Service) -> bool {
        let names = [&service.name, &service.signing_name, &service.endpoint_prefix];
        names.iter().any(|name| self.each.contains_key(*name))
    }

    /// The account that owns what the backends hold.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Host names of this server that a bucket may stand before.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// The client that speaks with them.
    pub fn client(&self) -> &Arc<HttpClient> {
        &self.client
    }

    /// What is told where a service has no backend.
    pub fn missing(service: &Service) -> String {
        format!(
            "no backend is configured for {0}: start the server with --backend URL, or with {0} = \"URL\" under [backends] in stepward.toml",
            service.name
        )
    }
}

impl Backend {
    fn new(address: &str) -> Result<Self, BackendAddressError> {
        let wrong = |why| BackendAddressError { given: address.to_owned(), why };
        let uri: Uri = address.parse().map_err(|_| wrong("it cannot be read as a URL"))?;
        let scheme =
            uri.scheme().cloned().ok_or_else(|| wrong("it does not begin with http:// or https://"))?;
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(wrong("only http and https are spoken"));
        }
        let authority = uri.authority().cloned().ok_or_else(|| wrong("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("credentials do not belong into an address"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has a query"));
        }
        let base = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { scheme, authority, base, circuit: Circuit::default() })
    }
}
