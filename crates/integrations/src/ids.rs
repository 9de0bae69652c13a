//! Ids that are made up.

use ring::rand::SecureRandom as _;

/// A random UUID of version 4.
pub(crate) fn uuid() -> String {
    let mut bytes = [0; 16];
    if ring::rand::SystemRandom::new().fill(&mut bytes).is_err() {
        tracing::error!("the system has no randomness");
    }
    formatted(bytes)
}

/// A UUID that follows from a text: the same text, the same id.
pub(crate) fn uuid_of(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(byte, digest)| *byte = *digest);
    formatted(bytes)
}

/// The id of a request as a state machine sees it. An id of a form that no service of AWS gives is replaced by one that
/// follows from it, so that what reads ids reads these, too.
pub(crate) fn request_id(given: Option<&str>) -> String {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return uuid() };
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let is_known = match given.len() {
        36 => given.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'),
        // DynamoDB's and S3's own.
        52 | 16 => given.bytes().all(is_upper),
        _ => false,
    };
    if is_known {
        return given.to_owned();
    }
    let replaced = uuid_of(given);
    tracing::debug!(given, replaced, "a backend's request id was replaced");
    replaced
}

fn formatted(mut bytes: [u8; 16]) -> String {
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x40;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
