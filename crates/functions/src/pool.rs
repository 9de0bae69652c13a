//! Warm workers, by function and revision: who gets one, who waits for one, and when one more is started.
//!
//! AWS starts an environment for each invocation that finds none idle. Here all of them share a machine: where its
//! processors have enough to do, an invocation first waits a moment for a worker, if one is likely to come free.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::invocation::FunctionSpec;
use crate::worker::{Worker, now_ms};

/// How long before its credentials end a worker is no longer used.
const MARGIN_MS: i64 = 60_000;
/// How many idle workers a function keeps.
const IDLE_MAX: usize = 64;
/// How long an invocation waits for a worker before it is asked again whether one more should start: about as long as
/// starting one takes.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);
/// As long as others of the function get their turns, one waits up to this.
const PATIENCE_IN_TURN: Duration = Duration::from_secs(1);
/// As long as as many as may run side by side are starting, one more start would only delay them; but AWS gives a start
/// no longer than this.
const PATIENCE_IN_STARTS: Duration = Duration::from_secs(10);

/// The workers of every function.
pub(crate) struct Pool {
    functions: Mutex<HashMap<String, Pooled>>,
    /// How many workers of a function run before an invocation waits for one of them.
    side_by_side: usize,
}

struct Pooled {
    /// None when the function changed or went: its workers are not used again.
    revision: Option<String>,
    idle: Vec<Worker>,
    /// Invocations that have a worker, or start one.
    busy: usize,
    /// Those of them whose worker has not yet taken them.
    starting: usize,
    waiting: VecDeque<oneshot::Sender<Lease>>,
    /// How many invocations are over: whoever waits sees whether its queue moves.
    ended: u64,
    /// How long a short invocation takes, once it is known: the time that others take of the processors is none of it.
    usual_ms: Option<f64>,
}

/// What an invocation finds.
pub(crate) enum Place {
    /// Its own, with a worker in it or without.
    Own(Box<Lease>),
    /// Somebody else's, soon.
    Wait(Wait),
}

/// An invocation that waits for somebody else's worker.
pub(crate) struct Wait {
    pub(crate) told: oneshot::Receiver<Lease>,
    since: Instant,
    /// How many were over when it looked last.
    seen: u64,
}

/// A worker that is being started; dropped when it takes its first invocation, or never will.
pub(crate) struct Starting {
    pool: Arc<Pool>,
    key: String,
}

/// An invocation's place among those that run side by side; given back when it is dropped.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    key: String,
    revision: String,
    /// Idle as long as it is in here: an invocation takes it out.
    pub(crate) worker: Option<Worker>,
    /// Where it has to start one.
    pub(crate) starting: Option<Starting>,
    is_over: bool,
}

