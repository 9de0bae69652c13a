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
