//! The canonical form of a request, over its raw bytes.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// What of a request is signed. Path and query are raw, as they came over the wire; header names are lower-case.
#[derive(Clone, Copy, Debug)]
pub struct RequestParts<'a> {
    pub method: &'a str,
    /// The raw path, percent-encoded as sent.
    pub path: &'a str,
    /// The raw query without `?`; empty when there is none.
    pub query: &'a str,
    /// Lower-case names with their values, in the order sent.
    pub headers: &'a [(String, String)],
}

/// The payload's part in a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Bytes, of which the hash is signed.
    Bytes(&'a [u8]),
    /// A literal such as `UNSIGNED-PAYLOAD`, or a hash that is known.
    Literal(&'a str),
}

/// How the path enters the canonical request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathEncoding {
    /// Each segment is encoded once more and dots are resolved: every service but S3.
    Double,
    /// The path as it was sent: S3.
    Single,
}

impl PathEncoding {
    /// The rule of a service, by its signing name.
    pub fn of_service(service: &str) -> Self {
        if matches!(service, "s3" | "s3-object-lambda" | "s3express" | "s3-outposts") {
            Self::Single
        } else {
            Self::Double
        }
    }
}

impl<'a> RequestParts<'a> {
    /// The values of a header, joined with commas as canonical requests have them; `None` when it was not sent.
    pub fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut values = self.headers.iter().filter(|(given, _)| given == name).map(|(_, value)| trim(value));
        let first = values.next()?;
        Some(values.fold(first, |joined, value| Cow::Owned(format!("{joined},{value}"))))
    }

    /// The decoded value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameters(self.query)
            .into_iter()
            .find(|(given, _)| decode(given) == name)
            .map(|(_, value)| decode(value))
    }
}

pub(crate) fn payload_hash(payload: &Payload<'_>) -> String {
    match payload {
        Payload::Bytes(bytes) => hex(&Sha256::digest(bytes)),
        Payload::Literal(text) => (*text).to_owned(),
    }
}

/// The canonical request's hash, over the named headers; a presigned query leaves its signature out.
pub(crate) fn hash(
    parts: &RequestParts<'_>,
    signed_headers: &[String],
    payload: &Payload<'_>,
    encoding: PathEncoding,
) -> String {
    let mut text = String::with_capacity(512);
    text.push_str(parts.method);
    text.push('\n');
    match parts.path {
        "/" => text.push('/'),
        path => text.push_str(&canonical_path(path, encoding)),
    }
    text.push('\n');
    if !parts.query.is_empty() {
        text.push_str(&canonical_query(parts.query));
    }
    text.push('\n');
    for name in signed_headers {
        text.push_str(name);
        text.push(':');
        text.push_str(&parts.header(name).unwrap_or_default());
        text.push('\n');
    }
    for (place, name) in signed_headers.iter().enumerate() {
        text.push(if place == 0 { '\n' } else { ';' });
        text.push_str(name);
    }
    text.push('\n');
    text.push_str(&payload_hash(payload));
    hex(&Sha256::digest(text.as_bytes()))
}

fn canonical_path(path: &str, encoding: PathEncoding) -> String {
    if encoding == PathEncoding::Single {
        return if path.is_empty() { "/".to_owned() } else { encode_again(path, true) };
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut canonical = String::from("/");
    canonical
        .push_str(&segments.iter().map(|segment| encode_again(segment, false)).collect::<Vec<_>>().join("/"));
    if canonical.len() > 1 && path.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// Percent-encodes what is not unreserved; what is encoded already stays when `keeps_encoded`.
fn encode_again(text: &str, keeps_encoded: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        if is_unreserved(byte) || (keeps_encoded && matches!(byte, b'%' | b'/')) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = parameters(query)
        .into_iter()
        .map(|(name, value)| (encode(&decode_bytes(name)), encode(&decode_bytes(value))))
        .filter(|(name, _)| name != "X-Amz-Signature")
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn parameters(query: &str) -> Vec<(&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}

fn decode(text: &str) -> String {
    String::from_utf8_lossy(&decode_bytes(text)).into_owned()
}

/// Decodes `%XX`; a plus stays a plus, as SigV4 has it.
fn decode_bytes(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let pair =
            (byte == b'%').then(|| Some((hex_digit(ahead.next()?)?, hex_digit(ahead.next()?)?))).flatten();
        if let Some((high, low)) = pair {
            decoded.push(high << 4 | low);
            bytes = ahead;
        } else {
            decoded.push(byte);
        }
    }
    decoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Percent-encodes every byte that is not unreserved (RFC 3986).
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        if is_unreserved(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Outer white space is dropped and inner runs of spaces become one.
fn trim(value: &str) -> Cow<'_, str> {
    let value = value.trim();
    if !value.contains("  ") {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |four_bits: u8| char::from(DIGITS.get(usize::from(four_bits)).copied().unwrap_or(b'0'));
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}