impl Pool {
    pub(crate) fn new() -> Arc<Self> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self { functions: Mutex::default(), side_by_side: processors * 2 })
    }

    /// The worker that was used last, as its memory is warmest; else a wait where that promises more than a start.
    pub(crate) fn take(self: &Arc<Self>, spec: &FunctionSpec) -> Place {
        let key = key(spec);
        let mut functions = self.lock();
        let pooled = functions.entry(key.clone()).or_insert_with(|| Pooled::new(&spec.revision));
        pooled.become_revision(&spec.revision);
        let are_enough_starting = pooled.starting >= self.side_by_side;
        if pooled.idle.is_empty() && (are_enough_starting || pooled.is_worth_waiting(self.side_by_side)) {
            let (waiting, told) = oneshot::channel();
            pooled.waiting.push_back(waiting);
            return Place::Wait(Wait { told, since: Instant::now(), seen: pooled.ended });
        }
        let worker = pooled.fresh(spec);
        let lease = match worker {
            Some(worker) => {
                pooled.busy += 1;
                self.lease(key, &spec.revision, Some(worker))
            }
            None => self.start_in(pooled, key, &spec.revision),
        };
        Place::Own(Box::new(lease))
    }

    /// A place without a worker, for who is told that none comes.
    pub(crate) fn start(self: &Arc<Self>, spec: &FunctionSpec) -> Lease {
        let key = key(spec);
        let mut functions = self.lock();
        let pooled = functions.entry(key.clone()).or_insert_with(|| Pooled::new(&spec.revision));
        self.start_in(pooled, key, &spec.revision)
    }

    /// A place without a worker, for who has waited in vain and long enough; none while waiting promises more.
    pub(crate) fn give_up(self: &Arc<Self>, spec: &FunctionSpec, wait: &mut Wait) -> Option<Lease> {
        let key = key(spec);
        let mut functions = self.lock();
        let pooled = functions.entry(key.clone()).or_insert_with(|| Pooled::new(&spec.revision));
        let waited = wait.since.elapsed();
        let is_moving = std::mem::replace(&mut wait.seen, pooled.ended) != pooled.ended;
        let waits_in_turn = is_moving && waited < PATIENCE_IN_TURN;
        let waits_for_starts = pooled.starting >= self.side_by_side && waited < PATIENCE_IN_STARTS;
        if waits_in_turn || waits_for_starts {
            return None;
        }
        Some(self.start_in(pooled, key, &spec.revision))
    }

    fn start_in(self: &Arc<Self>, pooled: &mut Pooled, key: String, revision: &str) -> Lease {
        pooled.busy += 1;
        pooled.starting += 1;
        let starting = Starting { pool: Arc::clone(self), key: key.clone() };
        let mut lease = self.lease(key, revision, None);
        lease.starting = Some(starting);
        lease
    }

    /// Ends the idle workers of a function, whatever their version; those at work end when they are done.
    pub(crate) fn forget(&self, arn_prefix: &str) {
        let mut functions = self.lock();
        functions.retain(|key, pooled| {
            if key.starts_with(arn_prefix) {
                pooled.revision = None;
                pooled.idle.clear();
                pooled.waiting.clear();
            }
            !pooled.is_unused()
        });
    }

    fn lease(self: &Arc<Self>, key: String, revision: &str, worker: Option<Worker>) -> Lease {
        let (pool, revision) = (Arc::clone(self), revision.to_owned());
        Lease { pool, key, revision, worker, starting: None, is_over: false }
    }

    /// Takes a place back: its worker goes to who waits for one.
    fn release(self: &Arc<Self>, key: &str, revision: &str, worker: Option<Worker>, took: Option<Duration>) {
        let mut functions = self.lock();
        let Some(pooled) = functions.get_mut(key) else { return };
        pooled.busy = pooled.busy.saturating_sub(1);
        pooled.ended += 1;
        if let Some(took) = took {
            pooled.learn(took.as_secs_f64() * 1_000.0);
        }
        let mut worker = worker.filter(|_| pooled.revision.as_deref() == Some(revision));
        while let Some(waiting) = pooled.waiting.pop_front() {
            // Without a worker to give, the next one is told to start its own.
            let Some(given) = worker.take() else { break };
            match waiting.send(self.lease(key.to_owned(), revision, Some(given))) {
                Ok(()) => {
                    pooled.busy += 1;
                    return;
                }
                // It no longer waits.
                Err(mut lease) => {
                    lease.is_over = true;
                    worker = lease.worker.take();
                }
            }
        }
        pooled.idle.extend(worker.filter(|_| pooled.idle.len() < IDLE_MAX));
        if pooled.is_unused() {
            functions.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Pooled>> {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pooled {
    fn new(revision: &str) -> Self {
        Self {
            revision: Some(revision.to_owned()),
            idle: Vec::new(),
            busy: 0,
            starting: 0,
            waiting: VecDeque::new(),
            ended: 0,
            usual_ms: None,
        }
    }

    fn become_revision(&mut self, revision: &str) {
        if self.revision.as_deref() != Some(revision) {
            *self = Self { busy: self.busy, starting: self.starting, ..Self::new(revision) };
        }
    }

    /// An idle worker whose credentials last for an invocation.
    fn fresh(&mut self, spec: &FunctionSpec) -> Option<Worker> {
        let needed = now_ms().saturating_add(MARGIN_MS + i64::from(spec.timeout_seconds) * 1_000);
        while let Some(worker) = self.idle.pop() {
            if worker.expires_ms > needed {
                return Some(worker);
            }
        }
        None
    }

    /// Falls fast and rises slowly: the shortest few of a hundred count, which had a processor when they needed one.
    fn learn(&mut self, millis: f64) {
        self.usual_ms = Some(match self.usual_ms {
            None => millis,
            Some(usual) if millis < usual => f64::midpoint(usual, millis),
            Some(usual) => usual + (millis - usual).min(usual) * 0.01,
        });
    }

    /// Whether the processors have enough to do, and a worker is likely to come free before one has started.
    fn is_worth_waiting(&mut self, side_by_side: usize) -> bool {
        if self.busy < side_by_side {
            return false;
        }
        self.waiting.retain(|waiting| !waiting.is_closed());
        let turns = (self.waiting.len() + 1).div_ceil(self.busy);
        let usual = Duration::try_from_secs_f64(self.usual_ms.unwrap_or_default() / 1_000.0);
        usual.unwrap_or(Duration::MAX).saturating_mul(u32::try_from(turns).unwrap_or(u32::MAX)) <= PATIENCE
    }

    fn is_unused(&self) -> bool {
        self.busy == 0 && self.idle.is_empty() && self.waiting.is_empty()
    }
}

impl Lease {
    /// The invocation is over; its worker, if it can be used again, and how long the invocation took when it was warm.
    pub(crate) fn finish(mut self, worker: Option<Worker>, took: Option<Duration>) {
        self.is_over = true;
        self.pool.release(&self.key, &self.revision, worker, took);
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(pooled) = self.pool.lock().get_mut(&self.key) {
            pooled.starting = pooled.starting.saturating_sub(1);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_over {
            self.pool.release(&self.key, &self.revision, self.worker.take(), None);
        }
    }
}

fn key(spec: &FunctionSpec) -> String {
    format!("{}:{}", spec.arn, spec.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Runtime;

    fn spec(revision: &str) -> FunctionSpec {
        FunctionSpec {
            arn: "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
            name: "f".to_owned(),
            version: "$LATEST".to_owned(),
            runtime: Runtime::parse("python3.12").unwrap(),
            handler: "index.handler".to_owned(),
            timeout_seconds: 3,
            memory_mib: 128,
            environment: std::collections::BTreeMap::new(),
            code: std::path::PathBuf::new(),
            revision: revision.to_owned(),
        }
    }

    fn pool() -> Arc<Pool> {
        Arc::new(Pool { functions: Mutex::default(), side_by_side: 2 })
    }

    fn own(pool: &Arc<Pool>) -> Lease {
        match pool.take(&spec("1")) {
            Place::Own(lease) => *lease,
            Place::Wait(_) => panic!("it should not wait"),
        }
    }

    fn waiting(pool: &Arc<Pool>) -> Wait {
        match pool.take(&spec("1")) {
            Place::Own(_) => panic!("it should wait"),
            Place::Wait(wait) => wait,
        }
    }

    fn wait(pool: &Arc<Pool>) -> oneshot::Receiver<Lease> {
        waiting(pool).told
    }

    #[test]
    fn short_invocations_wait_where_enough_run_and_long_ones_do_not() {
        let pool = pool();
        let (one, mut two) = (own(&pool), own(&pool));
        let mut told = wait(&pool);
        two.starting = None;
        one.finish(None, Some(Duration::from_secs(60)));
        // Its worker cannot be used again: who waits starts its own.
        assert!(matches!(told.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        let started = pool.start(&spec("1"));
        let third = own(&pool);
        drop((two, started, third));
        assert!(pool.lock().is_empty());
    }

    #[test]
    fn who_waits_starts_a_worker_only_where_nothing_moves_and_starts_have_room() {
        let pool = pool();
        let (mut one, mut two) = (own(&pool), own(&pool));
        let mut waits = waiting(&pool);
        assert!(pool.give_up(&spec("1"), &mut waits).is_none(), "both places are starting");
        drop((one.starting.take(), two.starting.take()));
        own_again(&pool, one);
        assert!(pool.give_up(&spec("1"), &mut waits).is_none(), "one invocation is over meanwhile");
        assert!(pool.give_up(&spec("1"), &mut waits).is_some(), "none is over since");
        drop(two);
    }

    /// An invocation ends and another takes its place.
    fn own_again(pool: &Arc<Pool>, lease: Lease) {
        pool.lock().values_mut().for_each(|pooled| pooled.waiting.clear());
        lease.finish(None, Some(Duration::from_millis(1)));
        let mut again = own(pool);
        again.starting = None;
        std::mem::forget(again);
    }

    #[test]
    fn a_place_that_is_dropped_is_free_again() {
        let pool = pool();
        let leases = (own(&pool), own(&pool));
        drop(leases);
        let _again = (own(&pool), own(&pool));
        let _waits = wait(&pool);
    }

    #[test]
    fn nobody_waits_for_workers_of_a_function_that_changed() {
        let pool = pool();
        let _leases = (own(&pool), own(&pool));
        let (mut first, mut second) = (wait(&pool), wait(&pool));
        assert!(matches!(first.try_recv(), Err(oneshot::error::TryRecvError::Empty)));
        pool.forget(&spec("1").arn);
        for told in [&mut first, &mut second] {
            assert!(matches!(told.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        }
    }
}
