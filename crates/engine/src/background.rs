//! What runs beside the shards: recovery, the waker, retention.

use std::sync::Arc;

use stepward_types::Timestamp;

use crate::error::Fault;
use crate::shard::{Notice, WAKE_AHEAD_MS};
use crate::shared::Shared;

/// How many executions are looked at in one read.
const PAGE: usize = 1_000;
/// How often the waker looks; a fraction of how far it looks ahead.
const WAKE_EVERY_MS: i64 = WAKE_AHEAD_MS / 3;
const RETAIN_EVERY_MS: i64 = 3_600_000;
/// How long to wait after a failed read.
const AGAIN_MS: i64 = 1_000;
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Brings the executions into memory that were open and awake when the engine stopped.
pub(crate) async fn recover(shared: Arc<Shared>) {
    let mut after = 0;
    loop {
        match shared.store.awake_executions(after, PAGE).await {
            Ok(ids) => {
                let Some(last) = ids.last() else { return };
                after = *last;
                for id in ids {
                    wake_up(&shared, id).await;
                }
            }
            Err(error) => failed(&shared, "executions cannot be recovered", error.into()).await,
        }
    }
}

/// Up to where the index of sleeping executions was read: when one is due, and which.
struct Seen {
    place: (i64, i64),
    last: i64,
}

impl Default for Seen {
    fn default() -> Self {
        Self { place: (i64::MIN, 0), last: i64::MIN }
    }
}

impl Seen {
    /// Where to read on. A clock that was set back begins anew: who goes to sleep now may be due before what was read.
    fn at(&mut self, now: Timestamp) -> (i64, i64) {
        if now.millis() < self.last {
            self.place = (i64::MIN, 0);
        }
        self.last = now.millis();
        self.place
    }
}

/// Brings sleeping executions into memory before they are due.
pub(crate) async fn wake(shared: Arc<Shared>) {
    let mut seen = Seen::default();
    loop {
        let now = shared.clock.now();
        match shared.store.due(seen.at(now), now.millis().saturating_add(WAKE_AHEAD_MS), PAGE).await {
            Ok(due) => {
                seen.place = due.last().copied().unwrap_or(seen.place);
                let is_all = due.len() < PAGE;
                for (_, id) in due {
                    wake_up(&shared, id).await;
                }
                if is_all {
                    shared.clock.sleep_until(now.plus_millis(WAKE_EVERY_MS)).await;
                }
            }
            Err(error) => failed(&shared, "sleeping executions cannot be read", error.into()).await,
        }
    }
}

/// Removes closed executions that are older than they are kept.
pub(crate) async fn retain(shared: Arc<Shared>) {
    loop {
        let now = shared.clock.now();
        let before_ms = now.millis().saturating_sub(i64::from(shared.config.retention_days) * DAY_MS);
        if let Err(fault) = remove_before(&shared, before_ms).await {
            failed(&shared, "old executions cannot be removed", fault).await;
        }
        shared.clock.sleep_until(now.plus_millis(RETAIN_EVERY_MS)).await;
    }
}

async fn remove_before(shared: &Shared, before_ms: i64) -> Result<(), Fault> {
    let mut next = Some(0);
    while let Some(after) = next {
        let stopped = shared.store.stopped_before(after, before_ms, PAGE).await?;
        if !stopped.ids.is_empty() {
            shared.store.remove(stopped.ids).await?;
        }
        next = stopped.next;
    }
    Ok(())
}

async fn wake_up(shared: &Shared, id: i64) {
    // The permit goes with the message: no more are folded at once than memory has room for.
    if let Ok(permit) = Arc::clone(&shared.loads).acquire_owned().await {
        shared.notify(id, Notice::Wake(id, permit));
    }
}

async fn failed(shared: &Shared, what: &str, fault: Fault) {
    tracing::error!(%fault, source = ?std::error::Error::source(&fault), "{what}");
    shared.clock.sleep_until(shared.clock.now().plus_millis(AGAIN_MS)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_lets_the_index_be_read_again() {
        let mut seen = Seen { place: (500, 7), last: 400 };
        assert_eq!(seen.at(Timestamp::from_millis(450)), (500, 7));
        assert_eq!(seen.at(Timestamp::from_millis(449)), (i64::MIN, 0));
        assert_eq!(seen.at(Timestamp::from_millis(449)), (i64::MIN, 0));
    }
}
