//! The IAM policy language: parsed, validated, compiled, evaluated and explained.
//!
//! Owns what a policy means (AWS: IAM JSON policy reference, policy evaluation logic). Refuses to fetch anything:
//! the request, its context and every policy that applies are given, and the answer is a value with its reasons.
//! Evaluation never fails: a policy that cannot be understood is refused when it is written.
#![deny(clippy::disallowed_methods)]

mod action;
mod condition;
mod context;
mod decision;
mod document;
mod error;
mod evaluate;
mod explain;
mod index;
mod pattern;
mod place;
mod policy;
mod principal;
mod statement;
mod validate;

pub use context::Context;
pub use decision::{Decision, Effect, StatementRef};
pub use error::PolicyError;
pub use evaluate::{Attached, OrganizationLevel, Policies, Request, evaluate};
pub use explain::{Explained, Explanation, Reason};
pub use place::Place;
pub use policy::{Policy, PolicyKind, size_without_white_space};
pub use principal::Principal;
