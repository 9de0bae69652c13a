//! History events as `GetExecutionHistory` shows them.

use serde_json::{Map, Value, json};
use stepward_query::Payload;

use super::{
    ErrorDetails, ExecutionStarted, HistoryEvent, HistoryEventBody, IterationEnd, StateExited, StateType,
    TaskEnd, TaskLabel, TaskScheduled,
};
use crate::resource::TaskResource;

impl HistoryEvent {
    /// The event's type, such as `TaskStateEntered`.
    pub fn type_name(&self) -> &'static str {
        self.body.type_name()
    }

    /// The API's object. Without execution data, inputs, outputs, parameters, variables, errors and causes are left
    /// out, as AWS does for `includeExecutionData = false`.
    pub fn to_api_json(&self, include_execution_data: bool) -> Value {
        let mut event = Map::new();
        event.insert("timestamp".into(), json!(self.timestamp.epoch_seconds()));
        event.insert("type".into(), json!(self.type_name()));
        event.insert("id".into(), json!(self.id));
        event.insert("previousEventId".into(), json!(self.previous_event_id));
        let mut details = Details { object: Map::new(), data: include_execution_data };
        if let Some(member) = self.body.details(&mut details) {
            event.insert(member, Value::Object(details.object));
        }
        Value::Object(event)
    }
}

/// Collects the members of a `…EventDetails` object.
struct Details {
    object: Map<String, Value>,
    data: bool,
}

impl Details {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.object.insert(name.to_owned(), value.into());
    }

    fn put_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn payload(&mut self, name: &str, payload: &Payload) {
        if self.data {
            self.put(name, &**payload.text());
            self.put(&format!("{name}Details"), json!({ "truncated": false }));
        }
    }

    fn error(&mut self, details: &ErrorDetails) {
        if self.data {
            self.put_some("error", details.error.as_deref());
            self.put_some("cause", details.cause.as_deref());
        }
    }

    fn label(&mut self, label: &TaskLabel) {
        if let TaskLabel::Service { resource_type, resource } = label {
            self.put("resourceType", &**resource_type);
            self.put("resource", &**resource);
        }
    }

    fn execution_started(&mut self, started: &ExecutionStarted) {
        self.payload("input", &started.input);
        self.put("roleArn", &*started.role_arn);
        self.put_some("stateMachineAliasArn", started.state_machine_alias_arn.as_deref());
        self.put_some("stateMachineVersionArn", started.state_machine_version_arn.as_deref());
    }

    fn state_exited(&mut self, exited: &StateExited) {
        self.put("name", &*exited.name);
        self.payload("output", &exited.output);
        if let (true, Some(assigned)) = (self.data, &exited.assigned) {
            let pairs = assigned.iter().map(|(name, value)| (name.to_string(), Value::from(&**value.text())));
            self.put("assignedVariables", Value::Object(pairs.collect()));
            self.put("assignedVariablesDetails", json!({ "truncated": false }));
        }
    }

    fn task_scheduled(&mut self, task: &TaskScheduled) -> &'static str {
        self.put_some("timeoutInSeconds", task.timeout_seconds);
        let credentials = |arn: &str| json!({ "roleArn": arn });
        match &task.resource {
            TaskResource::LambdaFunction(arn) => {
                self.put("resource", &**arn);
                self.payload("input", &task.parameters);
                self.put_some("taskCredentials", task.credentials_role_arn.as_deref().map(credentials));
                "lambdaFunctionScheduledEventDetails"
            }
            TaskResource::Activity(arn) => {
                self.put("resource", &**arn);
                self.payload("input", &task.parameters);
                self.put_some("heartbeatInSeconds", task.heartbeat_seconds);
                "activityScheduledEventDetails"
            }
            TaskResource::Optimized { .. } | TaskResource::AwsSdk { .. } => {
                self.label(&TaskLabel::of(&task.resource));
                self.put("region", &*task.region);
                if self.data {
                    self.put("parameters", &**task.parameters.text());
                }
                self.put_some("heartbeatInSeconds", task.heartbeat_seconds);
                self.put_some("taskCredentials", task.credentials_role_arn.as_deref().map(credentials));
                "taskScheduledEventDetails"
            }
        }
    }

    fn task_ended(&mut self, label: &TaskLabel, end: &TaskEnd) {
        self.label(label);
        match end {
            TaskEnd::Succeeded(output) => self.payload("output", output),
            TaskEnd::Failed(error)
            | TaskEnd::TimedOut(error)
            | TaskEnd::ScheduleFailed(error)
            | TaskEnd::StartFailed(error)
            | TaskEnd::SubmitFailed(error) => self.error(error),
        }
    }
}

