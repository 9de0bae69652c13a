//! The seam to whoever writes down or passes on what executions do.

use std::fmt;
use std::sync::Arc;

use stepward_asl::Event;

use crate::{ExecutionDescription, MachineSnapshot};

/// Is told what executions do once it is durable. The shards call it: it must not wait. What it is told is told at
/// most once: a crash between the commit and the call loses it.
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// New events of an execution whose state machine keeps a log, in their order.
    fn recorded(&self, news: News);

    /// Whether changes of status are wanted.
    fn wants_changes(&self) -> bool {
        false
    }

    /// A Standard execution began, ended, or goes on after a redrive.
    fn changed(&self, _machine: &Arc<MachineSnapshot>, _execution: ExecutionDescription) {}
}

/// Events of one commit of one execution.
#[derive(Clone, Debug)]
pub struct News {
    pub machine: Arc<MachineSnapshot>,
    pub execution_arn: String,
    pub redrive_count: u32,
    pub events: Vec<Event>,
}
