//! Keeps decisions: written to the store in batches, listed newest first, forgotten after a while.
//!
//! Nobody waits for a decision to be kept: it is durable within a moment. Decisions of one moment that are alike are kept
//! once with a count, and those that come together lie in one row of the store, a pack.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use serde_json::Value;
use stepward_store::{EntityWrite, Store, StoreError};
use stepward_types::Timestamp;

use super::pack::{number_in, packs, unpacked};
use crate::access::Access;
use crate::decisions::{DecisionFilter, Recorded};

const KIND: &str = "decision";
/// The first number of each day, by which old ones are found.
const DAY_KIND: &str = "decision.day";
const FLUSH: Duration = Duration::from_millis(500);
/// As many are written before that: what lies in memory for long makes all that comes after it slower.
const ENOUGH: usize = 1_024;
/// Waiting to be written at most; more are told to the log and lost to the list.
const WAITING_MAX: usize = 100_000;
/// Rows that are removed together.
const BATCH: usize = 2_000;
/// Packs that are read together.
const PACKS_READ: usize = 16;
/// Looked at for one answer at most.
const SCANNED_MAX: usize = 20_000;
/// No more are kept, however young they are.
const KEPT_MAX: u64 = 2_000_000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What waits to be written.
#[derive(Default)]
pub(crate) struct Keeper {
    waiting: Mutex<Waiting>,
    is_enough: Arc<tokio::sync::Notify>,
    /// One writer at a time.
    writing: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct Waiting {
    is_on: bool,
    /// Each with how often it was made.
    decisions: Vec<(Arc<Recorded>, u64)>,
    /// How often decisions were taken to be written.
    taken: u64,
    lost: u64,
}

/// The place of a decision that waits to be written.
#[derive(Clone, Copy)]
pub(crate) struct Waits {
    taken: u64,
    index: usize,
}

#[derive(Default)]
struct State {
    day: i64,
}

impl Keeper {
    pub(crate) fn add(&self, recorded: &Arc<Recorded>) -> Option<Waits> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.is_on {
            return None;
        }
        if waiting.decisions.len() >= WAITING_MAX {
            waiting.lost += 1;
            return None;
        }
        waiting.decisions.push((Arc::clone(recorded), 1));
        if waiting.decisions.len() == ENOUGH {
            self.is_enough.notify_one();
        }
        Some(Waits { taken: waiting.taken, index: waiting.decisions.len() - 1 })
    }

    /// Counts a decision once more, if it still waits.
    pub(crate) fn repeat(&self, waits: Waits) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.is_on || waiting.taken != waits.taken {
            return false;
        }
        waiting.decisions.get_mut(waits.index).is_some_and(|(_, count)| {
            *count += 1;
            true
        })
    }

    fn take(&self) -> (Vec<(Arc<Recorded>, u64)>, u64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.taken += 1;
        (std::mem::take(&mut waiting.decisions), std::mem::take(&mut waiting.lost))
    }

    /// Writes what waits.
    async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let mut state = self.writing.lock().await;
        let (decisions, lost) = self.take();
        if lost > 0 {
            tracing::warn!(lost, "decisions came faster than they could be kept");
        }
        let Some(first) = decisions.first().map(|(first, _)| Arc::clone(first)) else { return Ok(()) };
        // Beside the requests, not between them. A panic in there would have told itself.
        let packs = tokio::task::spawn_blocking(move || packs(&decisions)).await.unwrap_or_default();
        let put = |(number, pack)| EntityWrite::put(KIND, "", &key(number), pack);
        let mut writes: Vec<EntityWrite> = packs.into_iter().map(put).collect();
        let day = first.at().millis().div_euclid(DAY_MILLIS);
        if day != state.day {
            state.day = day;
            let number = first.number.to_string().into_bytes();
            writes.push(EntityWrite::put(DAY_KIND, "", &format!("{day:010}"), number));
        }
        store.write(writes).await
    }

    /// Forgets what is older than the days, and what is too much.
    async fn prune(&self, store: &Store, days: u32, now: Timestamp) -> Result<(), StoreError> {
        let limit = now.millis().div_euclid(DAY_MILLIS) - i64::from(days);
        let mut oldest = 0;
        for day in store.all(DAY_KIND).await? {
            if day.key.parse::<i64>().is_ok_and(|at| at <= limit) {
                oldest = oldest.max(number_of(&day.value));
            }
        }
        let newest = store.list(KIND, "", "", None, 1).await?;
        let last = newest.first().map_or(0, |row| number_of_key(&row.key));
        oldest = oldest.max(last.saturating_sub(KEPT_MAX));
        if oldest == 0 {
            return Ok(());
        }
        loop {
            let old = store.list(KIND, "", "", Some(&key(oldest)), BATCH).await?;
            let writes: Vec<EntityWrite> =
                old.iter().map(|row| EntityWrite::delete(KIND, "", &row.key)).collect();
            if writes.is_empty() {
                return Ok(());
            }
            store.write(writes).await?;
        }
    }
}

