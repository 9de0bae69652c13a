//! What must be done once a decision's events are durable.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stepward_query::Payload;
use stepward_types::Timestamp;

use crate::resource::TaskResource;
use crate::run::RunStatus;

/// A task of one run: the id of the event that scheduled it, so unique within the run and never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u64);

/// A timer of one run. Starting a timer that runs already replaces its due time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimerId {
    /// What the timer is for.
    pub kind: TimerKind,
    /// The event the timer belongs to: the entered event of a Wait, the scheduled event of a task, the last event
    /// before a retry, 0 for the execution.
    pub event_id: u64,
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimerKind {
    /// The whole execution's `TimeoutSeconds`.
    Execution,
    /// A Wait state.
    Wait,
    /// A retry's delay.
    Retry,
    /// A task's `TimeoutSeconds`.
    TaskTimeout,
    /// A task's `HeartbeatSeconds`.
    Heartbeat,
}

impl TimerId {
    /// The timer of the whole execution.
    pub const EXECUTION: Self = Self { kind: TimerKind::Execution, event_id: 0 };
}

impl fmt::Display for TimerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}-{}", self.kind, self.event_id)
    }
}

/// What must be done after the commit. Carrying an effect out twice must be harmless: recovery may repeat it.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Call an integration, invoke a function or queue an activity task.
    StartTask(Arc<TaskRequest>),
    /// Nobody waits for this task any more; cancel its job if that is possible.
    CancelTask(TaskId),
    /// Send [`crate::Command::TimerFired`] at `due` (or at once, if it has passed).
    StartTimer {
        /// Which timer.
        timer: TimerId,
        /// When.
        due: Timestamp,
    },
    /// The timer is not needed any more.
    CancelTimer(TimerId),
    /// Send [`crate::Command::Continue`]: the decision stopped at its transition limit, more states are ready.
    Continue,
    /// The execution is over.
    Finish(ExecutionEnd),
}

/// Everything an integration needs to know of a task.
#[derive(Clone, Debug)]
pub struct TaskRequest {
    /// The task's id within the run.
    pub task: TaskId,
    /// The state's name.
    pub state_name: Arc<str>,
    /// What is called.
    pub resource: TaskResource,
    /// The request, after `Parameters` or `Arguments`.
    pub arguments: Payload,
    /// The role of the state's `Credentials`, if it has them.
    pub credentials_role_arn: Option<Arc<str>>,
    /// `TimeoutSeconds`, where the state gives it. The run keeps the clock itself.
    pub timeout_seconds: Option<u64>,
    /// `HeartbeatSeconds`, where the state gives it. The run keeps the clock itself.
    pub heartbeat_seconds: Option<u64>,
    /// The task token of an activity or a `.waitForTaskToken` task.
    pub token: Option<Arc<str>>,
    /// How often this state was tried before, since it was entered.
    pub retry_count: u32,
}

/// How an execution ended.
#[derive(Clone, Debug)]
pub struct ExecutionEnd {
    /// Succeeded, Failed, TimedOut or Aborted.
    pub status: RunStatus,
    /// The output of an execution that succeeded.
    pub output: Option<Payload>,
    /// The error of one that did not.
    pub error: Option<String>,
    /// Its cause.
    pub cause: Option<String>,
    /// When it ended.
    pub at: Timestamp,
}
