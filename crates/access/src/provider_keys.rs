//! The public keys of OpenID Connect providers: given by the operator, or fetched where that is allowed.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use stepward_types::Timestamp;

use crate::jwt::{Jwt, KeySet};

/// How long fetched keys are believed.
const FETCHED_MILLIS: i64 = 60 * 60 * 1_000;
/// A token of an unknown key makes us ask again, but not more often than this.
const AGAIN_MILLIS: i64 = 30_000;
const PROVIDERS_MAX: usize = 1_000;

/// Fetches the key set of an issuer, by its URL with `https://`.
pub trait FetchKeys: Send + Sync {
    fn fetch(&self, issuer: String) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + '_>>;
}

/// Why there are no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// None were given, and fetching is not allowed.
    #[error("no keys are known for the provider")]
    Unknown,
    #[error("the provider's keys could not be fetched: {0}")]
    Communication(String),
}

/// Where keys come from.
#[derive(Default)]
pub struct ProviderKeys {
    /// By the issuer without `https://`.
    given: BTreeMap<String, Arc<KeySet>>,
    fetch: Option<Arc<dyn FetchKeys>>,
    fetched: Mutex<HashMap<String, (Timestamp, Arc<KeySet>)>>,
}

impl ProviderKeys {
    /// Keys by issuer, e.g. `{"https://token.example": {"keys": […]}}`; and perhaps a way to fetch others.
    pub fn new(given: &str, fetch: Option<Arc<dyn FetchKeys>>) -> Result<Self, serde_json::Error> {
        let given: BTreeMap<String, KeySet> = serde_json::from_str(given)?;
        let plain = |(issuer, keys): (String, KeySet)| (without_scheme(&issuer).to_owned(), Arc::new(keys));
        Ok(Self { given: given.into_iter().map(plain).collect(), fetch, fetched: Mutex::default() })
    }

    /// The keys with which a token of an issuer may be signed.
    pub async fn of(&self, issuer: &str, token: &Jwt, now: Timestamp) -> Result<Arc<KeySet>, KeysError> {
        let issuer = without_scheme(issuer);
        if let Some(keys) = self.given.get(issuer) {
            return Ok(Arc::clone(keys));
        }
        if let Some((at, keys)) = self.known(issuer) {
            let age = now.millis() - at.millis();
            if age < AGAIN_MILLIS || (age < FETCHED_MILLIS && keys.has(token)) {
                return Ok(keys);
            }
        }
        let fetch = self.fetch.as_ref().ok_or(KeysError::Unknown)?;
        let text = fetch.fetch(format!("https://{issuer}")).await.map_err(KeysError::Communication)?;
        let keys = KeySet::parse(&text).map_err(|error| KeysError::Communication(error.to_string()))?;
        let keys = Arc::new(keys);
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        if fetched.len() >= PROVIDERS_MAX {
            fetched.clear();
        }
        fetched.insert(issuer.to_owned(), (now, Arc::clone(&keys)));
        Ok(keys)
    }

    fn known(&self, issuer: &str) -> Option<(Timestamp, Arc<KeySet>)> {
        self.fetched.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned()
    }
}

/// An issuer as providers are named by: without `https://` and without a slash at its end.
pub(crate) fn without_scheme(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/')
}

impl fmt::Debug for ProviderKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ProviderKeys").field("given", &self.given.keys()).finish_non_exhaustive()
    }
}
