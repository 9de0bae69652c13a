//! What a shard is told.

use std::sync::Arc;

use stepward_asl::{Command, TaskId, TaskOutcome};
use stepward_query::Payload;
use stepward_store::StoreError;
use stepward_types::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::commit::Written;
use super::live::Live;
use crate::error::Fault;
use crate::machines::CheckedMachine;
use crate::record::Record;
use crate::room::Place;
use crate::{ExecutionDescription, Started};

/// What is to be decided. Waits while too much is on its way to the disk.
pub(crate) enum Message {
    Start(Box<Start>),
    Ask(Ask),
}

/// What came of the shard's own doing. Never waits, so that a shard that is busy gets on: there are no more of them
/// than commits and loads on their way.
pub(crate) enum Notice {
    /// Brings an execution into memory: it is due, or was open when the server stopped.
    Wake(i64, OwnedSemaphorePermit),
    Loaded(i64, Loaded),
    /// A batch is on the disk, or could not be written.
    Written(Written),
    /// Ends the shard once all is durable that it has decided.
    Close(oneshot::Sender<()>),
}

pub(crate) enum Loaded {
    Run(Box<Live>),
    /// It was never there, or is there no more.
    Missing,
    Failed(Fault),
}

/// A new execution.
pub(crate) struct Start {
    pub(crate) id: i64,
    pub(crate) arn: String,
    pub(crate) machine: Arc<CheckedMachine>,
    pub(crate) record: Record,
    pub(crate) input: Payload,
    pub(crate) answer: oneshot::Sender<Result<Started, Refused>>,
    /// Who waits for the end of a synchronous Express execution.
    pub(crate) ended: Option<oneshot::Sender<ExecutionDescription>>,
    /// Its place among the Express executions, until it ends.
    pub(crate) open: Option<Place>,
    /// Its place in the queue, until it is decided.
    pub(crate) place: Option<Place>,
}

/// Why an execution was not started.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The ARN is in use.
    Exists,
    Store(StoreError),
}

/// Something that happened to an execution.
pub(crate) struct Ask {
    pub(crate) execution: i64,
    pub(crate) order: Order,
    /// Who waits until it is durable, and is told when it happened.
    pub(crate) answer: Option<Answer>,
    /// Its place in the queue, until it is decided.
    pub(crate) place: Option<Place>,
}

pub(crate) type Answer = oneshot::Sender<Result<Timestamp, Unanswered>>;

pub(crate) enum Order {
    Command(Command),
    /// A command that only the holder of the task's token may give.
    WithToken {
        task: TaskId,
        token: Arc<str>,
        command: Command,
    },
    /// Nobody performs the task any more: it waits for its token.
    Waits(TaskId),
    /// RedriveExecution, with its client token.
    Redrive(Option<String>),
}

/// Why an order had no effect.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The execution is closed.
    Closed,
    /// The token is not that of an open task.
    NoTask,
    /// The execution cannot be redriven, and why.
    NotRedrivable(&'static str),
    Fault(Fault),
}

impl Message {
    /// How much of it waits: the texts that a caller or a task can make large.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Start(start) => start.input.bytes(),
            Self::Ask(ask) => ask.order.bytes(),
        }
    }

    /// Whether an execution goes on that has decided for as long as it may at once.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(self, Self::Ask(Ask { order: Order::Command(Command::Continue), .. }))
    }

    /// Keeps its place until it is decided.
    pub(crate) fn hold(&mut self, place: Place) {
        match self {
            Self::Start(start) => start.place = Some(place),
            Self::Ask(ask) => ask.place = Some(place),
        }
    }
}

impl Order {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Command(command) | Self::WithToken { command, .. } => bytes_of(command),
            Self::Waits(_) | Self::Redrive(_) => 0,
        }
    }
}

fn bytes_of(command: &Command) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match command {
        Command::Start { input } => input.bytes(),
        Command::TaskSubmitted { output, .. }
        | Command::TaskEnded { outcome: TaskOutcome::Succeeded { output }, .. } => output.bytes(),
        Command::TaskEnded { outcome: TaskOutcome::Failed { error, cause }, .. } => {
            error.len() + length(cause)
        }
        Command::Stop { error, cause } => length(error) + length(cause),
        _ => 0,
    }
}

impl Ask {
    /// An order of our own, which nobody waits for.
    pub(crate) fn command(execution: i64, command: Command) -> Self {
        Self::of(execution, Order::Command(command))
    }

    pub(crate) fn of(execution: i64, order: Order) -> Self {
        Self { execution, order, answer: None, place: None }
    }

    /// Tells whoever waits that nothing was done.
    pub(crate) fn refuse(self, why: Unanswered) {
        if let Some(answer) = self.answer {
            // A caller that no longer waits has nothing to be told.
            let _ = answer.send(Err(why));
        }
    }
}
