//! Events as bytes: JSON, compressed when that is worthwhile.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Fault;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// Smaller batches do not repay the time.
const COMPRESSED_BYTES_MIN: usize = 4_096;
/// No batch of events is larger: one that says so is broken.
const PLAIN_BYTES_MAX: usize = 256 * 1024 * 1024;
const LEVEL: i32 = 1;

/// Encodes one commit's events.
pub(crate) fn encode<T: Serialize>(events: &[T]) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![PLAIN];
    serde_json::to_writer(&mut bytes, events).map_err(Fault::new)?;
    if bytes.len() < COMPRESSED_BYTES_MIN {
        return Ok(bytes);
    }
    let mut compressed =
        zstd::bulk::compress(bytes.get(1..).unwrap_or_default(), LEVEL).map_err(Fault::new)?;
    if compressed.len() * 4 > bytes.len() * 3 {
        return Ok(bytes);
    }
    compressed.insert(0, ZSTD);
    Ok(compressed)
}

/// Decodes what `encode` made.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, Fault> {
    match bytes.split_first() {
        Some((&PLAIN, json)) => serde_json::from_slice(json).map_err(Fault::new),
        Some((&ZSTD, compressed)) => {
            let mut json = Vec::new();
            let decoder = zstd::stream::read::Decoder::new(compressed).map_err(Fault::new)?;
            std::io::Read::read_to_end(&mut std::io::Read::take(decoder, PLAIN_BYTES_MAX as u64), &mut json)
                .map_err(Fault::new)?;
            serde_json::from_slice(&json).map_err(Fault::new)
        }
        _ => Err(Fault::new("a batch of events has no format")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_batches_stay_readable_and_large_ones_shrink() {
        let small = vec!["event".to_owned()];
        let bytes = encode(&small).unwrap();
        assert_eq!(bytes, b"\0[\"event\"]");
        assert_eq!(decode::<String>(&bytes).unwrap(), small);
        let large = vec!["the same again".to_owned(); 1_000];
        let bytes = encode(&large).unwrap();
        assert!(bytes.len() < 1_000, "{}", bytes.len());
        assert_eq!(decode::<String>(&bytes).unwrap(), large);
    }

    #[test]
    fn broken_batches_are_faults() {
        for bytes in [&b""[..], b"\x07[]", b"\0[", b"\x01not zstd"] {
            assert!(decode::<String>(bytes).is_err(), "{bytes:?}");
        }
    }
}
