//! The engine on a virtual clock, with tasks that follow a script.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod bounds;
mod crash;
mod fairness;
mod faults;
mod history;
mod house;
mod map_runs;
mod migration;
mod observing;
mod retention;
mod starting;
mod tokens;
