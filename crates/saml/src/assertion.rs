//! Responses and the assertion in them, read only from what a signature of the provider covers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use stepward_types::Timestamp;

use crate::error::SamlError;
use crate::metadata::Metadata;
use crate::signature;
use crate::tree::Element;

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// What an identity provider says of a user, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    pub issuer: String,
    pub issued: Timestamp,
    pub subject: NameId,
    /// To whom the bearer may show it.
    pub recipient: String,
    /// From when it may be shown, as far as it says so.
    pub begins: Option<Timestamp>,
    /// When it ends: the earliest of all ends that it names.
    pub ends: Timestamp,
    /// Whom it is for: one of each list.
    pub audiences: Vec<Vec<String>>,
    /// When the user's session with the provider ends.
    pub session_ends: Option<Timestamp>,
    /// Attributes by name, with their values.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// The name of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameId {
    pub name: String,
    /// A URI, as far as it is given.
    pub format: Option<String>,
}

impl Assertion {
    /// Verifies a response, which is base64 of XML, with the keys of the metadata.
    ///
    /// The response may be signed, or its assertion, or both: every signature that is there must be good, and what
    /// none covers is not read.
    pub fn verify(response: &str, metadata: &Metadata) -> Result<Self, SamlError> {
        let plain: String = response.split_ascii_whitespace().collect();
        let bytes = BASE64.decode(plain).map_err(|_| SamlError::Base64)?;
        let text = String::from_utf8(bytes).map_err(|_| SamlError::Xml("it is not UTF-8"))?;
        let root = Element::parse(&text)?;
        let assertion = only_assertion(&root)?;
        signature::check_places(&root, &[&root, assertion])?;
        let (is_root, is_inner) = (signature::is_signed(&root), signature::is_signed(assertion));
        if is_root {
            signature::verify(&root, &[], &metadata.keys)?;
        }
        if is_inner {
            signature::verify(assertion, &[&root], &metadata.keys)?;
        }
        if !is_root && !is_inner {
            return Err(SamlError::Signature("neither the response nor the assertion is signed"));
        }
        let read = Self::read(assertion)?;
        if read.issuer != metadata.entity_id {
            return Err(SamlError::Issuer);
        }
        Ok(read)
    }

    /// The values of an attribute, of every statement.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.attributes.iter().filter(move |(known, _)| known == name);
        found.flat_map(|(_, values)| values).map(String::as_str)
    }

    fn read(assertion: &Element) -> Result<Self, SamlError> {
        let missing = |what| SamlError::Response(what);
        if assertion.attribute("Version") != Some("2.0") {
            return Err(missing("the assertion's Version is not 2.0"));
        }
        let issuer = assertion.only(SAML, "Issuer").and_then(Element::text);
        let subject = assertion.only(SAML, "Subject").ok_or(missing("it has no Subject"))?;
        let confirmed = confirmation(subject)?;
        let conditions =
            assertion.only(SAML, "Conditions").ok_or(missing("the assertion has no Conditions"))?;
        let ends = [time(confirmed, "NotOnOrAfter")?, time(conditions, "NotOnOrAfter")?];
        let begins = [time(confirmed, "NotBefore")?, time(conditions, "NotBefore")?];
        let sessions: Result<Vec<_>, _> =
            assertion.all(SAML, "AuthnStatement").map(|each| time(each, "SessionNotOnOrAfter")).collect();
        Ok(Self {
            issuer: issuer.ok_or(missing("the assertion has no Issuer"))?,
            issued: time(assertion, "IssueInstant")?.ok_or(missing("the assertion has no IssueInstant"))?,
            subject: name_id(subject)?,
            recipient: confirmed
                .attribute("Recipient")
                .ok_or(missing("the SubjectConfirmationData has no Recipient"))?
                .to_owned(),
            begins: begins.into_iter().flatten().max(),
            ends: ends.into_iter().flatten().min().ok_or(missing("the assertion has no NotOnOrAfter"))?,
            audiences: audiences(conditions)?,
            session_ends: sessions?.into_iter().flatten().min(),
            attributes: attributes(assertion)?,
        })
    }
}

