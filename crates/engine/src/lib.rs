//! Runs executions: shards, group commit, timers, recovery, dispatch of tasks.
//!
//! Owns the clock, randomness, and what is in memory of an execution. Refuses to decide what a command means (that
//! is `asl`), who may do what (that is `access`), how a task is performed (that is `integrations`), and to know
//! state machines beyond the snapshot that an execution runs.
//!
//! Nothing leaves before its commit: an answer, a task and a timer follow the events that they come from.
#![allow(clippy::disallowed_methods, reason = "this crate owns the clock")]

mod activities;
mod background;
mod clock;
mod codec;
mod engine;
mod error;
mod execution;
mod machine;
mod machines;
mod map_runs;
mod metrics;
mod observer;
mod quota;
mod reading;
mod recent;
mod record;
mod room;
mod shard;
mod shared;
mod task;
mod timers;
mod under_role;
mod watchers;
mod worker;

pub use clock::{Clock, Sleep, SystemClock};
pub use engine::{Engine, EngineConfig};
pub use error::{ExecutionError, Fault, PollError, StartError, TokenError};
pub use execution::{
    ActivityTask, ExecutionDescription, ExecutionStatus, ExecutionSummary, HistoryPage, HistoryRequest,
    ListRequest, ListedBy, StartRequest, Started,
};
pub use machine::MachineSnapshot;
pub use machines::check_arguments;
pub use map_runs::DescribedMapRun;
pub use metrics::{Distribution, EngineCounts, ExecutionCounts};
pub use observer::{News, Observer};
pub use task::{Performed, Performer, Performing, Progress, TaskCall};
pub use under_role::{Hosted, HostedError, UnderRole};

#[cfg(test)]
mod tests;
