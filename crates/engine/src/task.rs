//! The seam to whoever performs tasks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use stepward_asl::{ExecutionInfo, TaskOutcome, TaskRequest};
use stepward_integrations::HttpTrace;
use stepward_query::Payload;
use tokio::sync::mpsc;

/// One task of one execution.
#[derive(Clone, Debug)]
pub struct TaskCall {
    /// The execution that the task belongs to, with its role and its state machine.
    pub execution: ExecutionInfo,
    /// What is to be done.
    pub request: Arc<TaskRequest>,
    /// What the task's job was submitted with before a restart: then it is waited for, and not submitted again.
    pub submission: Option<Payload>,
    /// Takes what an HTTP Task sends and receives, when somebody tries the state out.
    pub trace: Option<Arc<HttpTrace>>,
}

/// What performing a task came to.
#[derive(Clone, Debug)]
pub enum Performed {
    /// The task is over.
    Ended(TaskOutcome),
    /// The task ends when somebody sends its token.
    Waiting,
}

/// Takes what is known of a job before it ends.
#[derive(Clone, Debug)]
pub struct Progress {
    pub(crate) submitted: mpsc::UnboundedSender<Payload>,
}

impl Progress {
    /// The job was submitted, or the message with the token was sent; `output` is the answer.
    pub fn submitted(&self, output: Payload) {
        // Nobody listens any more when the task was cancelled meanwhile.
        let _ = self.submitted.send(output);
    }
}

/// A task on its way; dropping it cancels what can be cancelled.
pub type Performing = Pin<Box<dyn Future<Output = Performed> + Send>>;

/// Performs tasks: for real by `integrations` under the execution role, in tests by a script.
pub trait Performer: Send + Sync + 'static {
    /// Performs a task. After a crash a task without a recorded outcome is performed again, with the same token.
    fn perform(&self, call: TaskCall, progress: Progress) -> Performing;
}