/// The assertion of a successful response: the only one in the whole document, where assertions stand.
fn only_assertion(root: &Element) -> Result<&Element, SamlError> {
    if !root.is(SAMLP, "Response") || root.attribute("Version") != Some("2.0") {
        return Err(SamlError::Response("its root is not a Response of version 2.0"));
    }
    let status = root.only(SAMLP, "Status").and_then(|status| status.only(SAMLP, "StatusCode"));
    if status.and_then(|code| code.attribute("Value")) != Some(SUCCESS) {
        return Err(SamlError::Status);
    }
    let (mut assertions, mut is_encrypted) = (0, false);
    root.walk(&mut |element| {
        assertions += usize::from(element.is(SAML, "Assertion"));
        is_encrypted |= element.is(SAML, "EncryptedAssertion");
    });
    if is_encrypted {
        return Err(SamlError::Response("its assertion is encrypted, which is not supported"));
    }
    root.only(SAML, "Assertion")
        .filter(|_| assertions == 1)
        .ok_or(SamlError::Response("there is not exactly one assertion"))
}

/// The data with which the bearer is confirmed.
fn confirmation(subject: &Element) -> Result<&Element, SamlError> {
    let mut bearers = subject
        .all(SAML, "SubjectConfirmation")
        .filter(|confirmation| confirmation.attribute("Method") == Some(BEARER));
    let data = bearers.next().and_then(|bearer| bearer.only(SAML, "SubjectConfirmationData"));
    if bearers.next().is_some() {
        return Err(SamlError::Response("it has several SubjectConfirmations for the bearer"));
    }
    data.ok_or(SamlError::Response("it has no SubjectConfirmationData for the bearer"))
}

fn name_id(subject: &Element) -> Result<NameId, SamlError> {
    let id = subject.only(SAML, "NameID");
    let name = id.and_then(Element::text).filter(|name| !name.is_empty());
    Ok(NameId {
        name: name.ok_or(SamlError::Response("its Subject has no NameID"))?,
        format: id.and_then(|id| id.attribute("Format")).map(str::to_owned),
    })
}

fn time(element: &Element, attribute: &str) -> Result<Option<Timestamp>, SamlError> {
    let parse = |text: &str| {
        Timestamp::parse_rfc3339(text).map_err(|_| SamlError::Response("one of its times cannot be read"))
    };
    element.attribute(attribute).map(parse).transpose()
}

// SAML: an assertion with a condition that is not understood is not valid.
fn audiences(conditions: &Element) -> Result<Vec<Vec<String>>, SamlError> {
    let mut audiences = Vec::new();
    for condition in conditions.elements() {
        match condition.name.local.as_str() {
            "AudienceRestriction" if condition.name.namespace == SAML => {
                audiences.push(condition.all(SAML, "Audience").filter_map(Element::text).collect());
            }
            "OneTimeUse" | "ProxyRestriction" if condition.name.namespace == SAML => {}
            _ => return Err(SamlError::Response("one of its Conditions is not known")),
        }
    }
    Ok(audiences)
}

fn attributes(assertion: &Element) -> Result<Vec<(String, Vec<String>)>, SamlError> {
    let statements = assertion.all(SAML, "AttributeStatement");
    let mut attributes = Vec::new();
    for attribute in statements.flat_map(|statement| statement.all(SAML, "Attribute")) {
        let name = attribute.attribute("Name").ok_or(SamlError::Response("an Attribute has no Name"))?;
        // A value that is a structure says nothing that AWS reads.
        let values = attribute.all(SAML, "AttributeValue").filter_map(Element::text).collect();
        attributes.push((name.to_owned(), values));
    }
    Ok(attributes)
}
