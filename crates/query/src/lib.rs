//! What states ask of their data: JSONPath, reference paths, intrinsic functions, payload templates, JSONata.
//!
//! Owns how a field of a definition becomes a value (Amazon States Language: paths, payload templates, intrinsic
//! functions; Step Functions' use of JSONata). Refuses to know states: which field is read when is `asl`'s
//! business. The time and the seed of randomness are given.
#![deny(clippy::disallowed_methods)]

mod error;
mod expression;
mod intrinsic;
mod jsonata;
mod path;
mod payload;
mod reference;
mod seed;
mod template;
mod variables;

pub use error::{PathError, QueryError, TemplateError};
pub use expression::{Expression, Root, Scope, is_variable_name};
pub use jsonata::{JsonataPart, JsonataScope, JsonataTemplate, jsonata_source};
pub use path::JsonPath;
pub use payload::Payload;
pub use reference::ReferencePath;
pub use seed::Seed;
pub use stepward_jsonata::References;
pub use template::Template;
pub use variables::Variables;
