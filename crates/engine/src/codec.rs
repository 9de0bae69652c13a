//! Events as bytes on disk: as `asl` encodes them, compressed when that is worthwhile.

use std::borrow::Cow;
use std::io::Read as _;

use stepward_asl::{Event, decode_events, encode_events};

use crate::error::Fault;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// Smaller batches do not repay the time.
const COMPRESSED_BYTES_MIN: usize = 4_096;
/// No batch of events is larger: one that says so is broken.
const PLAIN_BYTES_MAX: u64 = 1 << 30;
const LEVEL: i32 = 1;

/// One commit's events of one execution as bytes.
pub(crate) fn encode(events: &[Event]) -> Result<Vec<u8>, Fault> {
    pack(encode_events(events))
}

/// The events that `encode` was given.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Event>, Fault> {
    decode_events(&unpack(bytes)?).map_err(Fault::new)
}

fn pack(mut bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    if bytes.len() >= COMPRESSED_BYTES_MIN {
        let mut compressed = zstd::bulk::compress(&bytes, LEVEL).map_err(Fault::new)?;
        // Saving less than a quarter is not worth unpacking it at each look.
        if compressed.len() * 4 < bytes.len() * 3 {
            compressed.push(ZSTD);
            return Ok(compressed);
        }
    }
    bytes.push(PLAIN);
    Ok(bytes)
}

fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    match bytes.split_last() {
        Some((&PLAIN, bytes)) => Ok(Cow::Borrowed(bytes)),
        Some((&ZSTD, compressed)) => {
            let mut plain = Vec::new();
            let decoder = zstd::stream::read::Decoder::new(compressed).map_err(Fault::new)?;
            decoder.take(PLAIN_BYTES_MAX).read_to_end(&mut plain).map_err(Fault::new)?;
            Ok(Cow::Owned(plain))
        }
        _ => Err(Fault::new("a batch of events has no format")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_batches_stay_readable_and_large_ones_shrink() {
        let packed = pack(b"[]".to_vec()).unwrap();
        assert_eq!(packed, b"[]\0");
        assert_eq!(unpack(&packed).unwrap().as_ref(), b"[]");
        let large = b"the same again ".repeat(1_000);
        let packed = pack(large.clone()).unwrap();
        assert!(packed.len() < 1_000, "{}", packed.len());
        assert_eq!(unpack(&packed).unwrap().as_ref(), large);
    }

    #[test]
    fn broken_batches_are_faults() {
        for bytes in [&b""[..], b"[]\x07", b"[\0", b"not zstd\x01"] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }
}
