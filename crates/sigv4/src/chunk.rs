//! Payloads that are verified while they arrive: by the hash in a header, or chunk by chunk.
//!
//! AWS: each chunk's signature covers its bytes and the signature before it; the first one follows that of the
//! request's head. Trailing headers are signed after the last chunk.

use sha2::{Digest, Sha256};
use stepward_types::Timestamp;
use subtle::ConstantTimeEq;

use crate::canonical::hex;
use crate::key::SigningKey;
use crate::parse::Signature;
use crate::time::format_basic;

/// The hash of nothing, which the string to sign of every chunk has.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The hash of bytes that come piece by piece.
#[derive(Clone, Default)]
pub struct PayloadHash(Sha256);

impl PayloadHash {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Lower-case hexadecimal; what comes next is hashed anew.
    pub fn take(&mut self) -> String {
        hex(&self.0.finalize_reset())
    }
}

/// The signatures of one payload's chunks, each of which follows from the one before.
#[derive(Clone)]
pub struct ChunkSignatures {
    key: SigningKey,
    date: String,
    scope: String,
    previous: String,
}

impl ChunkSignatures {
    /// Of a request whose head carries `seed`, signed with `key`.
    pub fn new(seed: &Signature, key: SigningKey) -> Self {
        let scope = format!("{}/{}/{}/aws4_request", seed.scope_date, seed.region, seed.service);
        Self::of(seed.signed_at, scope, seed.signature.clone(), key)
    }

    fn of(signed_at: Timestamp, scope: String, previous: String, key: SigningKey) -> Self {
        Self { key, date: format_basic(signed_at), scope, previous }
    }

    /// Whether a chunk with this hash has this signature.
    pub fn accepts_chunk(&mut self, hash: &str, signature: &str) -> bool {
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{EMPTY}\n{hash}",
            self.date, self.scope, self.previous
        );
        self.accepts(&text, signature)
    }

    /// Whether trailing headers, as lines of `name:value`, have this signature.
    pub fn accepts_trailer(&mut self, lines: &str, signature: &str) -> bool {
        let hash = hex(&Sha256::digest(lines.as_bytes()));
        let text =
            format!("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{hash}", self.date, self.scope, self.previous);
        self.accepts(&text, signature)
    }

    fn accepts(&mut self, text: &str, signature: &str) -> bool {
        let calculated = hex(&self.key.sign(text));
        let is_same: bool = calculated.as_bytes().ct_eq(signature.as_bytes()).into();
        self.previous = calculated;
        is_same
    }
}

/// Whether a text, such as the policy of a form, has this signature.
pub fn accepts_text(key: &SigningKey, text: &str, signature: &str) -> bool {
    hex(&key.sign(text)).as_bytes().ct_eq(signature.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse_basic;

    /// The examples of AWS's documentation: 66,560 times `a`, in chunks of 64 KiB.
    fn example(seed: &str) -> ChunkSignatures {
        let key =
            SigningKey::derive("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3");
        let scope = "20130524/us-east-1/s3/aws4_request".to_owned();
        ChunkSignatures::of(parse_basic("20130524T000000Z").unwrap(), scope, seed.to_owned(), key)
    }

    fn hash(length: usize) -> String {
        let mut hash = PayloadHash::default();
        // In pieces: how bytes arrive makes no difference.
        vec![b'a'; length].chunks(1_000).for_each(|piece| hash.update(piece));
        hash.take()
    }

    #[test]
    fn chunks_are_signed_as_in_the_documentation() {
        let mut chain = example("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
        for (length, signature) in [
            (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
            (1_024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
            (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
        ] {
            assert!(chain.accepts_chunk(&hash(length), signature), "{length}");
        }
    }

    #[test]
    fn trailers_are_signed_as_in_the_documentation() {
        let mut chain = example("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
        for (length, signature) in [
            (65_536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
            (1_024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
            (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
        ] {
            assert!(chain.accepts_chunk(&hash(length), signature), "{length}");
        }
        let signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
        assert!(chain.accepts_trailer("x-amz-checksum-crc32c:sOO8/Q==\n", signature));
    }

    #[test]
    fn a_chunk_in_another_place_is_refused() {
        let mut chain = example("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
        let second = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
        assert!(!chain.accepts_chunk(&hash(1_024), second));
    }
}
