//! What all shards share.

use std::sync::{Arc, OnceLock};

use stepward_store::Store;
use tokio::sync::{Semaphore, mpsc};

use crate::activities::Activities;
use crate::machines::Machines;
use crate::metrics::Metrics;
use crate::quota::OpenExecutions;
use crate::recent::Recent;
use crate::shard::{Ask, Message};
use crate::watchers::Watchers;
use crate::{Clock, EngineConfig, Performer};

/// How many executions are brought back into memory at the same time.
const LOADS_MAX: usize = 256;

pub(crate) struct Shared {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) performer: Arc<dyn Performer>,
    pub(crate) config: EngineConfig,
    pub(crate) machines: Machines,
    pub(crate) open: OpenExecutions,
    pub(crate) recent: Recent,
    pub(crate) watchers: Watchers,
    pub(crate) metrics: Metrics,
    pub(crate) activities: Activities,
    pub(crate) loads: Arc<Semaphore>,
    shards: OnceLock<Vec<Handle>>,
}

/// The way into a shard.
#[derive(Clone)]
pub(crate) struct Handle {
    /// From the API: bounded, a full queue is an answer.
    pub(crate) api: mpsc::Sender<Message>,
    /// From ourselves: outcomes of tasks and the like, which must not be lost. No more than there are open tasks.
    pub(crate) own: mpsc::UnboundedSender<Message>,
}

impl Shared {
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        performer: Arc<dyn Performer>,
        config: EngineConfig,
        open: OpenExecutions,
    ) -> Self {
        Self {
            store,
            clock,
            performer,
            config,
            open,
            machines: Machines::default(),
            recent: Recent::default(),
            watchers: Watchers::default(),
            metrics: Metrics::default(),
            activities: Activities::default(),
            loads: Arc::new(Semaphore::new(LOADS_MAX)),
            shards: OnceLock::new(),
        }
    }

    pub(crate) fn set_shards(&self, handles: Vec<Handle>) {
        // Set once, when the engine opens.
        let _ = self.shards.set(handles);
    }

    fn shard(&self, execution: i64) -> Option<&Handle> {
        let shards = self.shards.get()?;
        let index = usize::try_from(execution).unwrap_or_default().checked_rem(shards.len())?;
        shards.get(index)
    }

    /// Hands a message of the API to the execution's shard; gives it back when the shard has too much to do.
    pub(crate) fn offer(&self, execution: i64, message: Message) -> Result<(), Message> {
        let Some(shard) = self.shard(execution) else { return Err(message) };
        shard.api.try_send(message).map_err(|error| {
            self.metrics.throttled();
            match error {
                mpsc::error::TrySendError::Full(message) | mpsc::error::TrySendError::Closed(message) => {
                    message
                }
            }
        })
    }

    /// Hands a message of our own to the execution's shard.
    pub(crate) fn send(&self, execution: i64, message: Message) {
        if let Some(shard) = self.shard(execution) {
            // A shard that is gone has nothing in memory that the store does not know.
            let _ = shard.own.send(message);
        }
    }

    pub(crate) fn ask(&self, ask: Ask) {
        self.send(ask.execution, Message::Ask(ask));
    }
}
