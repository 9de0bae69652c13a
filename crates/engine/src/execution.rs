//! What the API asks of executions, and what it is told.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stepward_types::Timestamp;

use crate::MachineSnapshot;

/// StartExecution and StartSyncExecution: which revision, under which name, with what.
#[derive(Clone, Debug)]
pub struct StartRequest {
    pub machine: Arc<MachineSnapshot>,
    /// The ARN of the version that runs, when one was named, directly or through an alias.
    pub version_arn: Option<String>,
    /// The ARN of the alias that was named.
    pub alias_arn: Option<String>,
    /// A name of 1–80 characters; a random UUID stands for an absent one.
    pub name: Option<String>,
    /// JSON text, kept as it is written.
    pub input: String,
    /// The X-Ray header of the caller, told back by DescribeExecution.
    pub trace_header: Option<String>,
}

/// An execution that was started, or was open under the same name and input already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    pub arn: String,
    pub started: Timestamp,
}

/// The state of an execution, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExecutionStatus {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
    PendingRedrive,
}

impl ExecutionStatus {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
            Self::PendingRedrive => "PENDING_REDRIVE",
        }
    }

    /// The status that the word of the API names.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "RUNNING" => Self::Running,
            "SUCCEEDED" => Self::Succeeded,
            "FAILED" => Self::Failed,
            "TIMED_OUT" => Self::TimedOut,
            "ABORTED" => Self::Aborted,
            "PENDING_REDRIVE" => Self::PendingRedrive,
            _ => return None,
        })
    }
}

/// DescribeExecution, and what StartSyncExecution answers.
#[derive(Clone, Debug)]
pub struct ExecutionDescription {
    pub arn: String,
    pub machine_arn: String,
    pub version_arn: Option<String>,
    pub alias_arn: Option<String>,
    pub name: String,
    pub status: ExecutionStatus,
    pub started: Timestamp,
    pub stopped: Option<Timestamp>,
    /// JSON text.
    pub input: Arc<str>,
    /// JSON text; present when the execution succeeded.
    pub output: Option<Arc<str>>,
    /// Present when the execution failed, timed out or was aborted with one.
    pub error: Option<String>,
    pub cause: Option<String>,
    pub trace_header: Option<String>,
    pub map_run_arn: Option<String>,
    pub redrive_count: u32,
    pub redriven: Option<Timestamp>,
    /// `REDRIVABLE`, `NOT_REDRIVABLE` or `REDRIVABLE_BY_MAP_RUN`, with the reason for the second.
    pub redrive_status: &'static str,
    pub redrive_status_reason: Option<&'static str>,
}

/// Which executions ListExecutions shows.
#[derive(Clone, Debug)]
pub struct ListRequest {
    pub of: ListedBy,
    pub status: Option<ExecutionStatus>,
    /// The `cursor` of the last execution of the page before.
    pub before: Option<i64>,
    pub limit: usize,
}

/// Whose executions are listed.
#[derive(Clone, Debug)]
pub enum ListedBy {
    /// All of a state machine, by its ARN without qualifier.
    Machine(String),
    /// Those started with a version, an alias or a Map Run, by its ARN.
    Qualifier(String),
}

/// One line of ListExecutions, newest first.
#[derive(Clone, Debug)]
pub struct ExecutionSummary {
    /// Where the next page begins, when this is the last line of one.
    pub cursor: i64,
    pub description: ExecutionDescription,
}

/// GetExecutionHistory.
#[derive(Clone, Debug)]
pub struct HistoryRequest {
    pub arn: String,
    /// The id of the first event of the page; the first (or last) event of the execution when absent.
    pub from: Option<u64>,
    pub limit: usize,
    /// From the newest event to the oldest.
    pub is_reverse: bool,
    /// Whether inputs and outputs are told.
    pub includes_data: bool,
}

/// A page of a history.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// Events as the API shows them.
    pub events: Vec<Value>,
    /// The id of the first event of the next page, when there is one.
    pub next: Option<u64>,
}

/// A task that a worker of an activity gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityTask {
    pub token: String,
    /// JSON text.
    pub input: String,
}
