//! What a state machine needs of its role: policies made for a definition, definitions checked against roles,
//! recorded decisions turned into policies and replayed against new ones.
//!
//! Owns the table of what every integration calls, and what can be said of it before anything runs. Refuses to fetch:
//! definitions, policies and records are given, and the answers are values.
#![deny(clippy::disallowed_methods)]

mod calls;
mod check;
mod credentials;
mod definition;
mod denial;
mod fold;
mod generate;
mod glob;
mod grant;
mod integrations;
pub mod lint;
mod place;
mod reference;
mod render;
mod role;
mod scan;
mod shape;
mod shown;
mod size;
mod span;
mod spelling;
mod statement;
mod task;
mod verdict;

pub use calls::{Change, FromCalls, RecordedCall, Replayed, policy_of_calls, replay};
pub use check::{Against, CheckedCall, CheckedState, Finding, Level, Report, Unused, check};
pub use definition::Definition;
pub use denial::{Denial, denials, explain_denial};
pub use generate::{Generated, Settings, generate, trust_policy};
pub use grant::Purpose;
pub use place::Place;
pub use render::{Format, render};
pub use role::{NamedPolicy, Role};
pub use size::{Fitted, INLINE_CHARACTERS_MAX, MANAGED_CHARACTERS_MAX, SizeError, fit, size};
pub use span::span_of;
pub use spelling::nearest;
pub use task::Style;
pub use verdict::Verdict;
