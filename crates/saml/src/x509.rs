//! What is read of certificates and private keys: the end of their validity, and whether they belong together.
//!
//! Refuses to judge chains and names: whoever serves the certificate does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RsaKeyPair,
};
use stepward_types::Timestamp;

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const OBJECT_ID: u8 = 0x06;
/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`: the version, which the first form of certificates does not have.
const VERSION: u8 = 0xa0;

/// An X.509 certificate (RFC 5280), as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub expires: Timestamp,
    /// The key itself, without its algorithm.
    public_key: Vec<u8>,
    is_rsa: bool,
}

impl Certificate {
    /// Reads the first certificate of a PEM text.
    pub fn parse(pem: &str) -> Option<Self> {
        Self::from_der(&section(pem, "CERTIFICATE")?)
    }

    /// Reads a certificate as XML signatures carry it: base64 without lines around it.
    pub(crate) fn from_base64(text: &str) -> Option<Self> {
        Self::from_der(&BASE64.decode(text.split_whitespace().collect::<String>()).ok()?)
    }

    /// The key, if it is one of RSA (PKCS #1, DER).
    pub(crate) fn rsa_key(&self) -> Option<&[u8]> {
        self.is_rsa.then_some(self.public_key.as_slice())
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        let (_, certificate, _) = element(der, SEQUENCE)?;
        let (_, body, _) = element(certificate, SEQUENCE)?;
        let after_version = match any(body)? {
            (VERSION, _, rest) => rest,
            _ => body,
        };
        // Serial number, algorithm, issuer.
        let rest = skip(after_version, 3)?;
        let (_, validity, rest) = element(rest, SEQUENCE)?;
        let (tag, end, _) = any(skip(validity, 1)?)?;
        // Subject.
        let (_, key, _) = element(skip(rest, 1)?, SEQUENCE)?;
        let (_, algorithm, rest) = element(key, SEQUENCE)?;
        let (_, kind, _) = element(algorithm, OBJECT_ID)?;
        let (_, bits, _) = element(rest, BIT_STRING)?;
        Some(Self {
            expires: moment(tag, end)?,
            // The first byte counts the bits that are not used: none.
            public_key: bits.get(1..)?.to_vec(),
            is_rsa: kind == RSA_ENCRYPTION,
        })
    }

    /// Whether a private key is the certificate's; none when the key is of a kind that cannot be read here.
    pub fn has_key(&self, pem: &str) -> Option<bool> {
        let public = match (section(pem, "PRIVATE KEY"), section(pem, "RSA PRIVATE KEY")) {
            (Some(der), _) => pkcs8_public_key(&der)?,
            (None, Some(der)) => RsaKeyPair::from_der(&der).ok()?.public_key().as_ref().to_vec(),
            (None, None) => return None,
        };
        Some(public == self.public_key)
    }
}

fn pkcs8_public_key(der: &[u8]) -> Option<Vec<u8>> {
    if let Ok(key) = RsaKeyPair::from_pkcs8(der) {
        return Some(key.public_key().as_ref().to_vec());
    }
    let random = SystemRandom::new();
    let kinds = [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING];
    let mut keys = kinds.into_iter().filter_map(|kind| EcdsaKeyPair::from_pkcs8(kind, der, &random).ok());
    keys.next().map(|key| key.public_key().as_ref().to_vec())
}

/// The bytes between the lines that begin and end something in a PEM text.
fn section(pem: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    BASE64.decode(body.split_whitespace().collect::<String>()).ok()
}

/// The first element: its tag, its content, and what follows it (X.690, definite lengths).
fn any(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) =
            rest.split_at_checked(usize::from(first & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn element(bytes: &[u8], tag: u8) -> Option<(u8, &[u8], &[u8])> {
    any(bytes).filter(|(found, _, _)| *found == tag)
}

fn skip(bytes: &[u8], count: usize) -> Option<&[u8]> {
    (0..count).try_fold(bytes, |rest, _| any(rest).map(|(_, _, rest)| rest))
}

fn moment(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let text = match tag {
        // RFC 5280: years from 50 on are of the last century.
        UTC_TIME => format!("{}{text}", if text.as_bytes().first()? >= &b'5' { "19" } else { "20" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let (date, time) =
        ((part(0, 4)?, part(4, 6)?, part(6, 8)?), (part(8, 10)?, part(10, 12)?, part(12, 14)?));
    let text = format!("{}-{}-{}T{}:{}:{}Z", date.0, date.1, date.2, time.0, time.1, time.2);
    Timestamp::parse_rfc3339(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `example.test`.
    const CERTIFICATE: &str = include_str!("../tests/certificate.pem");

    #[test]
    fn a_certificate_says_when_it_ends() {
        let certificate = Certificate::parse(CERTIFICATE).unwrap();
        assert_eq!(certificate.expires, Timestamp::parse_rfc3339("2126-11-01T19:35:36Z").unwrap());
        assert_eq!(moment(UTC_TIME, b"491231235959Z"), Timestamp::parse_rfc3339("2049-12-31T23:59:59Z").ok());
        assert_eq!(moment(UTC_TIME, b"990101000000Z"), Timestamp::parse_rfc3339("1999-01-01T00:00:00Z").ok());
    }

    #[test]
    fn a_key_that_is_not_the_certificates_is_known() {
        let certificate = Certificate::parse(CERTIFICATE).unwrap();
        let random = SystemRandom::new();
        let other = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
            BASE64.encode(other.as_ref())
        );
        assert_eq!(certificate.has_key(&pem), Some(false));
        assert_eq!(certificate.has_key("-----BEGIN EC PRIVATE KEY-----"), None);
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        let der = section(CERTIFICATE, "CERTIFICATE").unwrap();
        for end in 0..der.len() {
            let cut = BASE64.encode(&der[..end]);
            let pem = format!("-----BEGIN CERTIFICATE-----\n{cut}\n-----END CERTIFICATE-----");
            assert_eq!(Certificate::parse(&pem), None);
        }
    }
}
