//! Tasks that a server carries out, side by side.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::{Result, bail};
use stepward_asl::{TaskOutcome, TaskRequest};

use super::server::Server;

/// The most tasks at a time; AWS runs about as many iterations of an inline Map.
const TASKS_MAX: usize = 40;

/// A task that is over.
pub(super) struct Ended {
    pub(super) request: Arc<TaskRequest>,
    pub(super) outcome: Result<TaskOutcome>,
}

/// A task that is to be carried out.
struct Wanted {
    server: Arc<Server>,
    request: Arc<TaskRequest>,
    /// The state's `Resource`.
    resource: String,
}

/// The tasks that are carried out, and those that wait for their turn.
pub(super) struct Tasks {
    open: usize,
    waiting: VecDeque<Wanted>,
    told: (Sender<Ended>, Receiver<Ended>),
}

impl Default for Tasks {
    fn default() -> Self {
        Self { open: 0, waiting: VecDeque::new(), told: channel() }
    }
}

impl Tasks {
    pub(super) fn are_open(&self) -> bool {
        self.open > 0
    }

    pub(super) fn start(&mut self, server: Arc<Server>, request: Arc<TaskRequest>, resource: String) {
        self.waiting.push_back(Wanted { server, request, resource });
        self.fill_up();
    }

    fn fill_up(&mut self) {
        while self.open < TASKS_MAX {
            let Some(Wanted { server, request, resource }) = self.waiting.pop_front() else { return };
            let sender = self.told.0.clone();
            self.open += 1;
            std::thread::spawn(move || {
                let outcome = server.perform(&request, &resource);
                // Nobody listens any more once the execution is over.
                let _ = sender.send(Ended { request, outcome });
            });
        }
    }

    /// The next task that ends; nothing if none does in the given time.
    pub(super) fn next(&mut self, patience: Option<Duration>) -> Result<Option<Ended>> {
        let ended = match patience {
            Some(patience) => match self.told.1.recv_timeout(patience) {
                Ok(ended) => ended,
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => bail!("a task was lost"),
            },
            None => self.told.1.recv()?,
        };
        self.open = self.open.saturating_sub(1);
        self.fill_up();
        Ok(Some(ended))
    }
}
