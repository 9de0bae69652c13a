//! The JSONata language (2.0): parse once, evaluate often.
//!
//! Owns the language: its grammar, its values, its functions, its error codes. Refuses to know the time and
//! randomness, which the host gives, and to run without bounds: every evaluation has a budget.
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
