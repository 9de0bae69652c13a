//! AWS Signature Version 4: reads signatures, builds canonical requests, signs and verifies.
//!
//! Owns the arithmetic of signatures (AWS: "AWS Signature Version 4 for API requests"). Refuses to know whose key
//! it is, which protocol the request speaks, and what time it is: all three are given.
#![deny(clippy::disallowed_methods)]

mod canonical;
mod chunk;
mod key;
mod parse;
mod sign;
mod time;
mod verify;

pub use canonical::{PathEncoding, Payload, RequestParts};
pub use chunk::{ChunkSignatures, PayloadHash, accepts_text};
pub use key::SigningKey;
pub use parse::{Form, ParseError, Signature, parse};
pub use sign::{Credentials, SignedHeaders, presign, sign};
pub use time::{format_basic, parse_basic};
pub use verify::{VerifyError, verify};
