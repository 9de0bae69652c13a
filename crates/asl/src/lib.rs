//! The Amazon States Language: definitions checked, executions decided.
//!
//! Pure: a [`Machine`] is a checked definition, a [`Run`] an execution in memory. [`decide`] says what a [`Command`]
//! means as [`Event`]s and [`Effect`]s; [`evolve`] is the only way a run changes, live and in recovery. The clock and
//! randomness are arguments; nothing here reads a file, a socket or the time.
#![deny(clippy::disallowed_methods)]

mod command;
mod compare;
mod decide;
mod diagnostic;
mod effect;
mod errors;
mod evaluate;
mod event;
mod evolve;
mod failure;
mod item_batcher;
mod item_reader;
mod json_mistake;
mod machine;
mod map_runs;
mod resource;
mod run;
mod states;
mod step;
mod test_state;
mod token;
mod variable_references;

pub use command::{Command, MapRunLimits, TaskOutcome};
pub use decide::{Decided, decide};
pub use diagnostic::{Diagnostic, Severity};
pub use effect::{Effect, ExecutionEnd, TaskId, TaskRequest, TimerId, TimerKind};
pub use event::{
    Assigned, Bookkeeping, DecodeError, ErrorDetails, EvaluationFailed, Event, ExecutionStarted,
    HistoryEvent, HistoryEventBody, IterationEnd, MapStateStarted, StateExited, StateType, TaskEnd,
    TaskLabel, TaskScheduled, decode_events, encode_events,
};
pub use evolve::evolve;
pub use failure::Failure;
pub use json_mistake::JsonMistake;
pub use machine::{Machine, MachineType, QueryLanguage, StateId, TaskCheck, TaskDefinition};
pub use map_runs::{ItemCounts, MapRun, MapRunStatus, MapRuns};
pub use resource::{Pattern, TaskResource};
pub use run::{ExecutionInfo, FrameId, Run, RunStatus, Seed};
pub use test_state::{
    FieldValidationMode, HttpExchange, HttpMessage, InspectionData, InspectionErrorDetails, InspectionLevel,
    Member, Mock, MockSchema, Shape, TestState, TestStateConfiguration, TestStateError, TestStateInput,
    TestStateOutput, TestStatus,
};
pub use token::read_token;
pub use variable_references::variable_references;
