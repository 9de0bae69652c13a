//! The states: one file per type, and what they have in common.

pub(crate) mod children;
pub(crate) mod choice;
pub(crate) mod exit;
pub(crate) mod fail;
pub(crate) mod map;
pub(crate) mod parallel;
pub(crate) mod pass;
pub(crate) mod succeed;
pub(crate) mod task;
pub(crate) mod wait;
