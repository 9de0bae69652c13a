//! The 62 types of history events, grouped by what they carry.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stepward_query::Payload;

use super::codec::{optional_assigned, payload};
use crate::machine::StateId;
use crate::resource::TaskResource;

/// The eight state types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StateType {
    /// Passes its input on.
    Pass,
    /// Calls something.
    Task,
    /// Branches.
    Choice,
    /// Waits.
    Wait,
    /// Ends successfully.
    Succeed,
    /// Ends with a failure.
    Fail,
    /// Runs branches at the same time.
    Parallel,
    /// Runs one sub-machine for each item.
    Map,
}

/// An error name and a cause, each optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetails {
    /// The error name.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The cause.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// Variables that a state assigned, in the order of its `Assign`.
pub type Assigned = Vec<(Arc<str>, Payload)>;

/// What happened. Fields that the API does not show are marked *private*.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum HistoryEventBody {
    /// `ExecutionStarted`.
    ExecutionStarted(Box<ExecutionStarted>),
    /// `ExecutionSucceeded`.
    ExecutionSucceeded {
        /// The execution's output.
        #[serde(rename = "o", with = "payload")]
        output: Payload,
    },
    /// `ExecutionFailed`.
    ExecutionFailed(ErrorDetails),
    /// `ExecutionTimedOut`.
    ExecutionTimedOut(ErrorDetails),
    /// `ExecutionAborted`.
    ExecutionAborted(ErrorDetails),
    /// `ExecutionRedriven`.
    ExecutionRedriven {
        /// How often, this time included.
        redrive_count: u32,
    },
    /// `PassStateEntered`, `TaskStateEntered`, … for each of the eight types.
    #[serde(rename = "In")]
    StateEntered {
        /// The type in the event's name.
        #[serde(rename = "y")]
        state_type: StateType,
        /// *Private*: which state of the machine.
        #[serde(rename = "s")]
        state: StateId,
        /// The state's name.
        #[serde(rename = "n")]
        name: Arc<str>,
        /// The state's raw input.
        #[serde(rename = "d", with = "payload")]
        input: Payload,
    },
    /// `PassStateExited`, `TaskStateExited`, … for each type but Fail.
    #[serde(rename = "Out")]
    StateExited(StateExited),
    /// `TaskStateAborted`, `WaitStateAborted`, `ParallelStateAborted`, `MapStateAborted`.
    StateAborted(StateType),
    /// `ParallelStateFailed`, `MapStateFailed`.
    StateFailed(StateType),
    /// `ParallelStateSucceeded`, `MapStateSucceeded`.
    StateSucceeded(StateType),
    /// `ParallelStateStarted`.
    ParallelStateStarted {
        /// *Private*: what every branch receives.
        #[serde(rename = "d", with = "payload")]
        input: Payload,
    },
    /// `MapStateStarted`.
    MapStateStarted(Box<MapStateStarted>),
    /// `MapIterationStarted`.
    MapIterationStarted {
        /// The Map state's name.
        #[serde(rename = "n")]
        name: Arc<str>,
        /// The item's index.
        #[serde(rename = "x")]
        index: u32,
        /// *Private*: the iteration's input, after `ItemSelector`.
        #[serde(rename = "d", with = "payload")]
        input: Payload,
    },
    /// `MapIterationSucceeded`, `MapIterationFailed`, `MapIterationAborted`.
    MapIterationEnded {
        /// How it ended.
        #[serde(rename = "e")]
        end: IterationEnd,
        /// The Map state's name.
        #[serde(rename = "n")]
        name: Arc<str>,
        /// The item's index.
        #[serde(rename = "x")]
        index: u32,
    },
    /// `MapRunStarted`.
    MapRunStarted {
        /// The Map Run's ARN.
        map_run_arn: Arc<str>,
    },
    /// `MapRunSucceeded`.
    MapRunSucceeded,
    /// `MapRunFailed`.
    MapRunFailed(ErrorDetails),
    /// `MapRunAborted`.
    MapRunAborted,
    /// `MapRunRedriven`.
    MapRunRedriven {
        /// The Map Run's ARN.
        map_run_arn: Arc<str>,
        /// How often, this time included.
        redrive_count: u32,
    },
    /// `TaskScheduled`, `LambdaFunctionScheduled`, `ActivityScheduled`.
    TaskScheduled(Box<TaskScheduled>),
    /// `TaskStarted`, `LambdaFunctionStarted`.
    TaskStarted(TaskLabel),
    /// `ActivityStarted`.
    ActivityStarted {
        /// The name the worker gave.
        worker_name: Option<String>,
    },
    /// `TaskSubmitted`.
    TaskSubmitted {
        /// What was called.
        label: TaskLabel,
        /// What the service answered.
        #[serde(with = "payload")]
        output: Payload,
    },
    /// `TaskSucceeded`, `TaskFailed`, `LambdaFunctionTimedOut`, …: the end of a task.
    TaskEnded {
        /// What was called.
        label: TaskLabel,
        /// How it ended.
        end: TaskEnd,
    },
    /// `EvaluationFailed`.
    EvaluationFailed(Box<EvaluationFailed>),
}

