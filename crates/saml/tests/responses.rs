//! Responses that signxml signed (`generate.py`), as they are, and spoilt.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "the responses are files")]

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use stepward_saml::{Assertion, Metadata, SamlError};
use stepward_types::Timestamp;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/responses")
}

fn metadata() -> Metadata {
    Metadata::parse(&fs::read_to_string(folder().join("metadata.xml")).unwrap()).unwrap()
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.xml"))).unwrap()
}

fn verify(text: &str) -> Result<Assertion, SamlError> {
    Assertion::verify(&BASE64.encode(text), &metadata())
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

#[test]
fn a_signed_response_is_read() {
    let names = ["assertion-sha256", "response-sha512", "both-sha384", "response-inclusive", "comment"];
    for name in names {
        let assertion =
            verify(&read(&format!("good-{name}"))).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(assertion.subject.name, "ada", "{name}");
        assert_eq!(assertion.issuer, "https://idp.example.test");
        assert_eq!(assertion.recipient, "https://signin.aws.amazon.com/saml");
        assert_eq!(assertion.audiences, [["https://signin.aws.amazon.com/saml"]]);
        assert_eq!(assertion.begins, Some(at("2026-03-14T11:59:00Z")));
        assert_eq!(assertion.ends, at("2026-03-14T12:05:00Z"));
        assert_eq!(assertion.session_ends, Some(at("2026-03-14T20:00:00Z")));
        let names: Vec<&str> =
            assertion.values("https://aws.amazon.com/SAML/Attributes/RoleSessionName").collect();
        assert_eq!(names, ["ada & \"co\""]);
    }
}

#[test]
fn a_spoilt_response_is_refused_for_what_was_done_to_it() {
    let cases = [
        ("tampered", "what was signed has changed"),
        ("tampered-signed-info", "it is not over the element around it"),
        ("unsigned", "neither the response nor the assertion is signed"),
        ("evil-assertion-before", "there is not exactly one assertion"),
        ("evil-assertion-around", "there is not exactly one assertion"),
        ("original-in-object", "there is not exactly one assertion"),
        ("signature-on-evil-assertion", "it is not over the element around it"),
        ("same-id", "there is not exactly one assertion"),
        ("signed-response-inside", "there is not exactly one assertion"),
        ("sha1", "its digest is none of SHA-256, SHA-384 and SHA-512"),
        ("other-key", "none of the provider's keys made it"),
        ("inner-of-other-key", "none of the provider's keys made it"),
        ("document-type", "a document type"),
        ("failed", "its status is not Success"),
        ("hmac", "it is not RSA with SHA-256, SHA-384 or SHA-512"),
    ];
    for (name, reason) in cases {
        let error = verify(&read(&format!("bad-{name}"))).unwrap_err().to_string();
        assert!(error.ends_with(reason), "{name}: {error}");
    }
    let spoilt = fs::read_dir(folder()).unwrap();
    let spoilt =
        spoilt.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with("bad-"));
    assert_eq!(spoilt.count(), cases.len(), "every spoilt response has its reason");
}

/// Whatever single byte of a signed response is changed: it is refused, or says the same as before.
#[test]
fn no_changed_byte_changes_what_is_read() {
    let good = read("good-assertion-sha256");
    let before = verify(&good).unwrap();
    for place in (0..good.len()).step_by(3) {
        let mut bytes = good.clone().into_bytes();
        bytes[place] ^= 1;
        if let Ok(assertion) = Assertion::verify(&BASE64.encode(&bytes), &metadata()) {
            assert_eq!(assertion, before, "at {place}");
        }
    }
}

#[test]
fn a_cut_response_and_other_metadata_are_refused() {
    let good = read("good-response-sha512");
    for end in (0..good.len()).step_by(7) {
        assert!(verify(good.get(..end).unwrap()).is_err());
    }
    let renamed = fs::read_to_string(folder().join("metadata.xml")).unwrap();
    let renamed = Metadata::parse(&renamed.replace("idp.example", "other.example")).unwrap();
    assert_eq!(Assertion::verify(&BASE64.encode(&good), &renamed), Err(SamlError::Issuer));
    assert_eq!(Assertion::verify("not base64!", &metadata()), Err(SamlError::Base64));
    for text in ["", "<a/>", "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\"/>"] {
        assert!(Metadata::parse(text).is_err(), "{text}");
    }
}
