//! Signing keys: derived from a secret for one day, Region and service.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// A key that signs for one day, Region and service. Deriving it costs four hashes: keep it.
#[derive(Clone)]
pub struct SigningKey(Option<Hmac<Sha256>>);

impl SigningKey {
    /// `date` is `YYYYMMDD`.
    pub fn derive(secret: &str, date: &str, region: &str, service: &str) -> Self {
        let date_key = mac(format!("AWS4{secret}").as_bytes(), date.as_bytes());
        let region_key = mac(&date_key, region.as_bytes());
        let service_key = mac(&region_key, service.as_bytes());
        Self(Hmac::new_from_slice(&mac(&service_key, b"aws4_request")).ok())
    }

    /// The signature of a string to sign.
    pub fn sign(&self, text: &str) -> [u8; 32] {
        // HMAC takes keys of any length: there always is one.
        let Some(mut mac) = self.0.clone() else { return [0; 32] };
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

fn mac(key: &[u8], data: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length: the constructor cannot refuse one.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return [0; 32] };
    mac.update(data);
    mac.finalize().into_bytes().into()
}
