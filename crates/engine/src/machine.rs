//! The revision of a state machine that an execution runs: later updates do not touch it.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stepward_types::Timestamp;

/// What of a state machine an execution keeps to its end. Stored once per revision, and named by its `id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineSnapshot {
    /// The ARN without qualifier.
    pub arn: String,
    pub name: String,
    pub definition: Arc<str>,
    pub role_arn: String,
    /// Express executions are not journaled.
    pub is_express: bool,
    /// Absent until the first update (AWS: `INITIAL`).
    pub revision_id: Option<String>,
    /// When the revision was made.
    pub updated: Timestamp,
    /// As DescribeStateMachine shows them; the engine keeps them for DescribeStateMachineForExecution.
    pub logging: Value,
    pub tracing: Value,
    pub encryption: Value,
}

impl MachineSnapshot {
    /// The name of a snapshot in the store: a hash of its stored form.
    pub(crate) fn id(bytes: &[u8]) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        digest.as_ref().iter().take(16).fold(String::with_capacity(32), |mut id, byte| {
            // Writing to a String cannot fail.
            let _ = write!(id, "{byte:02x}");
            id
        })
    }

    /// Whether a level other than OFF is set, and a place to log to.
    pub(crate) fn keeps_log(&self) -> bool {
        let level = self.logging.get("level").and_then(Value::as_str).unwrap_or("OFF");
        level != "OFF" && self.logging.get("destinations").is_some()
    }

    /// The account that owns the state machine.
    pub(crate) fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }

    pub(crate) fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }

    /// The ARN of an execution. AWS: those of Express executions say `express` and end with an id of their own.
    pub(crate) fn execution_arn(&self, name: &str, express_id: &str) -> String {
        let prefix = self.arn.split(":stateMachine:").next().unwrap_or_default();
        let machine = &self.name;
        if self.is_express {
            format!("{prefix}:express:{machine}:{name}:{express_id}")
        } else {
            format!("{prefix}:execution:{machine}:{name}")
        }
    }
}
