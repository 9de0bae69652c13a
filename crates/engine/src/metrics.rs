//! What the engine counts: plain numbers since the start of the server.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ExecutionStatus;

/// Seconds. Executions last from milliseconds to a year.
const DURATION_BOUNDS: [f64; 14] =
    [0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 60.0, 300.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0];
/// Seconds. A commit is a sync of the disk.
const COMMIT_BOUNDS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0];

/// Counts of the executions of one type (Standard, Express).
#[derive(Default)]
pub(crate) struct ByType {
    started: AtomicU64,
    succeeded: AtomicU64,
    failed: AtomicU64,
    timed_out: AtomicU64,
    aborted: AtomicU64,
    redriven: AtomicU64,
    durations: Histogram<14>,
}

#[derive(Default)]
pub(crate) struct Metrics {
    standard: ByType,
    express: ByType,
    throttled: AtomicU64,
    commits: Histogram<12>,
    commit_failures: AtomicU64,
}

/// How often what took how long.
struct Histogram<const N: usize> {
    buckets: [AtomicU64; N],
    count: AtomicU64,
    sum_micros: AtomicU64,
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            count: AtomicU64::new(0),
            sum_micros: AtomicU64::new(0),
        }
    }
}

/// A histogram as it stands: how many were not above each bound (seconds), how many there were, and their sum.
#[derive(Clone, Debug, Default)]
pub struct Distribution {
    pub at_most: Vec<(f64, u64)>,
    pub count: u64,
    pub sum_seconds: f64,
}

/// The counts of one type of executions as they stand.
#[derive(Clone, Debug, Default)]
pub struct ExecutionCounts {
    pub started: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub aborted: u64,
    pub redriven: u64,
    pub durations: Distribution,
}

/// All counts of the engine as they stand.
#[derive(Clone, Debug, Default)]
pub struct EngineCounts {
    pub standard: ExecutionCounts,
    pub express: ExecutionCounts,
    /// Calls that were refused because a shard had too much to do, or an account too many open executions.
    pub throttled: u64,
    pub commits: Distribution,
    pub commit_failures: u64,
    /// Commands that wait for each shard.
    pub queued_commands: Vec<usize>,
    /// Tasks of activities that no worker has yet.
    pub queued_activity_tasks: usize,
    /// Open Standard executions.
    pub open_executions: u64,
}

impl Metrics {
    fn of(&self, is_express: bool) -> &ByType {
        if is_express { &self.express } else { &self.standard }
    }

    pub(crate) fn started(&self, is_express: bool) {
        add(&self.of(is_express).started);
    }

    pub(crate) fn redriven(&self) {
        add(&self.standard.redriven);
    }

    pub(crate) fn ended(&self, is_express: bool, status: ExecutionStatus, millis: i64) {
        let of = self.of(is_express);
        match status {
            ExecutionStatus::Succeeded => add(&of.succeeded),
            ExecutionStatus::Failed => add(&of.failed),
            ExecutionStatus::TimedOut => add(&of.timed_out),
            ExecutionStatus::Aborted => add(&of.aborted),
            ExecutionStatus::Running | ExecutionStatus::PendingRedrive => return,
        }
        let micros = u64::try_from(millis).unwrap_or_default().saturating_mul(1_000);
        of.durations.observe(&DURATION_BOUNDS, micros);
    }

    pub(crate) fn throttled(&self) {
        add(&self.throttled);
    }

    pub(crate) fn committed(&self, took: std::time::Duration, is_written: bool) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.commits.observe(&COMMIT_BOUNDS, micros);
        if !is_written {
            add(&self.commit_failures);
        }
    }

    /// What was counted; what is only looked at is for the engine to fill in.
    pub(crate) fn counts(&self) -> EngineCounts {
        EngineCounts {
            standard: self.standard.counts(),
            express: self.express.counts(),
            throttled: read(&self.throttled),
            commits: self.commits.distribution(&COMMIT_BOUNDS),
            commit_failures: read(&self.commit_failures),
            ..EngineCounts::default()
        }
    }
}

impl ByType {
    fn counts(&self) -> ExecutionCounts {
        ExecutionCounts {
            started: read(&self.started),
            succeeded: read(&self.succeeded),
            failed: read(&self.failed),
            timed_out: read(&self.timed_out),
            aborted: read(&self.aborted),
            redriven: read(&self.redriven),
            durations: self.durations.distribution(&DURATION_BOUNDS),
        }
    }
}

impl<const N: usize> Histogram<N> {
    fn observe(&self, bounds: &[f64; N], micros: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a bucket is no finer than a float")]
        let seconds = micros as f64 / 1e6;
        if let Some((_, bucket)) = bounds.iter().zip(&self.buckets).find(|(bound, _)| seconds <= **bound) {
            add(bucket);
        }
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
        add(&self.count);
    }

    fn distribution(&self, bounds: &[f64; N]) -> Distribution {
        let mut sum = 0;
        let at_most = bounds.iter().zip(&self.buckets).map(|(bound, bucket)| {
            sum += read(bucket);
            (*bound, sum)
        });
        let at_most: Vec<_> = at_most.collect();
        #[expect(clippy::cast_precision_loss, reason = "microseconds of years fit a float")]
        let sum_seconds = read(&self.sum_micros) as f64 / 1e6;
        // Read last: never less than the buckets that were counted before it.
        Distribution { count: read(&self.count).max(sum), at_most, sum_seconds }
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_counted_by_type_and_status() {
        let metrics = Metrics::default();
        metrics.started(false);
        metrics.ended(false, ExecutionStatus::Failed, 20);
        metrics.ended(true, ExecutionStatus::Succeeded, 1);
        let counts = metrics.counts();
        assert_eq!((counts.standard.started, counts.standard.failed, counts.standard.succeeded), (1, 1, 0));
        assert_eq!(counts.express.succeeded, 1);
    }

    #[test]
    fn each_bound_counts_all_that_is_not_above_it() {
        let metrics = Metrics::default();
        for millis in [4, 40, 40, 700_000_000] {
            metrics.ended(false, ExecutionStatus::Succeeded, millis);
        }
        let durations = metrics.counts().standard.durations;
        let at_most = |bound: f64| durations.at_most.iter().find(|(known, _)| *known == bound).unwrap().1;
        assert_eq!((at_most(0.005), at_most(0.05), at_most(604_800.0), durations.count), (1, 3, 3, 4));
    }
}
