//! `aws-chunked` for a backend: unsigned chunks of one size, and a checksum behind them. How long that gets is known
//! before: S3 wants to be told.

use std::collections::VecDeque;

use bytes::Bytes;

use super::PayloadError;

/// AWS's clients send chunks of this size, and backends read no larger ones.
const CHUNK_BYTES: u64 = 1_024 * 1_024;
/// The checksums that S3 knows, and how long they are in base64.
const CHECKSUMS: [(&str, usize); 5] = [
    ("x-amz-checksum-crc32", 8),
    ("x-amz-checksum-crc32c", 8),
    ("x-amz-checksum-crc64nvme", 12),
    ("x-amz-checksum-sha1", 28),
    ("x-amz-checksum-sha256", 44),
];

pub(super) struct Framing {
    trailer: String,
    value_length: usize,
    total: u64,
    /// What is still to come of the payload, and of the chunk that has begun.
    left: u64,
    left_in_chunk: u64,
}

impl Framing {
    pub(super) fn new(trailer: String, total: u64) -> Result<Self, PayloadError> {
        let known = CHECKSUMS.iter().find(|(name, _)| *name == trailer);
        let (_, value_length) = *known.ok_or(PayloadError::UnknownTrailer)?;
        Ok(Self { trailer, value_length, total, left: total, left_in_chunk: 0 })
    }

    /// How long the payload gets.
    pub(super) fn encoded_bytes(&self) -> u64 {
        let chunk = |bytes: u64| head(bytes).len() as u64 + bytes + 2;
        let rest = self.total % CHUNK_BYTES;
        let rest = if rest == 0 { 0 } else { chunk(rest) };
        let end = head(0).len() + self.trailer.len() + 1 + self.value_length + 4;
        (self.total / CHUNK_BYTES) * chunk(CHUNK_BYTES) + rest + end as u64
    }

    /// Writes data, with a line before each chunk and one behind it.
    pub(super) fn write(&mut self, mut data: Bytes, into: &mut VecDeque<Bytes>) {
        while !data.is_empty() {
            if self.left_in_chunk == 0 {
                self.left_in_chunk = self.left.min(CHUNK_BYTES);
                into.push_back(Bytes::from(head(self.left_in_chunk)));
            }
            let here = data.len().min(usize::try_from(self.left_in_chunk).unwrap_or(usize::MAX));
            if here == 0 {
                return;
            }
            into.push_back(data.split_to(here));
            self.left -= here as u64;
            self.left_in_chunk -= here as u64;
            if self.left_in_chunk == 0 {
                into.push_back(Bytes::from_static(b"\r\n"));
            }
        }
    }

    /// The last chunk and the checksum.
    pub(super) fn end(&self, value: &str) -> Result<Bytes, PayloadError> {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        if value.len() != self.value_length || !value.bytes().all(is_base64) {
            return Err(PayloadError::Trailer(self.trailer.clone()));
        }
        Ok(Bytes::from(format!("{}{}:{value}\r\n\r\n", head(0), self.trailer)))
    }
}

fn head(bytes: u64) -> String {
    format!("{bytes:x}\r\n")
}
