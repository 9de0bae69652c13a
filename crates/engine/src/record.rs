//! What the row of an execution keeps beside its columns.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stepward_asl::Run;
use stepward_store::ExecutionRow;
use stepward_types::Timestamp;

use crate::error::Fault;
use crate::{ExecutionDescription, ExecutionStatus, StartRequest};

/// AWS: an execution can be redriven within 14 days.
const REDRIVE_DAYS_MAX: i64 = 14;
const DAY_MS: i64 = 86_400_000;
/// AWS: the last 10 client tokens of redrives are known, each for 15 minutes.
const REDRIVE_TOKENS_MAX: usize = 10;
const REDRIVE_TOKEN_MS_MAX: i64 = 15 * 60 * 1_000;

/// The part of an execution that no query looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    /// The id of the machine snapshot.
    pub(crate) machine: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alias_arn: Option<String>,
    pub(crate) input: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace_header: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) redrive_count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redriven: Option<Timestamp>,
    /// Client tokens of redrives and when they came, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) redrive_tokens: Vec<(String, Timestamp)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Record {
    pub(crate) fn new(request: &StartRequest, name: String, machine: String) -> Self {
        Self {
            name,
            machine,
            version_arn: request.version_arn.clone(),
            alias_arn: request.alias_arn.clone(),
            input: Arc::from(request.input.as_str()),
            output: None,
            error: None,
            cause: None,
            trace_header: request.trace_header.clone(),
            redrive_count: 0,
            redriven: None,
            redrive_tokens: Vec::new(),
        }
    }

    /// Keeps how the execution ended, or that it goes on.
    pub(crate) fn end(&mut self, run: &Run) {
        self.output = run.output().map(|output| Arc::clone(output.text()));
        self.error = run.error().map(str::to_owned);
        self.cause = run.cause().map(str::to_owned);
    }

    /// When the client token was used for a redrive, if that is less than 15 minutes ago.
    pub(crate) fn redriven_by(&self, token: &str, now: Timestamp) -> Option<Timestamp> {
        let fresh = |at: Timestamp| at.plus_millis(REDRIVE_TOKEN_MS_MAX) > now;
        self.redrive_tokens.iter().find(|(used, at)| used == token && fresh(*at)).map(|(_, at)| *at)
    }

    /// Notes a redrive.
    pub(crate) fn redrive(&mut self, token: Option<String>, now: Timestamp) {
        self.redrive_count += 1;
        self.redriven = Some(now);
        self.redrive_tokens.extend(token.map(|token| (token, now)));
        let surplus = self.redrive_tokens.len().saturating_sub(REDRIVE_TOKENS_MAX);
        self.redrive_tokens.drain(..surplus);
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(bytes).map_err(Fault::new)
    }

    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(Fault::new)
    }

    /// What the API tells of the execution.
    pub(crate) fn describe(self, row: ExecutionRow, now: Timestamp) -> ExecutionDescription {
        let status = ExecutionStatus::parse(&row.status).unwrap_or(ExecutionStatus::Running);
        let stopped = row.stopped_ms.map(Timestamp::from_millis);
        let reason = not_redrivable(status, stopped, now);
        ExecutionDescription {
            arn: row.arn,
            machine_arn: row.machine,
            version_arn: self.version_arn,
            alias_arn: self.alias_arn,
            name: self.name,
            status,
            started: Timestamp::from_millis(row.started_ms),
            stopped,
            input: self.input,
            output: self.output,
            error: self.error,
            cause: self.cause,
            trace_header: self.trace_header,
            map_run_arn: None,
            redrive_count: self.redrive_count,
            redriven: self.redriven,
            redrive_status: redrive_status(reason),
            redrive_status_reason: reason,
        }
    }
}

/// The API's word for whether an execution can be redriven.
pub(crate) fn redrive_status(reason: Option<&str>) -> &'static str {
    if reason.is_some() { "NOT_REDRIVABLE" } else { "REDRIVABLE" }
}

/// Why an execution cannot be redriven; `None` when it can.
pub(crate) fn not_redrivable(
    status: ExecutionStatus,
    stopped: Option<Timestamp>,
    now: Timestamp,
) -> Option<&'static str> {
    match status {
        ExecutionStatus::Running => Some("Execution is RUNNING and cannot be redriven"),
        ExecutionStatus::Succeeded => Some("Execution is SUCCEEDED and cannot be redriven"),
        ExecutionStatus::PendingRedrive => Some("Execution is PENDING_REDRIVE and cannot be redriven"),
        ExecutionStatus::Failed | ExecutionStatus::TimedOut | ExecutionStatus::Aborted => {
            let is_old = stopped.is_some_and(|stopped| stopped.plus_millis(REDRIVE_DAYS_MAX * DAY_MS) < now);
            is_old.then_some("Execution has exceeded the redrivable period")
        }
    }
}
