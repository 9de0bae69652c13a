//! Base64 and hashes.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::Digest as _;

/// AWS: texts have at most 10,000 characters.
const CHARACTERS_MAX: usize = 10_000;

fn text(value: &Value) -> Result<&str, String> {
    let text = value.as_str().ok_or("the argument must be a string")?;
    if text.chars().count() > CHARACTERS_MAX {
        return Err(format!("the text has more than {CHARACTERS_MAX} characters"));
    }
    Ok(text)
}

pub(super) fn encode(value: &Value) -> Result<Value, String> {
    Ok(Value::String(STANDARD.encode(text(value)?)))
}

pub(super) fn decode(value: &Value) -> Result<Value, String> {
    let bytes = STANDARD.decode(text(value)?).map_err(|_| "the argument is not base64")?;
    String::from_utf8(bytes).map(Value::String).map_err(|_| "the decoded bytes are not text".to_owned())
}

pub(super) fn hash(data: &Value, algorithm: &Value) -> Result<Value, String> {
    let data = match data {
        Value::String(_) => data.clone(),
        other => Value::String(other.to_string()),
    };
    let data = text(&data)?;
    let algorithm = algorithm.as_str().ok_or("the algorithm must be a string")?;
    digest(data.as_bytes(), algorithm).map(Value::String)
}

/// The digest in hexadecimal, by one of the five algorithms that Step Functions knows.
pub(crate) fn digest(data: &[u8], algorithm: &str) -> Result<String, String> {
    Ok(match algorithm {
        "MD5" => hex(&md5::Md5::digest(data)),
        "SHA-1" => hex(&sha1::Sha1::digest(data)),
        "SHA-256" => hex(&sha2::Sha256::digest(data)),
        "SHA-384" => hex(&sha2::Sha384::digest(data)),
        "SHA-512" => hex(&sha2::Sha512::digest(data)),
        unknown => {
            return Err(format!("'{unknown}' is no algorithm: MD5, SHA-1, SHA-256, SHA-384 and SHA-512 are"));
        }
    })
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
