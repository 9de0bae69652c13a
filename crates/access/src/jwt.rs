//! JSON Web Tokens of identity providers: read, and verified against the provider's keys (RFC 7515, 7517, 7519).
//!
//! Refuses every algorithm that is not asymmetric: a token cannot choose `none`, nor turn a public key into a secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Keys of a set that are looked at.
const KEYS_MAX: usize = 100;

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("the token is not a JWT of three parts with a JSON header and JSON claims")]
    Malformed,
    #[error("the token's algorithm is none of RS256, RS384, RS512, ES256, ES384")]
    Algorithm,
    #[error("the provider has no key of the token's id and algorithm")]
    NoKey,
    #[error("the token's signature does not match")]
    Signature,
}

/// A token whose signature is not verified yet.
#[derive(Clone, Debug)]
pub struct Jwt {
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: Map<String, Value>,
    signed: String,
    signature: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Es256,
    Es384,
}

/// The public keys of a provider.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// A public key; what is no signature key of a known type is passed over.
#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a JSON Web Key Set.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a key has the id that a token names; one that names none may be signed by any.
    pub(crate) fn has(&self, token: &Jwt) -> bool {
        token.key_id.is_none() || self.keys.iter().any(|key| key.kid == token.key_id)
    }
}

impl Jwt {
    /// Reads a token without believing it.
    pub fn parse(text: &str) -> Result<Self, JwtError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(JwtError::Malformed)?;
        let header = object(header)?;
        if header.contains_key("crit") {
            return Err(JwtError::Malformed);
        }
        Ok(Self {
            algorithm: algorithm(header.get("alg").and_then(Value::as_str).unwrap_or_default())?,
            key_id: header.get("kid").and_then(Value::as_str).map(str::to_owned),
            claims: object(claims)?,
            signed: signed.to_owned(),
            signature: BASE64URL.decode(signature).map_err(|_| JwtError::Malformed)?,
        })
    }

    /// The claims, which are worth nothing before `verify`.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// A claim that is a text.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// Verifies the signature with the key of the token's id, or with any of its kind when it names none.
    pub fn verify(&self, keys: &KeySet) -> Result<(), JwtError> {
        let fits = |key: &&Key| {
            (self.key_id.is_none() || key.kid == self.key_id)
                && key.usage.as_deref().is_none_or(|usage| usage == "sig")
                && key.alg.as_deref().is_none_or(|named| algorithm(named) == Ok(self.algorithm))
        };
        let mut is_known = false;
        for key in keys.keys.iter().take(KEYS_MAX).filter(fits) {
            match self.is_signed_by(key) {
                Some(true) => return Ok(()),
                Some(false) => is_known = true,
                None => {}
            }
        }
        Err(if is_known { JwtError::Signature } else { JwtError::NoKey })
    }

    /// None when the key is not of the algorithm's kind.
    fn is_signed_by(&self, key: &Key) -> Option<bool> {
        let rsa = |parameters: &'static RsaParameters| {
            let (n, e) = (bytes(key.n.as_ref())?, bytes(key.e.as_ref())?);
            let public = RsaPublicKeyComponents { n: &n, e: &e };
            Some(public.verify(parameters, self.signed.as_bytes(), &self.signature).is_ok())
        };
        let elliptic = |algorithm, curve: &str| {
            if key.crv.as_deref() != Some(curve) {
                return None;
            }
            let (x, y) = (bytes(key.x.as_ref())?, bytes(key.y.as_ref())?);
            let point: Vec<u8> = std::iter::once(4).chain(x).chain(y).collect();
            let public = UnparsedPublicKey::new(algorithm, point);
            Some(public.verify(self.signed.as_bytes(), &self.signature).is_ok())
        };
        match (self.algorithm, key.kty.as_str()) {
            (Algorithm::Rs256, "RSA") => rsa(&RSA_PKCS1_2048_8192_SHA256),
            (Algorithm::Rs384, "RSA") => rsa(&RSA_PKCS1_2048_8192_SHA384),
            (Algorithm::Rs512, "RSA") => rsa(&RSA_PKCS1_2048_8192_SHA512),
            (Algorithm::Es256, "EC") => elliptic(&ECDSA_P256_SHA256_FIXED, "P-256"),
            (Algorithm::Es384, "EC") => elliptic(&ECDSA_P384_SHA384_FIXED, "P-384"),
            _ => None,
        }
    }
}

fn algorithm(name: &str) -> Result<Algorithm, JwtError> {
    match name {
        "RS256" => Ok(Algorithm::Rs256),
        "RS384" => Ok(Algorithm::Rs384),
        "RS512" => Ok(Algorithm::Rs512),
        "ES256" => Ok(Algorithm::Es256),
        "ES384" => Ok(Algorithm::Es384),
        _ => Err(JwtError::Algorithm),
    }
}

fn object(part: &str) -> Result<Map<String, Value>, JwtError> {
    let bytes = BASE64URL.decode(part).map_err(|_| JwtError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwtError::Malformed)
}

fn bytes(text: Option<&String>) -> Option<Vec<u8>> {
    BASE64URL.decode(text?.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // RFC 7515, appendix A.2 and A.3: the same claims, signed by an RSA key and by an elliptic one.
    const CLAIMS: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const ES256: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn keys() -> KeySet {
        let key = json!({
            "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        KeySet::parse(&json!({"keys": [key]}).to_string()).unwrap()
    }

    fn token(header: &str, signature: &str) -> String {
        format!("{}.{CLAIMS}.{signature}", BASE64URL.encode(header))
    }

    #[test]
    fn the_token_of_the_rfc_is_verified_and_a_changed_one_is_not() {
        let good = Jwt::parse(&token(r#"{"alg":"ES256"}"#, ES256)).unwrap();
        assert_eq!((good.verify(&keys()), good.text("iss")), (Ok(()), Some("joe")));
        let changed = ES256.replacen('D', "E", 1);
        let bad = Jwt::parse(&token(r#"{"alg":"ES256"}"#, &changed)).unwrap();
        assert_eq!(bad.verify(&keys()), Err(JwtError::Signature));
    }

    #[test]
    fn a_token_cannot_choose_how_weakly_it_is_verified() {
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, "{}"] {
            assert_eq!(Jwt::parse(&token(header, ES256)).unwrap_err(), JwtError::Algorithm, "{header}");
        }
        let rsa = Jwt::parse(&token(r#"{"alg":"RS256"}"#, ES256)).unwrap();
        assert_eq!(rsa.verify(&keys()), Err(JwtError::NoKey));
        let other = Jwt::parse(&token(r#"{"alg":"ES256","kid":"x"}"#, ES256)).unwrap();
        assert_eq!(other.verify(&keys()), Err(JwtError::NoKey));
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        for text in ["", "a.b", "a.b.c", "e30.e30", "....", "e30.bnVsbA.eA"] {
            assert!(Jwt::parse(text).is_err(), "{text}");
        }
    }
}
