//! Takes what the engine tells of executions to where it is wanted: execution logs and events of their status.
//!
//! Owns the queue between the two. Best effort, as on AWS: what the queue has no room for, and what its destination
//! does not take after some attempts, is counted and dropped; no execution waits for it.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use stepward_access::{Access, ServiceCall};
use stepward_engine::{ExecutionDescription, MachineSnapshot, News, Observer};
use stepward_types::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::execution_log::{Logging, message};
use super::rights::{PRINCIPAL, check_log_rights};
use super::status_event::StatusEvent;
use crate::time::{new_id, now};

/// How much may wait.
const QUEUE_MAX: usize = 10_000;
/// How much is taken at once.
const BATCH_MAX: usize = 500;
/// Waits before the second and the third attempt.
const AGAIN: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// How long it is taken for granted that a role may still log.
const RIGHTS_MS: i64 = 30_000;
const RIGHTS_MAX: usize = 10_000;
/// How long a stop waits for what is still queued.
const CLOSE: Duration = Duration::from_secs(5);

/// One event of an execution, as a line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    pub timestamp_ms: i64,
    pub message: String,
}

/// Events for one log stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogBatch {
    pub account: String,
    pub region: String,
    /// Name of the log group.
    pub group: String,
    /// Name of the state machine.
    pub machine: String,
    /// Name of the log stream, as AWS forms it.
    pub stream: String,
    /// The role that was asked whether it may log.
    pub role_arn: String,
    pub machine_arn: String,
    pub events: Vec<LogEvent>,
}

/// Why something was not taken.
#[derive(Debug, thiserror::Error)]
#[error("it was not delivered")]
pub struct Undelivered(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Undelivered {
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// Something on its way.
pub type Delivering<'a> = Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + 'a>>;

/// Where execution logs go: files, or a backend's CloudWatch Logs.
pub trait LogSink: fmt::Debug + Send + Sync + 'static {
    fn put_log_events<'a>(&'a self, batch: &'a LogBatch) -> Delivering<'a>;

    /// Whether the log group that a batch is for is there; a sink that makes its groups has every group.
    fn has_group<'a>(&'a self, _batch: &'a LogBatch) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(std::future::ready(true))
    }
}

/// Where events of executions' status go: a backend's EventBridge.
pub trait EventSink: fmt::Debug + Send + Sync + 'static {
    fn put_events<'a>(&'a self, events: &'a [StatusEvent]) -> Delivering<'a>;
}

/// What came of it, since the start of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    pub delivered: u64,
    /// No room in the queue, or refused by the destination.
    pub dropped: u64,
    /// The execution role may not log.
    pub denied: u64,
    pub queued: usize,
}

enum Item {
    Logged(News),
    Changed(StatusEvent),
    Close(oneshot::Sender<()>),
}

/// The engine's observer.
pub struct Delivery {
    queue: mpsc::Sender<Item>,
    logs: Arc<dyn LogSink>,
    has_events: bool,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    delivered: AtomicU64,
    dropped: AtomicU64,
    denied: AtomicU64,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Delivery").field("has_events", &self.has_events).finish_non_exhaustive()
    }
}

impl Delivery {
    /// Delivers from now on. Must be called inside of a tokio runtime.
    pub fn new(access: Arc<Access>, logs: Arc<dyn LogSink>, events: Option<Arc<dyn EventSink>>) -> Arc<Self> {
        let (queue, queued) = mpsc::channel(QUEUE_MAX);
        let counts = Arc::<Counts>::default();
        let has_events = events.is_some();
        let courier = Courier {
            access,
            logs: Arc::clone(&logs),
            events,
            counts: Arc::clone(&counts),
            rights: HashMap::new(),
            stream: Stream::new(),
        };
        tokio::spawn(courier.run(queued));
        Arc::new(Self { queue, logs, has_events, counts })
    }

    /// Whether the log group of a configuration is there.
    pub(crate) async fn has_group(&self, logging: &Logging, role_arn: &str, machine_arn: &str) -> bool {
        let machine = machine_arn.rsplit(':').next().unwrap_or_default();
        self.logs.has_group(&logging.batch(machine, role_arn, machine_arn)).await
    }

    /// Waits a while for what is queued.
    pub async fn close(&self) {
        let (closed, told) = oneshot::channel();
        let all = async {
            if self.queue.send(Item::Close(closed)).await.is_ok() {
                let _ = told.await;
            }
        };
        if tokio::time::timeout(CLOSE, all).await.is_err() {
            tracing::warn!("execution logs that were still queued are lost");
        }
    }