/// Newest first: what is larger has the smaller key.
fn key(number: u64) -> String {
    format!("{:020}", u64::MAX - number)
}

fn number_of_key(key: &str) -> u64 {
    key.parse::<u64>().map_or(0, |key| u64::MAX - key)
}

fn number_of(value: &[u8]) -> u64 {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}

impl Access {
    /// Starts to keep decisions for days, until the last other owner lets go.
    pub fn keep_decisions(self: &Arc<Self>, days: u32) {
        self.decisions().keeper().waiting.lock().unwrap_or_else(PoisonError::into_inner).is_on = days > 0;
        if days == 0 {
            return;
        }
        let is_enough = Arc::clone(&self.decisions().keeper().is_enough);
        let access: Weak<Self> = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(FLUSH);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut pruned_hour = 0;
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    () = is_enough.notified() => {}
                }
                let Some(access) = access.upgrade() else { return };
                let now = Timestamp::from_millis(jiff::Timestamp::now().as_millisecond());
                if let Err(error) = access.flush_decisions().await {
                    tracing::error!(%error, "decisions could not be kept");
                }
                let hour = now.millis().div_euclid(60 * 60 * 1_000);
                if hour != pruned_hour {
                    pruned_hour = hour;
                    if let Err(error) = access.decisions().keeper().prune(access.store(), days, now).await {
                        tracing::error!(%error, "old decisions could not be forgotten");
                    }
                }
            }
        });
    }

    /// Makes every decision durable that was made.
    pub async fn flush_decisions(&self) -> Result<(), StoreError> {
        self.decisions().keeper().flush(self.store()).await
    }

    /// Kept decisions that fit, newest first, and where the list goes on.
    pub async fn kept_decisions(
        &self,
        filter: &DecisionFilter,
    ) -> Result<(Vec<Value>, Option<u64>), StoreError> {
        self.flush_decisions().await?;
        let (mut found, mut scanned) = (Vec::new(), 0);
        // The pack in which the number lies begins before it.
        let mut after = filter.before.map(key);
        let is_before = |value: &Value| filter.before.is_none_or(|before| number_in(value) < before);
        loop {
            let rows = self.store().list(KIND, "", "", after.as_deref(), PACKS_READ).await?;
            for value in rows.iter().flat_map(|row| unpacked(&row.value)).filter(is_before) {
                scanned += 1;
                let number = number_in(&value);
                if filter.fits_row(&value) {
                    found.push(value);
                }
                if found.len() >= filter.limit || scanned >= SCANNED_MAX {
                    return Ok((found, Some(number)));
                }
            }
            after = rows.last().map(|row| row.key.clone());
            if rows.len() < PACKS_READ {
                return Ok((found, None));
            }
        }
    }

    /// The number of the latest decision that was kept.
    pub(crate) async fn last_decision(store: &Store) -> Result<u64, StoreError> {
        let newest = store.list(KIND, "", "", None, 1).await?;
        Ok(newest
            .iter()
            .flat_map(|row| unpacked(&row.value))
            .map(|value| number_in(&value))
            .max()
            .unwrap_or(0))
    }
}
