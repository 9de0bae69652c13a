//! Executions that closed a moment ago: callers who wait for their end ask again and again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use stepward_types::Timestamp;

use crate::ExecutionDescription;
use crate::record::not_redrivable;

const EXECUTIONS_MAX: usize = 4_096;
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The executions that closed last, by ARN. What is not here is in the store.
#[derive(Default)]
pub(crate) struct Recent {
    closed: Mutex<Closed>,
}

#[derive(Default)]
struct Closed {
    by_arn: HashMap<String, ExecutionDescription>,
    /// Oldest first, with the bytes that each is counted with.
    order: VecDeque<(String, usize)>,
    bytes: usize,
}

impl Recent {
    /// Keeps a closed execution whose end is durable.
    pub(crate) fn keep(&self, description: ExecutionDescription) {
        let bytes = description.input.len() + description.output.as_ref().map_or(0, |output| output.len());
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.bytes += bytes;
        closed.order.push_back((description.arn.clone(), bytes));
        closed.by_arn.insert(description.arn.clone(), description);
        while closed.order.len() > EXECUTIONS_MAX || closed.bytes > BYTES_MAX {
            let Some((arn, bytes)) = closed.order.pop_front() else { return };
            closed.bytes -= bytes;
            closed.by_arn.remove(&arn);
        }
    }

    /// Forgets an execution that is redriven.
    pub(crate) fn forget(&self, arn: &str) {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).by_arn.remove(arn);
    }

    pub(crate) fn find(&self, arn: &str, now: Timestamp) -> Option<ExecutionDescription> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut description = closed.by_arn.get(arn)?.clone();
        drop(closed);
        description.redrive_status_reason = not_redrivable(description.status, description.stopped, now);
        description.redrive_status = crate::record::redrive_status(description.redrive_status_reason);
        Some(description)
    }
}