impl HistoryEventBody {
    /// The event's type, such as `TaskStateEntered`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::ExecutionStarted(_) => "ExecutionStarted",
            Self::ExecutionSucceeded { .. } => "ExecutionSucceeded",
            Self::ExecutionFailed(_) => "ExecutionFailed",
            Self::ExecutionTimedOut(_) => "ExecutionTimedOut",
            Self::ExecutionAborted(_) => "ExecutionAborted",
            Self::ExecutionRedriven { .. } => "ExecutionRedriven",
            Self::StateEntered { state_type, .. } => state_type.entered(),
            Self::StateExited(exited) => exited.state_type.exited(),
            Self::StateAborted(state_type) => state_type.aborted(),
            Self::StateFailed(StateType::Parallel) => "ParallelStateFailed",
            Self::StateFailed(_) => "MapStateFailed",
            Self::StateSucceeded(StateType::Parallel) => "ParallelStateSucceeded",
            Self::StateSucceeded(_) => "MapStateSucceeded",
            Self::ParallelStateStarted { .. } => "ParallelStateStarted",
            Self::MapStateStarted(_) => "MapStateStarted",
            Self::MapIterationStarted { .. } => "MapIterationStarted",
            Self::MapIterationEnded { end, .. } => end.type_name(),
            Self::MapRunStarted { .. } => "MapRunStarted",
            Self::MapRunSucceeded => "MapRunSucceeded",
            Self::MapRunFailed(_) => "MapRunFailed",
            Self::MapRunAborted => "MapRunAborted",
            Self::MapRunRedriven { .. } => "MapRunRedriven",
            Self::TaskScheduled(task) => TaskLabel::of(&task.resource).event("Scheduled"),
            Self::TaskStarted(label) => label.event("Started"),
            Self::ActivityStarted { .. } => "ActivityStarted",
            Self::TaskSubmitted { .. } => "TaskSubmitted",
            Self::TaskEnded { label, end } => label.event(end.suffix()),
            Self::EvaluationFailed(_) => "EvaluationFailed",
        }
    }

    /// Fills the details object and tells its member name; `None` for types without details.
    fn details(&self, to: &mut Details) -> Option<String> {
        match self {
            Self::ExecutionStarted(started) => to.execution_started(started),
            Self::ExecutionSucceeded { output } => to.payload("output", output),
            Self::ExecutionFailed(error)
            | Self::ExecutionTimedOut(error)
            | Self::ExecutionAborted(error)
            | Self::MapRunFailed(error) => to.error(error),
            Self::ExecutionRedriven { redrive_count } => to.put("redriveCount", *redrive_count),
            Self::StateEntered { name, input, .. } => {
                to.put("name", &**name);
                to.payload("input", input);
                return Some("stateEnteredEventDetails".to_owned());
            }
            Self::StateExited(exited) => {
                to.state_exited(exited);
                return Some("stateExitedEventDetails".to_owned());
            }
            Self::MapStateStarted(started) => to.put("length", started.length),
            Self::MapIterationStarted { name, index, .. } | Self::MapIterationEnded { name, index, .. } => {
                to.put("name", &**name);
                to.put("index", *index);
            }
            Self::MapRunStarted { map_run_arn } => to.put("mapRunArn", &**map_run_arn),
            Self::MapRunRedriven { map_run_arn, redrive_count } => {
                to.put("mapRunArn", &**map_run_arn);
                to.put("redriveCount", *redrive_count);
            }
            Self::TaskScheduled(task) => return Some(to.task_scheduled(task).to_owned()),
            Self::TaskStarted(TaskLabel::Lambda) => return None,
            Self::TaskStarted(label) => to.label(label),
            Self::ActivityStarted { worker_name } => to.put_some("workerName", worker_name.as_deref()),
            Self::TaskSubmitted { label, output } => {
                to.label(label);
                to.payload("output", output);
            }
            Self::TaskEnded { label, end } => to.task_ended(label, end),
            Self::EvaluationFailed(failed) => {
                if to.data {
                    to.put("error", &*failed.error);
                    to.put("cause", &*failed.cause);
                }
                to.put_some("location", failed.location.as_deref());
                to.put("state", &*failed.state);
            }
            Self::StateAborted(_)
            | Self::StateFailed(_)
            | Self::StateSucceeded(_)
            | Self::ParallelStateStarted { .. }
            | Self::MapRunSucceeded
            | Self::MapRunAborted => return None,
        }
        Some(member_name(self.type_name()))
    }
}

