//! Reads the signature out of a request: the Authorization header, or the parameters of a presigned URL.

use std::borrow::Cow;

use stepward_types::Timestamp;

use crate::canonical::RequestParts;
use crate::time::parse_basic;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// No request needs more signed headers; more is an attack on the server's time.
const SIGNED_HEADERS_MAX: usize = 100;

/// A signature as the request states it; nothing of it is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub access_key_id: String,
    /// `YYYYMMDD` of the credential scope.
    pub scope_date: String,
    pub region: String,
    pub service: String,
    /// Lower-case names, in the order given.
    pub signed_headers: Vec<String>,
    /// Lower-case hexadecimal.
    pub signature: String,
    /// When the request says it was signed.
    pub signed_at: Timestamp,
    pub session_token: Option<String>,
    pub form: Form,
}

/// Where the signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Header,
    /// A presigned URL, valid for so many seconds after it was signed.
    Presigned {
        expires_seconds: u32,
    },
}

/// Why no signature could be read. The texts are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The request carries no signature at all.
    #[error("Request is missing Authentication Token")]
    Missing,
    #[error("{0}")]
    Incomplete(String),
}

/// The signature of a request, in whichever form it carries one.
pub fn parse(parts: &RequestParts<'_>) -> Result<Signature, ParseError> {
    if let Some(header) = parts.header("authorization") {
        return from_header(parts, &header);
    }
    if parts.parameter("X-Amz-Algorithm").is_some() || parts.parameter("X-Amz-Signature").is_some() {
        return from_query(parts);
    }
    Err(ParseError::Missing)
}

fn from_header(parts: &RequestParts<'_>, header: &str) -> Result<Signature, ParseError> {
    let Some(rest) = header.strip_prefix(ALGORITHM) else {
        return Err(ParseError::Incomplete(format!("Unsupported AWS 'algorithm': '{}'.", shortened(header))));
    };
    let mut credential = None;
    let mut signed_headers = None;
    let mut signature = None;
    for field in rest.split(',') {
        match field.trim().split_once('=') {
            Some(("Credential", value)) => credential = Some(value),
            Some(("SignedHeaders", value)) => signed_headers = Some(value),
            Some(("Signature", value)) => signature = Some(value),
            _ => {}
        }
    }
    let date = parts.header("x-amz-date").or_else(|| parts.header("date"));
    let missing = missing_fields(&[
        ("'Credential'", credential.is_some()),
        ("'Signature'", signature.is_some()),
        ("'SignedHeaders'", signed_headers.is_some()),
    ]);
    let no_date = "existence of either a 'X-Amz-Date' or a 'Date' header.";
    let (Some(credential), Some(signed_headers), Some(signature)) = (credential, signed_headers, signature)
    else {
        let date =
            if date.is_none() { format!("Authorization header requires {no_date} ") } else { String::new() };
        return Err(ParseError::Incomplete(format!("{missing}{date}Authorization={}", shortened(header))));
    };
    let Some(date) = date else {
        let text = format!("Authorization header requires {no_date} Authorization={}", shortened(header));
        return Err(ParseError::Incomplete(text));
    };
    let scope = Scope::read(credential)?;
    scope.into_signature(Stated {
        signed_headers,
        signature,
        date: &date,
        session_token: parts.header("x-amz-security-token").map(Cow::into_owned),
        form: Form::Header,
    })
}

// AWS names every field that is missing, one sentence each.
fn missing_fields(fields: &[(&str, bool)]) -> String {
    let missing = fields.iter().filter(|(_, is_there)| !is_there);
    missing.map(|(name, _)| format!("Authorization header requires {name} parameter. ")).collect()
}

fn from_query(parts: &RequestParts<'_>) -> Result<Signature, ParseError> {
    let needed = |name: &str| {
        let text = format!(
            "AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."
        );
        parts.parameter(name).ok_or(ParseError::Incomplete(text))
    };
    if needed("X-Amz-Algorithm")? != ALGORITHM {
        return Err(ParseError::Incomplete(format!("X-Amz-Algorithm must be {ALGORITHM}.")));
    }
    let credential = needed("X-Amz-Credential")?;
    let signature = needed("X-Amz-Signature")?;
    let signed_headers = needed("X-Amz-SignedHeaders")?;
    let date = needed("X-Amz-Date")?;
    let expires = parts.parameter("X-Amz-Expires").unwrap_or_else(|| "900".to_owned());
    let expires_seconds = expires.parse().ok().filter(|seconds| *seconds <= 604_800).ok_or_else(|| {
        ParseError::Incomplete("X-Amz-Expires must be a number of seconds that is at most 604800.".to_owned())
    })?;
    Scope::read(&credential)?.into_signature(Stated {
        signed_headers: &signed_headers,
        signature: &signature,
        date: &date,
        session_token: parts.parameter("X-Amz-Security-Token"),
        form: Form::Presigned { expires_seconds },
    })
}

/// `KEY/DATE/REGION/SERVICE/aws4_request`.
struct Scope<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
}

struct Stated<'a> {
    signed_headers: &'a str,
    signature: &'a str,
    date: &'a str,
    session_token: Option<String>,
    form: Form,
}

impl<'a> Scope<'a> {
    fn read(credential: &'a str) -> Result<Self, ParseError> {
        let parts: Vec<&str> = credential.split('/').collect();
        match parts.as_slice() {
            [access_key_id, date, region, service, "aws4_request"] if !access_key_id.is_empty() => {
                Ok(Self { access_key_id, date, region, service })
            }
            _ => Err(ParseError::Incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
                    .to_owned(),
            )),
        }
    }

    fn into_signature(self, stated: Stated<'_>) -> Result<Signature, ParseError> {
        let signed_at = parse_basic(stated.date).ok_or_else(|| {
            ParseError::Incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
                shortened(stated.date)
            ))
        })?;
        let signed_headers: Vec<String> =
            stated.signed_headers.split(';').map(str::to_ascii_lowercase).collect();
        if signed_headers.len() > SIGNED_HEADERS_MAX {
            return Err(ParseError::Incomplete("Too many signed headers.".to_owned()));
        }
        if !signed_headers.iter().any(|name| name == "host" || name == ":authority") {
            return Err(ParseError::Incomplete(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
            ));
        }
        Ok(Signature {
            access_key_id: self.access_key_id.to_owned(),
            scope_date: self.date.to_owned(),
            region: self.region.to_owned(),
            service: self.service.to_owned(),
            signed_headers,
            signature: stated.signature.to_owned(),
            signed_at,
            session_token: stated.session_token,
            form: stated.form,
        })
    }
}

/// What is echoed of a header; a signature that is cut is no secret, but a long one is no help.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
