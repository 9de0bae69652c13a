//! What happens to a run. Commands come from outside and are never decided here.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stepward_query::Payload;

use crate::effect::{TaskId, TimerId};

/// What happened to a run; the time it happened is given beside it.
#[derive(Clone, Debug)]
pub enum Command {
    /// The execution begins. Ignored when it has begun already.
    Start {
        /// The execution's input.
        input: Payload,
    },
    /// The last decision stopped at its transition limit ([`crate::Effect::Continue`]); go on.
    Continue,
    /// An activity worker took the task.
    TaskStarted {
        /// Which task.
        task: TaskId,
        /// The name the worker gave, if any.
        worker_name: Option<String>,
    },
    /// A `.sync` or `.waitForTaskToken` task's request was accepted; the task now waits for its job or its token.
    TaskSubmitted {
        /// Which task.
        task: TaskId,
        /// What the integrated service answered.
        output: Payload,
    },
    /// A task is over.
    TaskEnded {
        /// Which task.
        task: TaskId,
        /// How it ended.
        outcome: TaskOutcome,
    },
    /// The worker or the holder of the token is alive: the heartbeat clock starts anew.
    Heartbeat {
        /// Which task.
        task: TaskId,
    },
    /// A timer is due.
    TimerFired {
        /// Which timer.
        timer: TimerId,
    },
    /// `StopExecution`.
    Stop {
        /// The error the caller gave.
        error: Option<String>,
        /// The cause the caller gave.
        cause: Option<String>,
    },
    /// `RedriveExecution`: an execution that failed, timed out or was aborted goes on where it ended.
    Redrive,
    /// `UpdateMapRun`. Ignored when no such Map Run is open.
    UpdateMapRun {
        /// Which Map Run.
        map_run_arn: Arc<str>,
        /// What changes.
        limits: MapRunLimits,
    },
}

/// Limits of a Map Run; what is absent stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapRunLimits {
    /// The most child executions at a time; 0 for no limit.
    pub max_concurrency: Option<u32>,
    /// `ToleratedFailureCount`.
    pub tolerated_failure_count: Option<u32>,
    /// `ToleratedFailurePercentage`.
    pub tolerated_failure_percentage: Option<f64>,
}

/// How a task ended.
#[derive(Clone, Debug)]
pub enum TaskOutcome {
    /// The task's result.
    Succeeded {
        /// The result, before `ResultSelector`.
        output: Payload,
    },
    /// The task failed. Recorded as `TaskFailed`, `LambdaFunctionFailed` or `ActivityFailed`.
    Failed {
        /// The error name.
        error: String,
        /// The cause.
        cause: Option<String>,
    },
    /// The task could not be scheduled (`LambdaFunctionScheduleFailed`, `ActivityScheduleFailed`; `TaskFailed` for other tasks).
    ScheduleFailed {
        /// The error name.
        error: String,
        /// The cause.
        cause: Option<String>,
    },
    /// The request could not be made (`TaskStartFailed`, `LambdaFunctionStartFailed`; `ActivityFailed` for activities).
    StartFailed {
        /// The error name.
        error: String,
        /// The cause.
        cause: Option<String>,
    },
    /// The job of a `.sync` task was refused (`TaskSubmitFailed`; `TaskFailed` kinds for other tasks).
    SubmitFailed {
        /// The error name.
        error: String,
        /// The cause.
        cause: Option<String>,
    },
    /// The integration itself gave up waiting.
    TimedOut {
        /// The error name, usually `States.Timeout`.
        error: String,
        /// The cause.
        cause: Option<String>,
    },
}
