//! SAML 2.0: metadata of identity providers, and their responses, which are verified with the keys in the metadata.
//!
//! Owns the strict reading of XML, canonical forms, XML signatures as SAML uses them, and X.509 as far as it is needed.
//! Refuses document types, processing instructions, encrypted assertions, SHA-1, and every document in which it could
//! be argued which part was signed. What was not verified cannot be read: an `Assertion` comes from `Assertion::verify`
//! only. What time it is, and what an assertion is good for, the caller decides.
#![deny(clippy::disallowed_methods)]

mod assertion;
mod canonical;
mod error;
mod metadata;
mod signature;
mod tree;
mod x509;

pub use assertion::{Assertion, NameId};
pub use error::SamlError;
pub use metadata::Metadata;
pub use x509::Certificate;
