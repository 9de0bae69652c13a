//! Any text as SAML metadata, as a certificate, and as a response of a provider whose keys are known.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use libfuzzer_sys::fuzz_target;
use stepward_saml::{Assertion, Certificate, Metadata};

const METADATA: &str = include_str!("../../crates/saml/tests/responses/metadata.xml");
static KNOWN: LazyLock<Metadata> = LazyLock::new(|| Metadata::parse(METADATA).expect("the metadata of the tests"));

fuzz_target!(|text: &str| {
    if let Err(error) = Metadata::parse(text) {
        let _ = error.to_string();
    }
    let _ = Certificate::parse(text);
    let plain = Assertion::verify(text, &KNOWN);
    // What the corpus begins with is signed; what the fuzzer makes of it must still say the same.
    if let Ok(assertion) = Assertion::verify(&BASE64.encode(text), &KNOWN) {
        assert_eq!((assertion.issuer, assertion.subject.name.as_str()), (KNOWN.entity_id.clone(), "ada"));
    }
    let _ = plain;
});
