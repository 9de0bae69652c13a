//! Whole histories: definition and scripted outcomes in, every event out.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a script that cannot run is a failed test"
)]

mod crash_histories;
mod crash_points;
mod data;
mod ending;
mod errors;
mod golden;
mod maps;
mod properties;
mod script;
