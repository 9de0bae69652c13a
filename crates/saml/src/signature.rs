//! XML signatures as SAML uses them: enveloped in the response or the assertion, over the element that carries them
//! (W3C: XML Signature Syntax and Processing; SAML 2.0 core, section 5).
//!
//! Refuses what makes signature wrapping possible: a reference to anything but the element around the signature, ids
//! that are not unique, signatures elsewhere, transforms beyond the two of SAML. Keys come from the metadata only.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{Algorithm as Digest, SHA256, SHA384, SHA512, digest};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
    UnparsedPublicKey,
};

use crate::canonical::{Form, canonical};
use crate::error::SamlError;
use crate::tree::{Element, XML};

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Attributes that name an element, in whichever way a schema spells them.
const IDS: [&str; 3] = ["ID", "Id", "id"];

/// Whether a signature stands in an element, directly.
pub(crate) fn is_signed(element: &Element) -> bool {
    element.all(DS, "Signature").next().is_some()
}

/// Refuses a document whose signatures or ids could be taken for others'.
pub(crate) fn check_places(root: &Element, carriers: &[&Element]) -> Result<(), SamlError> {
    let mut signatures = 0;
    let mut ids = BTreeSet::new();
    let mut is_repeated = false;
    root.walk(&mut |element| {
        signatures += usize::from(element.is(DS, "Signature"));
        for (name, value) in &element.attributes {
            if IDS.contains(&name.local.as_str()) {
                is_repeated |= !ids.insert(value.as_str());
            }
        }
    });
    if is_repeated {
        return Err(SamlError::Signature("an id is there twice"));
    }
    let placed: usize = carriers.iter().map(|carrier| carrier.all(DS, "Signature").count()).sum();
    if signatures != placed {
        return Err(SamlError::Signature(
            "a signature stands elsewhere than in the response or its assertion",
        ));
    }
    Ok(())
}

/// Verifies the signature in an element, which is over that element, with any of some RSA keys (PKCS #1, DER).
pub(crate) fn verify(element: &Element, around: &[&Element], keys: &[Vec<u8>]) -> Result<(), SamlError> {
    let signature = element.only(DS, "Signature").ok_or(SamlError::Signature("there is not exactly one"))?;
    let info = signature.only(DS, "SignedInfo").ok_or(SamlError::Signature("it has no SignedInfo"))?;
    if signature.all(DS, "Object").next().is_some() {
        return Err(SamlError::Signature("it carries an Object"));
    }
    let reference = info.only(DS, "Reference").ok_or(SamlError::Signature("it has not one Reference"))?;
    check_reference(element, reference)?;
    let form = transforms(reference)?;
    let method = algorithm(info, "CanonicalizationMethod")?;
    let info_form = canonicalization(method)?;
    if form == Form::Inclusive || info_form == Form::Inclusive {
        check_inherited(around)?;
    }
    let text = canonical(element, &form, Some(signature));
    let expected = base64_of(reference, "DigestValue")?;
    let kind = digest_of(algorithm(reference, "DigestMethod")?)?;
    if digest(kind, text.as_bytes()).as_ref() != expected {
        return Err(SamlError::Signature("what was signed has changed"));
    }
    let parameters = rsa(algorithm(info, "SignatureMethod")?)?;
    let (signed, value) = (canonical(info, &info_form, None), base64_of(signature, "SignatureValue")?);
    let is_by =
        |key: &Vec<u8>| UnparsedPublicKey::new(parameters, key).verify(signed.as_bytes(), &value).is_ok();
    if keys.iter().any(is_by) {
        return Ok(());
    }
    Err(SamlError::Signature("none of the provider's keys made it"))
}

fn check_reference(element: &Element, reference: &Element) -> Result<(), SamlError> {
    let id = element.attribute("ID").filter(|id| !id.is_empty());
    let named = reference.attribute("URI").and_then(|uri| uri.strip_prefix('#'));
    if id.is_some() && id == named {
        return Ok(());
    }
    Err(SamlError::Signature("it is not over the element around it"))
}

/// The form in which the element was signed. Without a canonical form among the transforms it is the inclusive one.
fn transforms(reference: &Element) -> Result<Form, SamlError> {
    let transforms = reference.only(DS, "Transforms").ok_or(SamlError::Signature("it has no Transforms"))?;
    let mut found = transforms.elements();
    let enveloped = found.next().filter(|first| first.attribute("Algorithm") == Some(ENVELOPED));
    if enveloped.is_none() {
        return Err(SamlError::Signature("its first transform is not enveloped-signature"));
    }
    let form = found.next().map_or(Ok(Form::Inclusive), canonicalization)?;
    if found.next().is_some() {
        return Err(SamlError::Signature("it has more than two transforms"));
    }
    Ok(form)
}

fn canonicalization(method: &Element) -> Result<Form, SamlError> {
    match method.attribute("Algorithm") {
        Some(INCLUSIVE) => Ok(Form::Inclusive),
        Some(EXCLUSIVE) => {
            let prefixes = method.only(EXCLUSIVE, "InclusiveNamespaces");
            let prefixes = prefixes.and_then(|list| list.attribute("PrefixList")).unwrap_or_default();
            let plain = |prefix: &str| if prefix == "#default" { String::new() } else { prefix.to_owned() };
            Ok(Form::Exclusive(prefixes.split_ascii_whitespace().map(plain).collect()))
        }
        _ => Err(SamlError::Signature("its canonical form is neither exclusive nor Canonical XML 1.0")),
    }
}

// The inclusive form takes xml:lang and the like from around the element. Nobody needs it; it is not done here.
fn check_inherited(around: &[&Element]) -> Result<(), SamlError> {
    let mut attributes = around.iter().flat_map(|element| &element.attributes);
    if attributes.any(|(name, _)| name.namespace == XML) {
        return Err(SamlError::Signature("an xml: attribute around what was signed"));
    }
    Ok(())
}

fn algorithm<'e>(element: &'e Element, name: &'e str) -> Result<&'e Element, SamlError> {
    element.only(DS, name).ok_or(SamlError::Signature("an algorithm is not named once"))
}

fn digest_of(method: &Element) -> Result<&'static Digest, SamlError> {
    match method.attribute("Algorithm") {
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => Ok(&SHA256),
        Some("http://www.w3.org/2001/04/xmldsig-more#sha384") => Ok(&SHA384),
        Some("http://www.w3.org/2001/04/xmlenc#sha512") => Ok(&SHA512),
        _ => Err(SamlError::Signature("its digest is none of SHA-256, SHA-384 and SHA-512")),
    }
}

fn rsa(method: &Element) -> Result<&'static RsaParameters, SamlError> {
    match method.attribute("Algorithm") {
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256") => Ok(&RSA_PKCS1_2048_8192_SHA256),
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384") => Ok(&RSA_PKCS1_2048_8192_SHA384),
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512") => Ok(&RSA_PKCS1_2048_8192_SHA512),
        _ => Err(SamlError::Signature("it is not RSA with SHA-256, SHA-384 or SHA-512")),
    }
}

fn base64_of(element: &Element, name: &str) -> Result<Vec<u8>, SamlError> {
    let text = element.only(DS, name).and_then(Element::text);
    let plain: Option<String> = text.map(|text| text.split_ascii_whitespace().collect());
    let bytes = plain.and_then(|text| BASE64.decode(text).ok()).filter(|bytes| !bytes.is_empty());
    bytes.ok_or(SamlError::Signature("a value in it is not base64"))
}
