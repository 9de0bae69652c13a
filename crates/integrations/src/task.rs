//! A task on its way: what it calls, for whom, and how it calls.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use stepward_access::Session;
use stepward_models::{Operation, Service};
use stepward_types::Timestamp;
use stepward_wire::client::{NameStyle, from_arguments};

use crate::calls::{Answer, ApiCall, CallError, Calls, operation};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::ids::uuid_of;
use crate::optimized::HttpTrace;
use crate::submission::GivenUp;

/// How a task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// With the answer of its call.
    RequestResponse,
    /// When its job is over: `.sync`, and `.sync:2` where the flag is set.
    RunJob { has_json: bool },
    /// When somebody sends its token.
    WaitForToken,
}

/// One task of one execution, whose session is that of the execution role or of the state's `Credentials`.
pub struct Task {
    /// What it calls, without service and pattern: `sendMessage`.
    pub action: String,
    /// What the history calls its kind: `sqs`, `aws-sdk:s3`.
    pub resource_type: String,
    pub mode: Mode,
    pub arguments: Value,
    pub execution_arn: String,
    pub state_machine_arn: String,
    pub region: String,
    /// The token of a task that waits for one.
    pub token: Option<String>,
    /// The event that scheduled it: with the execution, what makes its calls safe to repeat.
    pub id: u64,
    /// What its job was submitted with before the server restarted.
    pub submission: Option<Value>,
    pub session: Session,
    pub calls: Arc<Calls>,
    /// How long the state lets the task take, where it says so.
    pub timeout: Option<Duration>,
    /// Takes what an HTTP Task sends and receives, when somebody tries the state out.
    pub trace: Option<Arc<HttpTrace>>,
    /// Tells the execution that the job was submitted.
    pub submitted: Box<dyn Fn(Value) + Send + Sync>,
}

impl Task {
    /// The account that the calls are made in.
    pub fn account(&self) -> &str {
        self.session.account()
    }

    /// The account that owns what backends hold.
    pub(crate) fn resource_account(&self) -> String {
        self.calls.backends().account().unwrap_or(self.account()).to_owned()
    }

    /// Calls an operation, named as in the models, as the task's role.
    pub async fn call(&self, service: &str, name: &str, input: Value) -> Result<Answer, CallError> {
        self.call_with_token(service, name, input, &self.client_token(name)).await
    }

    /// Asks what the server itself has to know for a task, and for which nobody gives a right.
    pub(crate) async fn ask(&self, service: &str, name: &str, input: Value) -> Result<Answer, CallError> {
        let Some((service, operation)) = operation(service, name) else {
            return Err(CallError::Client(format!("{service} has no operation {name}")));
        };
        let (account, region) = (self.resource_account(), self.region.clone());
        self.calls.deliver(&self.session, ApiCall { service, operation, input, account, region }).await
    }

    /// Calls an operation that answers with a stream, and gives its bytes.
    pub(crate) async fn call_for_stream(
        &self,
        service: &'static Service,
        operation: &'static Operation,
        input: Value,
        longest: Duration,
    ) -> Result<Vec<u8>, CallError> {
        let (account, region) = (self.resource_account(), self.region.clone());
        let call = ApiCall { service, operation, input, account, region };
        let patience = self.timeout.map_or(longest, |timeout| timeout.min(longest));
        self.calls.call_for_stream(&self.session, (call, patience), now()).await
    }

    pub(crate) async fn call_with_token(
        &self,
        service: &str,
        name: &str,
        input: Value,
        token: &str,
    ) -> Result<Answer, CallError> {
        let Some((service, operation)) = operation(service, name) else {
            return Err(CallError::Client(format!("{service} has no operation {name}")));
        };
        let call = ApiCall {
            service,
            operation,
            input,
            account: self.resource_account(),
            region: self.region.clone(),
        };
        self.calls.call_within(&self.session, (call, self.patience()), token, now()).await
    }

    /// A call that is all of the task may take as long as the task. Of a job there are many calls.
    fn patience(&self) -> Option<Duration> {
        self.timeout.filter(|_| !matches!(self.mode, Mode::RunJob { .. }))
    }

    /// Calls an operation with arguments as a state machine has them.
    pub async fn request(
        &self,
        (service, name): (&str, &str),
        arguments: &Value,
        (names, errors): (NameStyle, ErrorStyle),
    ) -> Result<Answer, TaskFailure> {
        let Some((model, operation)) = operation(service, name) else {
            return Err(TaskFailure::new("States.Runtime", format!("{service} has no operation {name}")));
        };
        let input = from_arguments(model, operation.input, arguments, names)
            .map_err(|error| not_used(arguments, &error.to_string()))?;
        let answer = self.call(service, name, input).await;
        answer.map_err(|error| errors.failure(model, &error, &self.resource_type))
    }

    /// Calls an operation when what it gives is dropped before `Cancellation::over`: a job that nobody waits for any
    /// more.
    pub fn cancels(
        &self,
        (service, name): (&'static str, &'static str),
        input: Value,
        given_up: GivenUp,
    ) -> Cancellation {
        let (calls, session) = (Arc::clone(&self.calls), self.session.clone());
        let (account, region) = (self.resource_account(), self.region.clone());
        let made = operation(service, name).map(|(service, operation)| ApiCall {
            service,
            operation,
            input,
            account,
            region,
        });
        Cancellation { calls, session, call: made, given_up }
    }

    /// A token that is the same whenever this task makes this call.
    pub fn client_token(&self, name: &str) -> String {
        uuid_of(&format!("{} {} {name}", self.execution_arn, self.id))
    }
}

/// The call that stops a job. AWS: it is made as far as the role may, and nobody waits for it.
pub struct Cancellation {
    calls: Arc<Calls>,
    session: Session,
    call: Option<ApiCall>,
    given_up: GivenUp,
}

impl Cancellation {
    /// The job is over: there is nothing to stop.
    pub fn over(mut self) {
        self.call = None;
    }
}

impl Drop for Cancellation {
    fn drop(&mut self) {
        // A server that stops cancels nothing: it waits for the job again when it is back.
        let is_wanted = self.given_up.is_true() || !self.calls.is_closing();
        let Some(call) = self.call.take().filter(|_| is_wanted) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (calls, session) = (Arc::clone(&self.calls), self.session.clone());
        let unfinished = calls.unfinished().begin();
        runtime.spawn(async move {
            let name = call.operation.name.clone();
            if let Err(error) = calls.call(&session, call, &crate::ids::uuid(), now()).await {
                tracing::warn!(operation = name, ?error, "a job could not be stopped");
            }
            drop(unfinished);
        });
    }
}

/// AWS: arguments that the service has no members for.
pub(crate) fn not_used(arguments: &Value, why: &str) -> TaskFailure {
    TaskFailure::new(
        "States.Runtime",
        format!("The Parameters '{arguments}' could not be used to start the Task: [{why}]"),
    )
}

pub(crate) fn now() -> Timestamp {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(elapsed.as_millis()).unwrap_or_default())
}
