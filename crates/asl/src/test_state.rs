//! `TestState`: one state, tried out. Pure but for the task that a state without a mock really calls: the caller
//! carries that out between [`TestState::task`] and [`TestState::finish`].

mod configuration;
mod context;
mod flow;
mod inspection;
mod map;
mod mock;
mod prepare;
mod schema;

use std::sync::Arc;

use serde_json::Value;
use stepward_query::Payload;
use stepward_types::Timestamp;

use crate::command::TaskOutcome;
use crate::effect::TaskRequest;
use crate::machine::{Machine, StateId, TaskCheck};
use crate::run::{ExecutionInfo, Run, Seed};

pub use inspection::{ErrorDetails as InspectionErrorDetails, HttpExchange, HttpMessage, InspectionData};
pub use schema::{Member, MockSchema, Shape};

/// How much of what happened is told (AWS: InspectionLevel).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InspectionLevel {
    /// The output or the error.
    #[default]
    Info,
    /// And what each field evaluated to.
    Debug,
    /// And, of HTTP tasks, the request and the response.
    Trace,
}

/// How strictly a mocked result is compared with what the API answers (AWS: MockResponseValidationMode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidationMode {
    /// Required fields must be there, all fields must be right.
    #[default]
    Strict,
    /// Fields that are there must be right.
    Present,
    /// Nothing is checked.
    None,
}

/// What is used in place of a task's outcome (AWS: MockInput).
#[derive(Clone, Debug, Default)]
pub struct Mock {
    /// The result, as JSON text.
    pub result: Option<String>,
    /// Error name and cause.
    pub error_output: Option<(Option<String>, Option<String>)>,
    /// How strictly the result is checked.
    pub field_validation_mode: FieldValidationMode,
}

/// What the state has been through (AWS: TestStateConfiguration).
#[derive(Clone, Debug, Default)]
pub struct TestStateConfiguration {
    /// How often the retrier that matches was used.
    pub retrier_retry_count: Option<u32>,
    /// The state within a Map or a Parallel that caused the mocked error.
    pub error_caused_by_state: Option<String>,
    /// How many iterations of a Map failed.
    pub map_iteration_failure_count: Option<u32>,
    /// What the ItemReader of a Map read, as JSON text.
    pub map_item_reader_data: Option<String>,
}

/// The request, in the API's own terms.
#[derive(Clone, Debug, Default)]
pub struct TestStateInput {
    /// One state, or a whole machine if `state_name` is given.
    pub definition: String,
    /// Which state of the machine.
    pub state_name: Option<String>,
    /// The input, as JSON text; `{}` if not given.
    pub input: Option<String>,
    /// The execution role.
    pub role_arn: Option<String>,
    /// How much is told.
    pub inspection_level: InspectionLevel,
    /// Whether secrets of HTTP tasks are shown.
    pub reveal_secrets: bool,
    /// Variables, as the text of a JSON object.
    pub variables: Option<String>,
    /// The context object, as JSON text.
    pub context: Option<String>,
    /// In place of the task's outcome.
    pub mock: Option<Mock>,
    /// What the state has been through.
    pub configuration: TestStateConfiguration,
}

impl TestStateInput {
    /// How often the retrier that matches was used: as configured, else what the context object says.
    fn retries_used(&self) -> u32 {
        let of_context = || {
            let context: Value = serde_json::from_str(self.context.as_deref()?).ok()?;
            u32::try_from(context.pointer("/State/RetryCount")?.as_u64()?).ok()
        };
        self.configuration.retrier_retry_count.or_else(of_context).unwrap_or_default()
    }
}

/// A request that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TestStateError {
    /// `ValidationException` with this message.
    #[error("{0}")]
    Validation(String),
    /// `InvalidDefinition` with this message.
    #[error("{0}")]
    InvalidDefinition(String),
    /// `InvalidExecutionInput` with this message.
    #[error("{0}")]
    InvalidInput(String),
}

/// How the state ended (AWS: TestExecutionStatus).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStatus {
    /// With an output.
    Succeeded,
    /// With an error.
    Failed,
    /// With an error that a retrier handles.
    Retriable,
    /// With an error that a catcher handles.
    CaughtError,
}

impl TestStatus {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Retriable => "RETRIABLE",
            Self::CaughtError => "CAUGHT_ERROR",
        }
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub struct TestStateOutput {
    /// How the state ended.
    pub status: TestStatus,
    /// The output, unless it failed.
    pub output: Option<Payload>,
    /// The error.
    pub error: Option<String>,
    /// Its cause.
    pub cause: Option<String>,
    /// Where the machine would go.
    pub next_state: Option<Arc<str>>,
    /// What each field evaluated to, at the level asked for.
    pub inspection: Option<InspectionData>,
}

impl TestStateOutput {
    /// The API's object.
    pub fn to_api_json(&self) -> Value {
        let mut object = serde_json::Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                object.insert(name.to_owned(), value);
            }
        };
        put("output", self.output.as_ref().map(|output| Value::from(&**output.text())));
        put("error", self.error.as_deref().map(Value::from));
        put("cause", self.cause.as_deref().map(Value::from));
        put("inspectionData", self.inspection.as_ref().map(InspectionData::to_api_json));
        put("nextState", self.next_state.as_deref().map(Value::from));
        put("status", Some(Value::from(self.status.as_str())));
        Value::Object(object)
    }
}

/// A test whose request was found sound.
pub struct TestState {
    machine: Machine,
    run: Run,
    state: StateId,
    input: TestStateInput,
    variables: Option<Value>,
    context: Value,
    mocked: Option<TaskOutcome>,
    is_of_task: Option<bool>,
    now: Timestamp,
    seed: Seed,
}

impl TestState {
    /// Checks a request. `info` is what the context object shows of the execution that does not exist.
    pub fn prepare(
        input: TestStateInput,
        info: ExecutionInfo,
        now: Timestamp,
        seed: Seed,
        schema: &dyn MockSchema,
    ) -> Result<Self, TestStateError> {
        prepare::prepare(input, info, (now, seed), schema)
    }

    /// With what its task's arguments are checked for before the task is scheduled.
    #[must_use]
    pub fn with_task_check(self, check: TaskCheck) -> Self {
        Self { machine: self.machine.with_task_check(check), ..self }
    }

    /// The task that has to be carried out before [`TestState::finish`]; none for a state that has a mock or no task.
    /// A failure to make the request is told by `finish`.
    pub fn task(&mut self) -> Option<Arc<TaskRequest>> {
        flow::task(self)
    }

    /// Tries the state out, with the outcome of its task if it had one, and what an HTTP task sent and received.
    pub fn finish(
        mut self,
        outcome: Option<TaskOutcome>,
        exchange: Option<HttpExchange>,
    ) -> Result<TestStateOutput, TestStateError> {
        let outcome = self.mocked.take().or(outcome);
        flow::finish(&mut self, outcome, exchange)
    }
}
