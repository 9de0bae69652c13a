//! Metadata of an identity provider: its name, and the keys with which it signs.

use std::collections::BTreeSet;

use stepward_types::Timestamp;

use crate::error::SamlError;
use crate::tree::Element;
use crate::x509::Certificate;

const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What is taken from the metadata of one identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    pub entity_id: String,
    /// RSA public keys (PKCS #1, DER).
    pub(crate) keys: Vec<Vec<u8>>,
    pub valid_until: Option<Timestamp>,
}

impl Metadata {
    /// Reads the metadata of one entity that is an identity provider.
    ///
    /// The ends of certificates do not count, as on AWS: whoever holds the metadata trusts the keys in it.
    pub fn parse(text: &str) -> Result<Self, SamlError> {
        let root = Element::parse(text)?;
        if !root.is(MD, "EntityDescriptor") {
            return Err(SamlError::Metadata("its root is not an EntityDescriptor"));
        }
        let entity_id = root.attribute("entityID").filter(|id| !id.is_empty());
        let entity_id = entity_id.ok_or(SamlError::Metadata("it has no entityID"))?.to_owned();
        let providers: Vec<&Element> = root.all(MD, "IDPSSODescriptor").collect();
        if providers.is_empty() {
            return Err(SamlError::Metadata("it has no IDPSSODescriptor"));
        }
        let signing = |key: &&Element| key.attribute("use").is_none_or(|usage| usage == "signing");
        let descriptors =
            providers.iter().flat_map(|provider| provider.all(MD, "KeyDescriptor")).filter(signing);
        let certificates: Vec<Certificate> = descriptors.flat_map(certificates).collect();
        if certificates.is_empty() {
            return Err(SamlError::Metadata("it has no X509Certificate to sign with"));
        }
        // Other keys than RSA's may stand there, and verify nothing.
        let keys = certificates.iter().filter_map(|certificate| certificate.rsa_key().map(<[u8]>::to_vec));
        let keys: BTreeSet<Vec<u8>> = keys.collect();
        let valid_until = root.attribute("validUntil").and_then(|at| Timestamp::parse_rfc3339(at).ok());
        Ok(Self { entity_id, keys: keys.into_iter().collect(), valid_until })
    }
}

fn certificates(key: &Element) -> Vec<Certificate> {
    let infos = key.all(DS, "KeyInfo").flat_map(|info| info.all(DS, "X509Data"));
    let texts = infos.flat_map(|data| data.all(DS, "X509Certificate")).filter_map(Element::text);
    texts.filter_map(|text| Certificate::from_base64(&text)).collect()
}
