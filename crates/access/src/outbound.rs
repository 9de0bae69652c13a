//! Tokens with which identities of an account prove to others who they are (AWS: outbound identity federation).
//!
//! Each account has keys of its own, one of each kind; what verifies them is public, below the issuer's URL.

mod keys;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use crate::access::Access;
use crate::directory::Account;
use crate::entity::{AccountSettings, OutboundFederation};
use crate::error::AccessError;
use crate::random::uuid;
use keys::{elliptic_key, new_elliptic_key, new_rsa_key, rsa_key};

/// How a token is signed (RFC 7518).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    Es384,
    Rs256,
}

impl SigningAlgorithm {
    /// The algorithm of a name, of those that AWS has.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ES384" => Some(Self::Es384),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
        }
    }
}

impl Access {
    /// Says where this server is reached; the issuers of tokens are below it. The first word counts.
    pub fn set_endpoint(&self, endpoint: &str) {
        let _ = self.endpoint.set(endpoint.trim_end_matches('/').to_owned());
    }

    /// A new issuer with its keys.
    pub async fn new_outbound_federation(&self) -> Result<OutboundFederation, AccessError> {
        let (key_id, key_sealed) = new_elliptic_key(&self.vault)?;
        let rsa = Some(new_rsa_key(&self.vault).await?);
        Ok(OutboundFederation { id: uuid(), is_enabled: true, key_id, key_sealed, rsa })
    }

    /// The issuer of an account with the key for an algorithm, which is made now if it is not there yet.
    pub async fn with_key(
        &self,
        account: &str,
        federation: OutboundFederation,
        algorithm: SigningAlgorithm,
    ) -> Result<OutboundFederation, AccessError> {
        if algorithm == SigningAlgorithm::Es384 || federation.rsa.is_some() {
            return Ok(federation);
        }
        let new = new_rsa_key(&self.vault).await?;
        let change = self.change(account, |edit| {
            let mut settings = edit.account().account_settings();
            let Some(kept) = settings.outbound.as_mut() else { return Ok(federation) };
            // Another call may have been faster.
            kept.rsa.get_or_insert(new);
            let kept = kept.clone();
            edit.put::<AccountSettings>(settings)?;
            Ok::<_, AccessError>(kept)
        });
        change.await
    }

    /// The issuer of an account's tokens: `iss`.
    pub fn issuer(&self, federation: &OutboundFederation) -> String {
        format!("{}{}", self.issuers(), federation.id)
    }

    /// Whether a token says that it was issued here.
    pub fn is_own_issuer(&self, issuer: &str) -> bool {
        issuer.starts_with(&self.issuers())
    }

    /// What every issuer of this server begins with.
    fn issuers(&self) -> String {
        format!("{}/oidc/", self.endpoint.get().map_or("http://localhost:4566", String::as_str))
    }

    /// A signed token (RFC 7519).
    pub fn sign_token(
        &self,
        federation: &OutboundFederation,
        algorithm: SigningAlgorithm,
        claims: &Value,
    ) -> Result<String, AccessError> {
        let rsa_id = federation.rsa.as_ref().map(|key| key.id.as_str());
        let key_id = match algorithm {
            SigningAlgorithm::Es384 => Some(federation.key_id.as_str()),
            SigningAlgorithm::Rs256 => rsa_id,
        };
        let header = json!({"alg": algorithm.name(), "kid": key_id.ok_or(AccessError::Seal)?, "typ": "JWT"});
        let encode = |value: &Value| BASE64URL.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = match algorithm {
            SigningAlgorithm::Es384 => {
                elliptic_key(&self.vault, federation).and_then(|key| keys::sign_elliptic(&key, &signed))
            }
            SigningAlgorithm::Rs256 => {
                rsa_key(&self.vault, federation).and_then(|key| keys::sign_rsa(&key, &signed))
            }
        };
        Ok(format!("{signed}.{}", BASE64URL.encode(signature.ok_or(AccessError::Seal)?)))
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
                "id_token_signing_alg_values_supported": ["ES384", "RS256"],
                "claims_supported": ["aud", "exp", "iat", "iss", "jti", "sub"],
            })),
            ".well-known/jwks.json" => Some(self.public_keys(&federation)),
            _ => None,
        }
    }

    fn public_keys(&self, federation: &OutboundFederation) -> Value {
        let elliptic = elliptic_key(&self.vault, federation);
        let elliptic = elliptic.and_then(|key| keys::public_elliptic(&key, &federation.key_id));
        let rsa = rsa_key(&self.vault, federation).zip(federation.rsa.as_ref());
        let rsa = rsa.map(|(key, named)| keys::public_rsa(&key, &named.id));
        json!({"keys": elliptic.into_iter().chain(rsa).collect::<Vec<_>>()})
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