/// `TaskStarted` → `taskStartedEventDetails`.
fn member_name(type_name: &str) -> String {
    let mut characters = type_name.chars();
    let first = characters.next().map(|character| character.to_ascii_lowercase());
    first.into_iter().chain(characters).chain("EventDetails".chars()).collect()
}

impl IterationEnd {
    fn type_name(self) -> &'static str {
        match self {
            Self::Succeeded => "MapIterationSucceeded",
            Self::Failed => "MapIterationFailed",
            Self::Aborted => "MapIterationAborted",
        }
    }
}

impl StateType {
    fn entered(self) -> &'static str {
        match self {
            Self::Pass => "PassStateEntered",
            Self::Task => "TaskStateEntered",
            Self::Choice => "ChoiceStateEntered",
            Self::Wait => "WaitStateEntered",
            Self::Succeed => "SucceedStateEntered",
            Self::Fail => "FailStateEntered",
            Self::Parallel => "ParallelStateEntered",
            Self::Map => "MapStateEntered",
        }
    }

    fn exited(self) -> &'static str {
        match self {
            Self::Pass => "PassStateExited",
            Self::Task => "TaskStateExited",
            Self::Choice => "ChoiceStateExited",
            Self::Wait => "WaitStateExited",
            // A Fail state never exits; the name is never shown.
            Self::Succeed | Self::Fail => "SucceedStateExited",
            Self::Parallel => "ParallelStateExited",
            Self::Map => "MapStateExited",
        }
    }

    fn aborted(self) -> &'static str {
        match self {
            Self::Wait => "WaitStateAborted",
            Self::Parallel => "ParallelStateAborted",
            Self::Map => "MapStateAborted",
            // Only states that wait can be aborted.
            Self::Task | Self::Pass | Self::Choice | Self::Succeed | Self::Fail => "TaskStateAborted",
        }
    }
}

impl TaskEnd {
    fn suffix(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => "Succeeded",
            Self::Failed(_) => "Failed",
            Self::TimedOut(_) => "TimedOut",
            Self::ScheduleFailed(_) => "ScheduleFailed",
            Self::StartFailed(_) => "StartFailed",
            Self::SubmitFailed(_) => "SubmitFailed",
        }
    }
}

impl TaskLabel {
    /// The type of this task's event; a kind of task that lacks one has it as `…Failed`.
    fn event(&self, suffix: &str) -> &'static str {
        match (self, suffix) {
            (Self::Lambda, "Scheduled") => "LambdaFunctionScheduled",
            (Self::Lambda, "Started") => "LambdaFunctionStarted",
            (Self::Lambda, "Succeeded") => "LambdaFunctionSucceeded",
            (Self::Lambda, "TimedOut") => "LambdaFunctionTimedOut",
            (Self::Lambda, "ScheduleFailed") => "LambdaFunctionScheduleFailed",
            (Self::Lambda, "StartFailed") => "LambdaFunctionStartFailed",
            (Self::Lambda, _) => "LambdaFunctionFailed",
            (Self::Activity, "Scheduled") => "ActivityScheduled",
            (Self::Activity, "Started") => "ActivityStarted",
            (Self::Activity, "Succeeded") => "ActivitySucceeded",
            (Self::Activity, "TimedOut") => "ActivityTimedOut",
            (Self::Activity, "ScheduleFailed") => "ActivityScheduleFailed",
            (Self::Activity, _) => "ActivityFailed",
            (Self::Service { .. }, "Scheduled") => "TaskScheduled",
            (Self::Service { .. }, "Started") => "TaskStarted",
            (Self::Service { .. }, "Succeeded") => "TaskSucceeded",
            (Self::Service { .. }, "TimedOut") => "TaskTimedOut",
            (Self::Service { .. }, "StartFailed") => "TaskStartFailed",
            (Self::Service { .. }, "SubmitFailed") => "TaskSubmitFailed",
            (Self::Service { .. }, _) => "TaskFailed",
        }
    }
}
