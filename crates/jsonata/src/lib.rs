//! The JSONata language, version 2.0: parse once, evaluate often, within bounds.
//!
//! ```
//! use std::collections::HashMap;
//! use stepward_jsonata::{Budget, Expression, Host, Value};
//!
//! /// What an evaluation gets from outside: one time, and randomness.
//! struct Outside;
//!
//! impl Host for Outside {
//!     fn now_ms(&self) -> i64 {
//!         1_790_000_000_000
//!     }
//!
//!     fn random(&self) -> f64 {
//!         0.42
//!     }
//! }
//!
//! # fn main() -> Result<(), stepward_jsonata::Error> {
//! let input = Value::from(&serde_json::json!({"orders": [{"total": 50}, {"total": 75.5}]}));
//! let expression = Expression::compile("$sum(orders[total > 50].total)")?;
//! let result = expression.evaluate(&input, &HashMap::new(), &Outside, &Budget::default())?;
//! assert_eq!(result.and_then(|value| value.to_json()), Some(serde_json::json!(75.5)));
//!
//! let error = Expression::compile("orders[").unwrap_err();
//! assert_eq!((error.code(), error.position()), ("S0203", Some(7)));
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! All of the language of the reference implementation 2.0.6, and `??` and `?:` of later ones: paths, predicates, tuple
//! streams (`@`, `#`, `%`), constructors, grouping, order-by, transforms, lambdas with signatures, partial application,
//! `~>`, regular expressions, and every built-in function. Its own test suite passes, and generated expressions are
//! compared with the reference: results, error codes, sentences, tokens and positions (`cargo xtask jsonata`).
//!
//! An [`Expression`] is immutable and can be shared by threads. A [`Value`] shares its parts: nothing of the input is
//! copied. Calls at the end of a function do not nest, however often they follow one another.
//!
//! # Bounds
//!
//! Every evaluation has a [`Budget`]:
//!
//! | bound | error | counts |
//! |---|---|---|
//! | `depth` | `U1001` | how deep expressions and calls nest |
//! | `bytes` | `U1002` | what is made: `$pad("x", 2000000000)` is refused before it is tried |
//! | `steps` | `U1003` | what is evaluated, the moves of regular expressions and the passing over lists |
//! | `time_ms` | `U1001`, with the sentence about the timeout | what the host's clock says |
//!
//! Steps and bytes are the same on every machine. No text, value or regular expression makes it panic, overflow the stack
//! or run past its budget; values that nest more than a thousand levels are no results.
//!
//! # The host
//!
//! A [`Host`] gives the time and random numbers, may add functions and may forbid built-in ones. The crate itself reads no
//! clock, file, environment or network.
//!
//! # Where it differs
//!
//! Half a surrogate pair is no text here and becomes a replacement character. `docs/compatibility.md` has the other
//! differences.
#![deny(clippy::disallowed_methods)]

mod ast;
mod budget;
mod convert;
mod error;
mod evaluate;
mod functions;
mod host;
mod lexer;
mod number;
mod parent;
mod parser;
mod picture;
mod print;
mod process;
mod references;
mod regex;
mod signature;
mod sort;
mod value;

pub use budget::Budget;
pub use error::Error;
pub use evaluate::Expression;
pub use host::{Host, HostFunction};
pub use print::canonical;
pub use references::References;
pub use value::{Object, Value};

#[doc(hidden)]
pub mod internal {
    //! What a value holds; no part of the interface.
    pub use crate::ast::NodeId;
    pub use crate::functions::{Native, Subject};
    pub use crate::regex::Pattern;
    pub use crate::value::{Array, Function, Lambda, Partial, Transform};
}
