//! What several crates share: Amazon Resource Names, accounts, regions, timestamps.
//!
//! Pure: no clock, no files, no network. A type enters this crate when a third crate needs it.
#![deny(clippy::disallowed_methods)]

mod account;
mod arn;
mod timestamp;

pub use account::{AccountId, AccountIdError, Region};
pub use arn::{ARN_CHARACTERS_MAX, Arn, ArnError};
pub use timestamp::{Timestamp, TimestampError};