impl HistoryEventBody {
    /// Whether the execution is over with this event.
    pub fn is_end(&self) -> bool {
        matches!(
            self,
            Self::ExecutionSucceeded { .. }
                | Self::ExecutionFailed(_)
                | Self::ExecutionTimedOut(_)
                | Self::ExecutionAborted(_)
        )
    }
}

/// Details of `ExecutionStarted`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExecutionStarted {
    /// The execution's input.
    #[serde(with = "payload")]
    pub input: Payload,
    /// The execution role.
    pub role_arn: Arc<str>,
    /// The alias that was used to start it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_machine_alias_arn: Option<Arc<str>>,
    /// The version that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_machine_version_arn: Option<Arc<str>>,
}

/// Details of `…StateExited`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StateExited {
    /// The type in the event's name.
    #[serde(rename = "y")]
    pub state_type: StateType,
    /// The state's name.
    #[serde(rename = "n")]
    pub name: Arc<str>,
    /// The state's output.
    #[serde(rename = "o", with = "payload")]
    pub output: Payload,
    /// The variables it assigned.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none", with = "optional_assigned")]
    pub assigned: Option<Arc<Assigned>>,
    /// *Private*: where the frame goes next; none at its end.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub next: Option<StateId>,
}

/// Details of `MapStateStarted`; all but the length are *private*.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MapStateStarted {
    /// How many items there are.
    pub length: u32,
    /// The items, after `ItemsPath` or `Items`: an array. Those of an object are `{"Key": …, "Value": …}`.
    #[serde(with = "payload")]
    pub items: Payload,
    /// Whether the items were an object's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_keys: bool,
    /// What `ItemSelector` sees as `$`: the state's input after `InputPath`.
    #[serde(with = "payload")]
    pub input: Payload,
    /// The most iterations at a time; 0 for no limit.
    pub max_concurrency: u32,
    /// `ToleratedFailureCount`, if given.
    pub tolerated_failure_count: Option<u32>,
    /// `ToleratedFailurePercentage`, if given.
    pub tolerated_failure_percentage: Option<f64>,
}

/// How a Map iteration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IterationEnd {
    /// With an output.
    Succeeded,
    /// With an error that nothing caught.
    Failed,
    /// Because the Map failed or the execution ended.
    Aborted,
}

/// Details of `TaskScheduled`, `LambdaFunctionScheduled` and `ActivityScheduled`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskScheduled {
    /// *Private* in this form: the API shows parts of it as `resource` and `resourceType`.
    pub resource: TaskResource,
    /// The Region that the event shows.
    pub region: Arc<str>,
    /// The request: `parameters` of TaskScheduled, `input` of the two others.
    #[serde(with = "payload")]
    pub parameters: Payload,
    /// Shown if the state gives it.
    pub timeout_seconds: Option<u64>,
    /// Shown if the state gives it.
    pub heartbeat_seconds: Option<u64>,
    /// `taskCredentials.roleArn`.
    pub credentials_role_arn: Option<Arc<str>>,
    /// *Private*: the task token, where there is one.
    pub token: Option<Arc<str>>,
}

/// What the events of a task call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskLabel {
    /// `LambdaFunction…` events.
    Lambda,
    /// `Activity…` events.
    Activity,
    /// `Task…` events.
    Service {
        /// For example `lambda`, `aws-sdk:sfn`.
        resource_type: Arc<str>,
        /// For example `invoke.waitForTaskToken`.
        resource: Arc<str>,
    },
}

impl TaskLabel {
    /// What the events of a task with this resource carry.
    pub fn of(resource: &TaskResource) -> Self {
        match resource {
            TaskResource::LambdaFunction(_) => Self::Lambda,
            TaskResource::Activity(_) => Self::Activity,
            TaskResource::Optimized { service, action, pattern } => Self::Service {
                resource_type: Arc::clone(service),
                resource: format!("{action}{}", pattern.suffix()).into(),
            },
            TaskResource::AwsSdk { service, action, pattern } => Self::Service {
                resource_type: format!("aws-sdk:{service}").into(),
                resource: format!("{action}{}", pattern.suffix()).into(),
            },
        }
    }
}

/// How a task ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TaskEnd {
    /// `…Succeeded`.
    Succeeded(#[serde(with = "payload")] Payload),
    /// `…Failed`.
    Failed(ErrorDetails),
    /// `…TimedOut`.
    TimedOut(ErrorDetails),
    /// `…ScheduleFailed`.
    ScheduleFailed(ErrorDetails),
    /// `…StartFailed`.
    StartFailed(ErrorDetails),
    /// `TaskSubmitFailed`.
    SubmitFailed(ErrorDetails),
}

/// Details of `EvaluationFailed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluationFailed {
    /// Always `States.QueryEvaluationError`.
    pub error: String,
    /// The whole cause.
    pub cause: String,
    /// The field, such as `Output/result`; none where AWS gives none.
    pub location: Option<String>,
    /// The state's name.
    pub state: Arc<str>,
}