    pub fn counts(&self) -> DeliveryCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        DeliveryCounts {
            delivered: read(&self.counts.delivered),
            dropped: read(&self.counts.dropped),
            denied: read(&self.counts.denied),
            queued: self.queue.max_capacity().saturating_sub(self.queue.capacity()),
        }
    }

    fn offer(&self, item: Item) {
        if self.queue.try_send(item).is_err() {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Observer for Delivery {
    fn recorded(&self, news: News) {
        self.offer(Item::Logged(news));
    }

    fn wants_changes(&self) -> bool {
        self.has_events
    }

    fn changed(&self, machine: &Arc<MachineSnapshot>, execution: ExecutionDescription) {
        let kind = machine.encryption.get("type").and_then(Value::as_str);
        let hides_data = kind == Some("CUSTOMER_MANAGED_KMS_KEY");
        self.offer(Item::Changed(StatusEvent::new(&execution, &machine.role_arn, hides_data)));
    }
}

/// Takes items out of the queue.
struct Courier {
    access: Arc<Access>,
    logs: Arc<dyn LogSink>,
    events: Option<Arc<dyn EventSink>>,
    counts: Arc<Counts>,
    /// Until when it is known whether a role may log, by role and state machine.
    rights: HashMap<(String, String), (Timestamp, bool)>,
    stream: Stream,
}

/// The part of a log stream's name that is the same for all of this server's.
struct Stream {
    minute: String,
    id: String,
}

impl Stream {
    fn new() -> Self {
        let minute = now().to_rfc3339_seconds().chars().take(16).collect::<String>().replace(['T', ':'], "-");
        Self { minute, id: new_id().chars().take(8).collect() }
    }

    /// AWS: `states/NAME/2026-03-14-01-59/1a2b3c4d`.
    fn name(&self, machine: &str) -> String {
        format!("states/{machine}/{}/{}", self.minute, self.id)
    }
}

impl Courier {
    async fn run(mut self, mut queued: mpsc::Receiver<Item>) {
        let mut items = Vec::with_capacity(BATCH_MAX);
        while queued.recv_many(&mut items, BATCH_MAX).await > 0 {
            let (mut batches, mut events, mut closing) = (Vec::<LogBatch>::new(), Vec::new(), Vec::new());
            for item in items.drain(..) {
                match item {
                    Item::Logged(news) => self.add(&mut batches, &news),
                    Item::Changed(event) => events.push(event),
                    Item::Close(closed) => closing.push(closed),
                }
            }
            for batch in &batches {
                let logs = Arc::clone(&self.logs);
                self.deliver(batch.events.len(), || logs.put_log_events(batch)).await;
            }
            if let Some(sink) = self.events.clone().filter(|_| !events.is_empty()) {
                self.deliver(events.len(), || sink.put_events(&events)).await;
            }
            for closed in closing {
                // Who closes may have gone.
                let _ = closed.send(());
            }
        }
    }

    /// Adds the lines of one commit to the batch of their stream.
    fn add(&mut self, batches: &mut Vec<LogBatch>, news: &News) {
        let Some(logging) = Logging::of(&news.machine.logging) else { return };
        let events = news.events.iter().filter_map(|event| event.history());
        let lines = events.filter(|event| logging.level.has(event.type_name())).map(|event| LogEvent {
            timestamp_ms: event.timestamp.millis(),
            message: message(event, logging.includes_data, &news.execution_arn, news.redrive_count),
        });
        let lines: Vec<LogEvent> = lines.collect();
        if lines.is_empty() {
            return;
        }
        if !self.may_log(&news.machine) {
            let denied = u64::try_from(lines.len()).unwrap_or_default();
            self.counts.denied.fetch_add(denied, Ordering::Relaxed);
            return;
        }
        let machine = &news.machine;
        let batch = logging.batch(&machine.name, &machine.role_arn, &machine.arn);
        let batch = LogBatch { stream: self.stream.name(&machine.name), ..batch };
        let place = |batch: &LogBatch| {
            (batch.account.clone(), batch.region.clone(), batch.group.clone(), batch.stream.clone())
        };
        match batches.iter_mut().find(|known| place(known) == place(&batch)) {
            Some(known) => known.events.extend(lines),
            None => batches.push(LogBatch { events: lines, ..batch }),
        }
    }

    /// Whether the execution role, which was checked when the configuration was written, still may.
    fn may_log(&mut self, machine: &MachineSnapshot) -> bool {
        let at = now();
        let key = (machine.role_arn.clone(), machine.arn.clone());
        if let Some((until, may)) = self.rights.get(&key)
            && *until > at
        {
            return *may;
        }
        let part = |index: usize| machine.arn.split(':').nth(index).unwrap_or_default();
        let call = ServiceCall {
            service: PRINCIPAL,
            source_arn: &machine.arn,
            source_account: part(4),
            region: part(3),
            session_name: None,
            now: at,
        };
        let may = check_log_rights(&self.access, &machine.role_arn, &call).is_ok();
        if !may {
            tracing::warn!(
                machine = machine.arn,
                role = machine.role_arn,
                "the role may no longer write execution logs"
            );
        }
        if self.rights.len() >= RIGHTS_MAX {
            self.rights.clear();
        }
        self.rights.insert(key, (at.plus_millis(RIGHTS_MS), may));
        may
    }

    async fn deliver<'a>(&self, count: usize, attempt: impl Fn() -> Delivering<'a>) {
        let count = u64::try_from(count).unwrap_or_default();
        let mut outcome = attempt().await;
        for wait in AGAIN {
            if outcome.is_ok() {
                break;
            }
            tokio::time::sleep(wait).await;
            outcome = attempt().await;
        }
        match outcome {
            Ok(()) => self.counts.delivered.fetch_add(count, Ordering::Relaxed),
            Err(error) => {
                tracing::warn!(
                    cause = crate::chain(&error),
                    count,
                    "logs or events of executions were not taken"
                );
                self.counts.dropped.fetch_add(count, Ordering::Relaxed)
            }
        };
    }
}
