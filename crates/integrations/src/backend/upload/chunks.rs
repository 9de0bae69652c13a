//! Chunks that come, with what they are verified by.

use bytes::{Buf as _, Bytes};
use stepward_sigv4::{ChunkSignatures, PayloadHash};
use stepward_wire::{ChunkedReader, Piece};

use super::PayloadError;

const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// The chunks of one payload.
pub(super) struct Chunks {
    reader: ChunkedReader,
    /// None where chunks are not signed.
    signatures: Option<Box<ChunkSignatures>>,
    hash: PayloadHash,
    /// Of the chunk that is being read.
    signature: String,
    /// The name of the trailer that was announced, and its value when it came.
    trailer: Option<String>,
    value: Option<String>,
    trailer_signature: Option<String>,
}

impl Chunks {
    pub(super) fn new(signatures: Option<Box<ChunkSignatures>>, trailer: Option<String>) -> Self {
        Self {
            reader: ChunkedReader::default(),
            signatures,
            hash: PayloadHash::default(),
            signature: String::new(),
            trailer,
            value: None,
            trailer_signature: None,
        }
    }

    /// The next bytes of data in what came; nothing where there are no more of them.
    pub(super) fn next(&mut self, rest: &mut Bytes) -> Result<Option<Bytes>, PayloadError> {
        while !rest.is_empty() {
            let (used, piece) = self.reader.next(rest)?;
            rest.advance(used);
            match piece {
                Some(Piece::Data(length)) => {
                    let data = rest.split_to(length);
                    if self.signatures.is_some() {
                        self.hash.update(&data);
                    }
                    return Ok(Some(data));
                }
                Some(Piece::Chunk { bytes, signature }) => {
                    self.signature = signature.unwrap_or_default();
                    if bytes == 0 {
                        self.check_chunk()?;
                    }
                }
                Some(Piece::ChunkEnd) => self.check_chunk()?,
                Some(Piece::Trailer { name, value }) => self.note(name, value)?,
                Some(Piece::Finished) => self.check_trailer()?,
                None => {}
            }
        }
        Ok(None)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.reader.is_finished()
    }

    pub(super) fn trailer_value(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    fn check_chunk(&mut self) -> Result<(), PayloadError> {
        let Some(signatures) = &mut self.signatures else { return Ok(()) };
        let is_right = signatures.accepts_chunk(&self.hash.take(), &self.signature);
        is_right.then_some(()).ok_or(PayloadError::Signature)
    }

    fn note(&mut self, name: String, value: String) -> Result<(), PayloadError> {
        if name == TRAILER_SIGNATURE {
            self.trailer_signature = Some(value);
        } else if self.trailer.as_ref() == Some(&name) && self.value.is_none() {
            self.value = Some(value);
        } else {
            return Err(PayloadError::Trailer(name));
        }
        Ok(())
    }

    fn check_trailer(&mut self) -> Result<(), PayloadError> {
        let Some(name) = &self.trailer else { return Ok(()) };
        let Some(value) = &self.value else { return Err(PayloadError::Trailer(name.clone())) };
        let Some(signatures) = &mut self.signatures else { return Ok(()) };
        let signature = self.trailer_signature.as_deref().unwrap_or_default();
        let is_right = signatures.accepts_trailer(&format!("{name}:{value}\n"), signature);
        is_right.then_some(()).ok_or(PayloadError::Signature)
    }
}
