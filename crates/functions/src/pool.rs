//! Warm workers, by function and revision.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::invocation::FunctionSpec;
use crate::worker::{Worker, now_ms};

/// How long before its credentials end a worker is no longer used.
const MARGIN_MS: i64 = 60_000;
/// How many idle workers a function keeps.
const IDLE_MAX: usize = 64;

/// Workers that wait for work.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<HashMap<String, Idle>>,
}

struct Idle {
    revision: String,
    workers: Vec<Worker>,
}

impl Pool {
    /// The worker that was used last: its memory is warmest.
    pub(crate) fn take(&self, spec: &FunctionSpec) -> Option<Worker> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = idle.get_mut(&key(spec))?;
        if entry.revision != spec.revision {
            entry.workers.clear();
        }
        loop {
            let worker = entry.workers.pop()?;
            if worker.expires_ms
                > now_ms().saturating_add(MARGIN_MS + i64::from(spec.timeout_seconds) * 1_000)
            {
                return Some(worker);
            }
        }
    }

    /// Keeps a worker for the next invocation of the same revision.
    pub(crate) fn put(&self, spec: &FunctionSpec, worker: Worker) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = idle
            .entry(key(spec))
            .or_insert_with(|| Idle { revision: spec.revision.clone(), workers: Vec::new() });
        if entry.revision != spec.revision {
            entry.workers.clear();
            entry.revision.clone_from(&spec.revision);
        }
        if entry.workers.len() < IDLE_MAX {
            entry.workers.push(worker);
        }
    }

    /// Ends the idle workers of a function, whatever their version.
    pub(crate) fn forget(&self, arn_prefix: &str) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|key, _| !key.starts_with(arn_prefix));
    }
}

fn key(spec: &FunctionSpec) -> String {
    format!("{}:{}", spec.arn, spec.version)
}
