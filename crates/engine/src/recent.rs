//! Executions that began or closed a moment ago: callers who wait for their end ask again and again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use stepward_types::Timestamp;

use crate::ExecutionDescription;
use crate::record::{not_redrivable, redrive_status};

const EXECUTIONS_MAX: usize = 4_096;
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The executions that began or closed last, as they are told. What is not here is in the store.
#[derive(Default)]
pub(crate) struct Recent {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_arn: HashMap<String, Arc<ExecutionDescription>>,
    /// Oldest first; one that was replaced or forgotten meanwhile is still counted.
    order: VecDeque<Arc<ExecutionDescription>>,
    bytes: usize,
}

impl Recent {
    /// Keeps what is told of an execution, once it is durable: that it runs, or how it ended.
    pub(crate) fn keep(&self, description: ExecutionDescription) {
        let description = Arc::new(description);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += bytes_of(&description);
        kept.order.push_back(Arc::clone(&description));
        kept.by_arn.insert(description.arn.clone(), description);
        while kept.order.len() > EXECUTIONS_MAX || kept.bytes > BYTES_MAX {
            let Some(oldest) = kept.order.pop_front() else { return };
            kept.bytes -= bytes_of(&oldest);
            if kept.by_arn.get(&oldest.arn).is_some_and(|known| Arc::ptr_eq(known, &oldest)) {
                kept.by_arn.remove(&oldest.arn);
            }
        }
    }

    /// Forgets an execution that is redriven.
    pub(crate) fn forget(&self, arn: &str) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).by_arn.remove(arn);
    }

    pub(crate) fn find(&self, arn: &str, now: Timestamp) -> Option<Arc<ExecutionDescription>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let description = Arc::clone(kept.by_arn.get(arn)?);
        drop(kept);
        let reason = not_redrivable(description.status, description.stopped, now);
        if reason == description.redrive_status_reason {
            return Some(description);
        }
        let mut later = description.as_ref().clone();
        (later.redrive_status, later.redrive_status_reason) = (redrive_status(reason), reason);
        Some(Arc::new(later))
    }
}

fn bytes_of(description: &ExecutionDescription) -> usize {
    description.input.len() + description.output.as_ref().map_or(0, |output| output.len())
}
