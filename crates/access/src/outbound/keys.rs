//! The keys of an issuer: made, sealed, used, and shown to the world (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use serde_json::{Value, json};

use crate::entity::{OutboundFederation, OutboundRsaKey};
use crate::error::AccessError;
use crate::random::letters;
use crate::vault::Vault;

const PURPOSE: &str = "outbound federation";
const KEY_ID_CHARACTERS: usize = 22;
const COORDINATE_BYTES: usize = 48;
/// RFC 7518: RS256 needs keys of at least this size.
const RSA_BITS: usize = 2_048;

/// The id of a new key of P-384, and the key.
pub(super) fn new_elliptic_key(vault: &Vault) -> Result<(String, String), AccessError> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|_| AccessError::Seal)?;
    Ok((letters(KEY_ID_CHARACTERS), vault.seal(PURPOSE, key.as_ref())?))
}

/// A new RSA key. It takes a part of a second: not on a thread that serves others.
pub(super) async fn new_rsa_key(vault: &Vault) -> Result<OutboundRsaKey, AccessError> {
    let made = tokio::task::spawn_blocking(generate_rsa).await;
    let key = made.ok().flatten().ok_or(AccessError::Seal)?;
    Ok(OutboundRsaKey { id: letters(KEY_ID_CHARACTERS), sealed: vault.seal(PURPOSE, &key)? })
}

fn generate_rsa() -> Option<Vec<u8>> {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS).ok()?;
    Some(key.to_pkcs1_der().ok()?.as_bytes().to_vec())
}

pub(super) fn elliptic_key(vault: &Vault, federation: &OutboundFederation) -> Option<EcdsaKeyPair> {
    let pkcs8 = vault.open_sealed(PURPOSE, &federation.key_sealed)?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &pkcs8, &SystemRandom::new()).ok()
}

pub(super) fn rsa_key(vault: &Vault, federation: &OutboundFederation) -> Option<RsaKeyPair> {
    RsaKeyPair::from_der(&vault.open_sealed(PURPOSE, &federation.rsa.as_ref()?.sealed)?).ok()
}

pub(super) fn sign_elliptic(key: &EcdsaKeyPair, text: &str) -> Option<Vec<u8>> {
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).ok()?;
    Some(signature.as_ref().to_vec())
}

pub(super) fn sign_rsa(key: &RsaKeyPair, text: &str) -> Option<Vec<u8>> {
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).ok()?;
    Some(signature)
}

pub(super) fn public_elliptic(key: &EcdsaKeyPair, id: &str) -> Option<Value> {
    // Uncompressed: 4, then both coordinates.
    let point = key.public_key().as_ref().get(1..)?;
    let (x, y) = point.split_at_checked(COORDINATE_BYTES)?;
    Some(json!({
        "kty": "EC", "crv": "P-384", "use": "sig", "alg": "ES384", "kid": id,
        "x": BASE64URL.encode(x), "y": BASE64URL.encode(y),
    }))
}

pub(super) fn public_rsa(key: &RsaKeyPair, id: &str) -> Value {
    let public = PublicKeyComponents::<Vec<u8>>::from(key.public());
    json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
        "n": BASE64URL.encode(public.n), "e": BASE64URL.encode(public.e),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_made_is_one_that_can_sign() {
        for _ in 0..3 {
            let key = RsaKeyPair::from_der(&generate_rsa().unwrap()).unwrap();
            assert_eq!(sign_rsa(&key, "text").unwrap().len(), RSA_BITS / 8);
        }
    }
}
