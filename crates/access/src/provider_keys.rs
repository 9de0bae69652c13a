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
    fetched: Mutex<HashMap<String, Fetched>>,
}

/// What a provider answered, or why it did not: who cannot be reached is not asked again by every token.
#[derive(Clone)]
struct Fetched {
    asked: Timestamp,
    /// When the keys came.
    at: Timestamp,
    keys: Result<Arc<KeySet>, KeysError>,
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
        let is_younger = |at: Timestamp, millis: i64| now.millis() - at.millis() < millis;
        let known = self.known(issuer);
        if let Some(known) = &known {
            let has_key = known.keys.as_ref().is_ok_and(|keys| keys.has(token));
            if is_younger(known.asked, AGAIN_MILLIS) || (is_younger(known.at, FETCHED_MILLIS) && has_key) {
                return known.keys.clone();
            }
        }
        let fetch = self.fetch.as_ref().ok_or(KeysError::Unknown)?;
        let text = fetch.fetch(format!("https://{issuer}")).await;
        let read = text.and_then(|text| KeySet::parse(&text).map_err(|error| error.to_string()));
        let keys = read.map(Arc::new).map_err(KeysError::Communication);
        let before = known.filter(|known| known.keys.is_ok() && is_younger(known.at, FETCHED_MILLIS));
        let new = match before {
            // A token of an unknown key must not take the keys away from all others.
            Some(before) if keys.is_err() => Fetched { asked: now, ..before },
            _ => Fetched { asked: now, at: now, keys },
        };
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        if fetched.len() >= PROVIDERS_MAX {
            fetched.clear();
        }
        fetched.insert(issuer.to_owned(), new.clone());
        new.keys
    }

    fn known(&self, issuer: &str) -> Option<Fetched> {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A provider that answers what is left, the first first, and counts how often it is asked.
    struct Answers {
        left: Mutex<Vec<Result<String, String>>>,
        asked: AtomicUsize,
    }

    impl FetchKeys for Answers {
        fn fetch(&self, _: String) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + '_>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let answer = self.left.lock().unwrap().remove(0);
            Box::pin(std::future::ready(answer))
        }
    }

    fn token(key: &str) -> Jwt {
        use base64::Engine as _;
        let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let header = encode(&format!(r#"{{"alg":"ES256","kid":"{key}"}}"#));
        Jwt::parse(&format!("{header}.{}.{}", encode("{}"), encode("x"))).unwrap()
    }

    #[tokio::test]
    async fn a_provider_that_cannot_be_reached_is_asked_again_after_a_while_and_its_keys_stay() {
        let keys = r#"{"keys": [{"kty": "EC", "kid": "a"}]}"#.to_owned();
        let gone = || Err("gone".to_owned());
        let answers = Arc::new(Answers {
            left: Mutex::new(vec![gone(), Ok(keys), gone()]),
            asked: AtomicUsize::new(0),
        });
        let provider = ProviderKeys::new("{}", Some(Arc::clone(&answers) as Arc<dyn FetchKeys>)).unwrap();
        let at = |millis| Timestamp::from_millis(1_780_000_000_000 + millis);
        let asked = || answers.asked.load(Ordering::Relaxed);
        for _ in 0..3 {
            let none = provider.of("https://idp.example", &token("a"), at(0)).await;
            assert_eq!(none.unwrap_err(), KeysError::Communication("gone".to_owned()));
        }
        assert_eq!(asked(), 1);
        provider.of("https://idp.example", &token("a"), at(AGAIN_MILLIS)).await.unwrap();
        let later = at(3 * AGAIN_MILLIS);
        provider.of("https://idp.example", &token("unknown"), later).await.unwrap();
        assert_eq!(asked(), 3);
        provider.of("https://idp.example", &token("a"), later).await.unwrap();
        provider.of("https://idp.example", &token("unknown"), later).await.unwrap();
        assert_eq!(asked(), 3);
    }
}
