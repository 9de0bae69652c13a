//! Who waits for an execution to close.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

/// Waiting for executions by ARN.
#[derive(Default)]
pub(crate) struct Watchers {
    by_arn: Mutex<HashMap<String, Vec<oneshot::Sender<()>>>>,
}

impl Watchers {
    /// Waits for the next close. Look at the execution after this call: it may be closed already.
    pub(crate) fn watch(&self, arn: &str) -> oneshot::Receiver<()> {
        let (closed, told) = oneshot::channel();
        let mut by_arn = self.by_arn.lock().unwrap_or_else(PoisonError::into_inner);
        let watching = by_arn.entry(arn.to_owned()).or_default();
        watching.retain(|watcher| !watcher.is_closed());
        watching.push(closed);
        told
    }

    /// Tells all who wait.
    pub(crate) fn closed(&self, arn: &str) {
        let mut by_arn = self.by_arn.lock().unwrap_or_else(PoisonError::into_inner);
        if by_arn.is_empty() {
            return;
        }
        for watcher in by_arn.remove(arn).unwrap_or_default() {
            // One that no longer waits has nothing to be told.
            let _ = watcher.send(());
        }
    }
}
