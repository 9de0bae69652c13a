//! Performs tasks for real: the execution role is assumed for every task, and every call is made with its rights.
//!
//! A denial is an outcome like any failure of a task, with the error and the cause that AWS gives for it.

mod api;
mod lambda;
mod nested;
mod refusal;

use std::sync::{Arc, Weak};

use stepward_access::{Access, AssumeError, Cause, ServiceCall, Session, letters};
use stepward_asl::{Pattern, TaskOutcome, TaskRequest, TaskResource};
use stepward_integrations::{Calls, FunctionRegistry, TaskFailure};
pub use stepward_integrations::{Hosted, HostedError};
use stepward_query::Payload;
use stepward_types::Timestamp;
use tokio::sync::watch;

use crate::clock::uuid;
use crate::{Clock, Engine, Performed, Performer, Performing, Progress, TaskCall};

/// AWS: the service that assumes execution roles.
const SERVICE: &str = "states.amazonaws.com";
/// AWS: session names of Step Functions are 32 letters.
const SESSION_LETTERS: usize = 32;

/// Performs tasks under the execution role.
pub struct UnderRole {
    inner: Arc<Inner>,
}

struct Inner {
    access: Arc<Access>,
    functions: Arc<FunctionRegistry>,
    calls: Arc<Calls>,
    clock: Arc<dyn Clock>,
    connected: watch::Sender<Option<Connected>>,
}

/// What is made after the performer and uses it.
#[derive(Clone)]
struct Connected {
    hosted: Weak<dyn Hosted>,
    engine: Weak<Engine>,
}

/// How a task ended, when it did not succeed or wait.
type Failed = TaskOutcome;

impl UnderRole {
    pub fn new(functions: Arc<FunctionRegistry>, calls: Arc<Calls>, clock: Arc<dyn Clock>) -> Self {
        let connected = watch::Sender::new(None);
        let access = Arc::clone(calls.access());
        Self { inner: Arc::new(Inner { access, functions, calls, clock, connected }) }
    }

    /// Tells it of the services hosted here and the engine, which are made after it. Tasks that need them wait for
    /// that.
    pub fn connect(&self, hosted: Weak<dyn Hosted>, engine: Weak<Engine>) {
        let stopping = Weak::clone(&engine);
        let is_closing = move || stopping.upgrade().is_none_or(|engine| engine.is_closing());
        self.inner.calls.connect(Weak::clone(&hosted), Box::new(is_closing));
        self.inner.connected.send_replace(Some(Connected { hosted, engine }));
    }
}

impl Performer for UnderRole {
    fn perform(&self, call: TaskCall, progress: Progress) -> Performing {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move { inner.perform(call, progress).await.unwrap_or_else(Performed::Ended) })
    }
}

impl Inner {
    async fn perform(self: &Arc<Self>, call: TaskCall, progress: Progress) -> Result<Performed, Failed> {
        let session = self.session(&call)?;
        let request = Arc::clone(&call.request);
        let output = match &request.resource {
            TaskResource::LambdaFunction(arn) => return self.direct(&call, &session, arn).await,
            TaskResource::Optimized { service, action, .. }
                if (&**service, &**action) == ("lambda", "invoke") =>
            {
                self.invoke(&call, &session).await?
            }
            TaskResource::Optimized { service, action, .. }
                if (&**service, &**action) == ("states", "startExecution") =>
            {
                return self.start_execution(&call, &session, &progress).await;
            }
            TaskResource::Optimized { service, action, .. } => {
                self.optimized(&call, session, (service, action), &progress).await?
            }
            TaskResource::AwsSdk { service, action, .. } => {
                self.sdk(&call, session, (service, action), &progress).await?
            }
            other @ TaskResource::Activity(_) => return Err(refusal::unsupported(other)),
        };
        Ok(submitted_or_succeeded(&request, output, &progress))
    }

    /// A session of the role that the task is performed under.
    fn session(&self, call: &TaskCall) -> Result<Session, Failed> {
        let (execution, now) = (&call.execution, self.clock.now());
        let service = ServiceCall {
            service: SERVICE,
            source_arn: &execution.state_machine_arn,
            source_account: account(&execution.state_machine_arn),
            region: &execution.region,
            session_name: None,
            now,
        };
        let role = &execution.role_arn;
        let cause = Cause {
            execution_arn: execution.execution_arn.to_string(),
            state_name: call.request.state_name.to_string(),
        };
        let session = self
            .access
            .assume_for_task(role, &service, cause.clone())
            .map_err(|error| refusal::not_assumed(role, &error))?;
        match &call.request.credentials_role_arn {
            None => Ok(session),
            Some(target) => self
                .chained(&session, target, &execution.state_machine_arn, now)
                .map(|session| session.of_task(cause))
                .map_err(|error| refusal::not_chained(role, target, &error)),
        }
    }

    /// AWS: the external id is the ARN of the state machine.
    fn chained(
        &self,
        session: &Session,
        role: &str,
        machine: &str,
        now: Timestamp,
    ) -> Result<Session, AssumeError> {
        self.access.assume_chained(session, role, Some(machine), &letters(SESSION_LETTERS), now)
    }

    /// What the performer was connected with. A recovered task may come before that.
    async fn connected(&self) -> Option<Connected> {
        let mut connected = self.connected.subscribe();
        connected.wait_for(Option::is_some).await.ok().and_then(|connected| connected.clone())
    }

    fn request_id(&self) -> String {
        uuid(self.clock.as_ref())
    }
}

/// A task whose answer is its result is over; one that waits for its token has told what was answered.
fn submitted_or_succeeded(request: &TaskRequest, output: Payload, progress: &Progress) -> Performed {
    if request.resource.pattern() == Pattern::WaitForTaskToken {
        progress.submitted(output);
        return Performed::Waiting;
    }
    Performed::Ended(TaskOutcome::Succeeded { output })
}

fn failed(failure: TaskFailure) -> Failed {
    TaskOutcome::Failed { error: failure.error, cause: Some(failure.cause) }
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}
