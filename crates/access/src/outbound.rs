//! Tokens with which identities of an account prove to others who they are (AWS: outbound identity federation).
//!
//! Each account has a key of its own; what verifies it is public, below the issuer's URL.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::access::Access;
use crate::directory::Account;
use crate::entity::OutboundFederation;
use crate::error::AccessError;
use crate::random::{letters, uuid};

const PURPOSE: &str = "outbound federation";
const KEY_ID_CHARACTERS: usize = 22;
const COORDINATE_BYTES: usize = 48;

impl Access {
    /// Says where this server is reached; the issuers of tokens are below it. The first word counts.
    pub fn set_endpoint(&self, endpoint: &str) {
        let _ = self.endpoint.set(endpoint.trim_end_matches('/').to_owned());
    }

    /// A new issuer with its key.
    pub fn new_outbound_federation(&self) -> Result<OutboundFederation, AccessError> {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| AccessError::Seal)?;
        Ok(OutboundFederation {
            id: uuid(),
            is_enabled: true,
            key_id: letters(KEY_ID_CHARACTERS),
            key_sealed: self.vault.seal(PURPOSE, key.as_ref())?,
        })
    }

    /// The issuer of an account's tokens: `iss`.
    pub fn issuer(&self, federation: &OutboundFederation) -> String {
        let endpoint = self.endpoint.get().map_or("http://localhost:4566", String::as_str);
        format!("{endpoint}/oidc/{}", federation.id)
    }

    /// A signed token (RFC 7519, ES384).
    pub fn sign_token(&self, federation: &OutboundFederation, claims: &Value) -> Result<String, AccessError> {
        let key = self.outbound_key(federation).ok_or(AccessError::Seal)?;
        let header = json!({"alg": "ES384", "kid": federation.key_id, "typ": "JWT"});
        let encode = |value: &Value| BASE64URL.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| AccessError::Seal)?;
        Ok(format!("{signed}.{}", BASE64URL.encode(signature)))
    }

    /// What an issuer tells the world, by the path of the request: its configuration or its keys.
    pub fn discovery(&self, path: &str) -> Option<Value> {
        let (id, document) = path.strip_prefix("/oidc/")?.split_once('/')?;
        let federation = self.outbound_of(id)?;
        let issuer = self.issuer(&federation);
        match document {
            ".well-known/openid-configuration" => Some(json!({
                "issuer": issuer,
                "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES384"],
                "claims_supported": ["aud", "exp", "iat", "iss", "jti", "sub"],
            })),
            ".well-known/jwks.json" => Some(json!({"keys": [self.public_key(&federation)?]})),
            _ => None,
        }
    }

    fn outbound_key(&self, federation: &OutboundFederation) -> Option<EcdsaKeyPair> {
        let pkcs8 = self.vault.open_sealed(PURPOSE, &federation.key_sealed)?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &pkcs8, &SystemRandom::new()).ok()
    }

    fn public_key(&self, federation: &OutboundFederation) -> Option<Value> {
        let key = self.outbound_key(federation)?;
        // Uncompressed: 4, then both coordinates.
        let point = key.public_key().as_ref().get(1..)?;
        let (x, y) = point.split_at_checked(COORDINATE_BYTES)?;
        Some(json!({
            "kty": "EC", "crv": "P-384", "use": "sig", "alg": "ES384", "kid": federation.key_id,
            "x": BASE64URL.encode(x), "y": BASE64URL.encode(y),
        }))
    }

    #[expect(
        clippy::iter_over_hash_type,
        reason = "issuers are unique: the order of accounts does not matter"
    )]
    fn outbound_of(&self, id: &str) -> Option<OutboundFederation> {
        for account in self.accounts().values() {
            let settings = Account::account_settings(Arc::as_ref(account));
            if let Some(federation) = settings.outbound.filter(|federation| federation.id == id) {
                return Some(federation);
            }
        }
        None
    }
}
