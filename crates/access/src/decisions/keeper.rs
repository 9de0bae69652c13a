//! Keeps decisions: written to the store in batches, listed newest first, forgotten after a while.
//!
//! Nobody waits for a decision to be kept: it is durable within a moment. Decisions of one moment that are alike are one
//! row with a count.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use serde_json::{Value, json};
use stepward_policy::Effect;
use stepward_store::{EntityWrite, Store, StoreError};
use stepward_types::Timestamp;

use crate::access::Access;
use crate::decisions::{DecisionFilter, Recorded};

const KIND: &str = "decision";
/// The first number of each day, by which old ones are found.
const DAY_KIND: &str = "decision.day";
const FLUSH: Duration = Duration::from_millis(500);
/// Waiting to be written at most; more are told to the log and lost to the list.
const WAITING_MAX: usize = 100_000;
const BATCH: usize = 2_000;
/// Looked at for one answer at most.
const SCANNED_MAX: usize = 20_000;
/// No more are kept, however young they are.
const KEPT_MAX: u64 = 2_000_000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What waits to be written.
#[derive(Default)]
pub(crate) struct Keeper {
    waiting: Mutex<Waiting>,
    /// One writer at a time.
    writing: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct Waiting {
    is_on: bool,
    decisions: Vec<Arc<Recorded>>,
    lost: u64,
}

#[derive(Default)]
struct State {
    day: i64,
}

impl Keeper {
    pub(crate) fn add(&self, recorded: &Arc<Recorded>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.is_on {
            return;
        }
        if waiting.decisions.len() < WAITING_MAX {
            waiting.decisions.push(Arc::clone(recorded));
        } else {
            waiting.lost += 1;
        }
    }

    fn take(&self) -> (Vec<Arc<Recorded>>, u64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut waiting.decisions), std::mem::take(&mut waiting.lost))
    }

    /// Writes what waits.
    async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let mut state = self.writing.lock().await;
        let (decisions, lost) = self.take();
        if lost > 0 {
            tracing::warn!(lost, "decisions came faster than they could be kept");
        }
        let rows = merged(&decisions);
        for batch in rows.chunks(BATCH) {
            let mut writes: Vec<EntityWrite> = batch
                .iter()
                .map(|(recorded, count)| {
                    EntityWrite::put(KIND, "", &key(recorded.number), row(recorded, *count))
                })
                .collect();
            if let Some((first, _)) = batch.first() {
                let day = first.at.millis().div_euclid(DAY_MILLIS);
                if day != state.day {
                    state.day = day;
                    let number = first.number.to_string().into_bytes();
                    writes.push(EntityWrite::put(DAY_KIND, "", &format!("{day:010}"), number));
                }
            }
            store.write(writes).await?;
        }
        Ok(())
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

/// Principal, action, resource, execution and state.
type What<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, Option<&'a str>);

/// Allowed calls that differ in nothing but their number, once with a count; denials each.
fn merged(decisions: &[Arc<Recorded>]) -> Vec<(Arc<Recorded>, u64)> {
    let mut rows: Vec<(Arc<Recorded>, u64)> = Vec::new();
    let mut places: BTreeMap<What<'_>, usize> = BTreeMap::new();
    for recorded in decisions {
        let cause = recorded.cause.as_deref();
        let what = (
            recorded.principal.as_str(),
            recorded.action.as_str(),
            recorded.resource.as_str(),
            cause.map(|cause| cause.execution_arn.as_str()),
            cause.map(|cause| cause.state_name.as_str()),
        );
        let is_allowed = recorded.effect == Effect::Allowed;
        match places.get(&what).filter(|_| is_allowed).and_then(|at| rows.get_mut(*at)) {
            Some((_, count)) => *count += 1,
            None => {
                if is_allowed {
                    places.insert(what, rows.len());
                }
                rows.push((Arc::clone(recorded), 1));
            }
        }
    }
    rows
}

/// The mark of a right whose resource could not be told, as the integrations give it.
const NOT_DERIVED: &str = "stepward:ResourceNotDerived";

fn row(recorded: &Recorded, count: u64) -> Vec<u8> {
    let is_allowed = recorded.effect == Effect::Allowed;
    let explanation = recorded.explanation.as_ref();
    let source = recorded.context.get("aws:SourceArn").and_then(|values| values.first().cloned());
    let cause = recorded.cause.as_deref();
    let mut value = json!({
        "account": recorded.account,
        "id": recorded.number.to_string(),
        "timestamp": recorded.at.epoch_seconds(),
        "principal": recorded.principal,
        "action": recorded.action,
        "resource": recorded.resource,
        "decision": if is_allowed { "Allowed" } else { "Denied" },
        "message": (!is_allowed).then(|| recorded.text.clone()),
        "explanation": explanation.map(ToString::to_string),
        "fix": explanation.and_then(|explanation| explanation.fix()).map(|fix| fix.to_string()),
        "sourceArn": source,
        "executionArn": cause.map(|cause| cause.execution_arn.clone()),
        "stateName": cause.map(|cause| cause.state_name.clone()),
        "statement": recorded.statement,
        "count": (count > 1).then_some(count),
        "resourceNotDerived": recorded.context.get(NOT_DERIVED).is_some().then_some(true),
    });
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    value.to_string().into_bytes()
}

impl Access {
    /// Starts to keep decisions for days, until the last other owner lets go.
    pub fn keep_decisions(self: &Arc<Self>, days: u32) {
        self.decisions().keeper().waiting.lock().unwrap_or_else(PoisonError::into_inner).is_on = days > 0;
        if days == 0 {
            return;
        }
        let access: Weak<Self> = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(FLUSH);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut pruned_hour = 0;
            loop {
                ticks.tick().await;
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
        let mut after = filter.before.map(key);
        loop {
            let rows = self.store().list(KIND, "", "", after.as_deref(), BATCH).await?;
            for row in &rows {
                let Ok(value) = serde_json::from_slice::<Value>(&row.value) else { continue };
                scanned += 1;
                if filter.fits_row(&value) {
                    found.push(value);
                }
                if found.len() >= filter.limit || scanned >= SCANNED_MAX {
                    return Ok((found, Some(number_of_key(&row.key))));
                }
            }
            after = rows.last().map(|row| row.key.clone());
            if rows.len() < BATCH {
                return Ok((found, None));
            }
        }
    }

    /// The number of the latest decision that was kept.
    pub(crate) async fn last_decision(store: &Store) -> Result<u64, StoreError> {
        let newest = store.list(KIND, "", "", None, 1).await?;
        Ok(newest.first().map_or(0, |row| number_of_key(&row.key)))
    }
}

impl DecisionFilter {
    fn fits_row(&self, row: &Value) -> bool {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let is =
            |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == text(name));
        is(&self.account, "account")
            && self.action.as_ref().is_none_or(|action| action.eq_ignore_ascii_case(text("action")))
            && is(&self.principal, "principal")
            && is(&self.resource, "resource")
            && is(&self.execution_arn, "executionArn")
            && self.is_allowed.is_none_or(|allowed| allowed == (text("decision") == "Allowed"))
    }
}
