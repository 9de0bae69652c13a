//! The encoding `aws-chunked`: an upload in chunks, each with its size and perhaps a signature, and headers after them.
//!
//! Reads the framing as it comes and copies no data. Refuses to judge signatures, sums and lengths.

/// A chunk's first line has a size and a signature; a trailing header has a checksum.
const LINE_BYTES_MAX: usize = 1_024;
/// AWS: one checksum and the signature of it.
const TRAILERS_MAX: usize = 8;

/// Reads the framing of one payload.
#[derive(Debug, Default)]
pub struct ChunkedReader {
    state: State,
    line: Vec<u8>,
    trailers: usize,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    Data {
        left: u64,
    },
    /// The line break behind a chunk's bytes.
    AfterData,
    Trailers,
    Finished,
}

/// What was found next.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A chunk begins. The last one has no bytes, and no `ChunkEnd`.
    Chunk {
        bytes: u64,
        signature: Option<String>,
    },
    /// So many of the next bytes are data.
    Data(usize),
    ChunkEnd,
    /// A header behind the chunks.
    Trailer {
        name: String,
        value: String,
    },
    /// Nothing may follow but line breaks.
    Finished,
}

/// A payload that is not what `aws-chunked` looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ChunkedError(&'static str);

impl ChunkedReader {
    /// How many bytes of `input` were used, and what was found: nothing where more input is needed. Bytes that are data
    /// are not used: they are the caller's to take off.
    pub fn next(&mut self, input: &[u8]) -> Result<(usize, Option<Piece>), ChunkedError> {
        if let State::Data { left } = &mut self.state {
            let here = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
            if here == 0 {
                return Ok((0, None));
            }
            *left = left.saturating_sub(here as u64);
            if *left == 0 {
                self.state = State::AfterData;
            }
            return Ok((0, Some(Piece::Data(here))));
        }
        let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
            self.keep(input)?;
            return Ok((input.len(), None));
        };
        self.keep(input.get(..end).unwrap_or_default())?;
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| ChunkedError("A line is not text."))?;
        let piece = self.line(line.trim_end_matches('\r'))?;
        Ok((end + 1, piece))
    }

    /// Whether the last chunk and what follows it were read.
    pub fn is_finished(&self) -> bool {
        matches!(self.state, State::Finished)
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), ChunkedError> {
        if self.line.len() + part.len() > LINE_BYTES_MAX {
            return Err(ChunkedError("A line of the chunked payload is too long."));
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<Option<Piece>, ChunkedError> {
        match self.state {
            State::Head => {
                let (size, rest) = line.split_once(';').unwrap_or((line, ""));
                let is_hex =
                    (1..=16).contains(&size.len()) && size.bytes().all(|byte| byte.is_ascii_hexdigit());
                let bytes = is_hex.then(|| u64::from_str_radix(size, 16).ok()).flatten();
                let bytes = bytes.ok_or(ChunkedError("A chunk does not begin with its size."))?;
                let signature = rest.strip_prefix("chunk-signature=").map(str::to_owned);
                self.state = if bytes == 0 { State::Trailers } else { State::Data { left: bytes } };
                Ok(Some(Piece::Chunk { bytes, signature }))
            }
            State::AfterData if line.is_empty() => {
                self.state = State::Head;
                Ok(Some(Piece::ChunkEnd))
            }
            State::AfterData => Err(ChunkedError("A chunk is longer than its size.")),
            State::Trailers if line.is_empty() => {
                self.state = State::Finished;
                Ok(Some(Piece::Finished))
            }
            State::Trailers => {
                self.trailers += 1;
                let named = line.split_once(':').filter(|_| self.trailers <= TRAILERS_MAX);
                let (name, value) = named.ok_or(ChunkedError("What follows the chunks is no header."))?;
                let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
                Ok(Some(Piece::Trailer { name, value }))
            }
            State::Finished if line.is_empty() => Ok(None),
            State::Finished | State::Data { .. } => Err(ChunkedError("Something follows the last chunk.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found, however the input is cut.
    fn read(input: &str, step: usize) -> Result<(Vec<String>, bool), ChunkedError> {
        let mut reader = ChunkedReader::default();
        let (mut found, mut data) = (Vec::new(), String::new());
        for part in input.as_bytes().chunks(step) {
            let mut rest = part;
            while !rest.is_empty() {
                let (used, piece) = reader.next(rest)?;
                rest = &rest[used..];
                match piece {
                    Some(Piece::Data(length)) => {
                        data.push_str(std::str::from_utf8(&rest[..length]).unwrap());
                        rest = &rest[length..];
                    }
                    Some(Piece::ChunkEnd) => found.push(std::mem::take(&mut data)),
                    Some(piece) => found.push(format!("{piece:?}")),
                    None => {}
                }
            }
        }
        Ok((found, reader.is_finished()))
    }

    #[test]
    fn chunks_and_trailers_are_found_wherever_the_input_is_cut() {
        let input = "5;chunk-signature=ab\r\nhello\r\n2\r\n\r\n\r\n0;chunk-signature=cd\r\n\
                     X-Amz-Checksum-Crc32:sOO8/Q==\r\nx-amz-trailer-signature:ef\r\n\r\n";
        let whole = read(input, 1_000).unwrap();
        assert_eq!(
            whole.0,
            [
                "Chunk { bytes: 5, signature: Some(\"ab\") }",
                "hello",
                "Chunk { bytes: 2, signature: None }",
                "\r\n",
                "Chunk { bytes: 0, signature: Some(\"cd\") }",
                "Trailer { name: \"x-amz-checksum-crc32\", value: \"sOO8/Q==\" }",
                "Trailer { name: \"x-amz-trailer-signature\", value: \"ef\" }",
                "Finished",
            ]
        );
        assert!(whole.1);
        (1..20).for_each(|step| assert_eq!(read(input, step).unwrap(), whole, "{step}"));
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        let long = "a".repeat(2_000);
        for input in [
            "x\r\n",
            "\r\n",
            "-1\r\n",
            "fffffffffffffffff\r\n",
            "5\r\nhello!\r\n",
            "0\r\nno header\r\n",
            "0\r\n\r\nmore\r\n",
            &*long,
        ] {
            assert!(read(input, 7).is_err(), "{input}");
        }
        assert!(!read("5\r\nhel", 3).unwrap().1);
    }
}
