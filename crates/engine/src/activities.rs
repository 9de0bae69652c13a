//! Tasks of activities that wait for a worker.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use stepward_asl::TaskId;
use stepward_query::Payload;
use tokio::sync::Notify;

/// AWS: workers that poll one activity at the same time.
pub(crate) const POLLERS_MAX: usize = 1_000;

/// A task that no worker has yet.
#[derive(Clone, Debug)]
pub(crate) struct Queued {
    pub(crate) execution: i64,
    pub(crate) task: TaskId,
    pub(crate) token: Arc<str>,
    pub(crate) input: Payload,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Queued>,
    pollers: usize,
    added: Arc<Notify>,
}

/// The queues of all activities, by ARN.
#[derive(Default)]
pub(crate) struct Activities {
    queues: Mutex<HashMap<String, Queue>>,
}

/// A worker that polls; counted until it is dropped.
pub(crate) struct Poller<'a> {
    activities: &'a Activities,
    activity: &'a str,
    added: Arc<Notify>,
}

impl Activities {
    pub(crate) fn add(&self, activity: &str, task: Queued) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(activity.to_owned()).or_default();
        queue.tasks.push_back(task);
        queue.added.notify_one();
    }

    /// How many tasks wait for a worker.
    pub(crate) fn queued(&self) -> usize {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.values().map(|queue| queue.tasks.len()).sum()
    }

    /// Counts a worker in, unless there are as many as there may be.
    pub(crate) fn poll<'a>(&'a self, activity: &'a str) -> Option<Poller<'a>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(activity.to_owned()).or_default();
        if queue.pollers >= POLLERS_MAX {
            return None;
        }
        queue.pollers += 1;
        Some(Poller { activities: self, activity, added: Arc::clone(&queue.added) })
    }
}

impl Poller<'_> {
    /// The next task, as soon as there is one.
    pub(crate) async fn next(&self) -> Queued {
        loop {
            let added = self.added.notified();
            if let Some(task) = self.take() {
                return task;
            }
            added.await;
        }
    }

    fn take(&self) -> Option<Queued> {
        let mut queues = self.activities.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.get_mut(self.activity)?.tasks.pop_front()
    }
}

impl Drop for Poller<'_> {
    fn drop(&mut self) {
        let mut queues = self.activities.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = queues.get_mut(self.activity) else { return };
        queue.pollers = queue.pollers.saturating_sub(1);
        if queue.tasks.is_empty() && queue.pollers == 0 {
            queues.remove(self.activity);
        } else if !queue.tasks.is_empty() {
            // The wake-up may have gone to this one, which did not take the task.
            queue.added.notify_one();
        }
    }
}
