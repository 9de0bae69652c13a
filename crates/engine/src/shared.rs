//! What all shards share.

use std::sync::{Arc, OnceLock};

use stepward_store::Store;
use tokio::sync::{Semaphore, mpsc};

use crate::activities::Activities;
use crate::engine::Throttled;
use crate::machines::Machines;
use crate::metrics::Metrics;
use crate::quota::OpenExecutions;
use crate::recent::Recent;
use crate::room::Room;
use crate::shard::{Ask, Message, Notice};
use crate::watchers::Watchers;
use crate::{Clock, EngineConfig, Performer};

/// How many executions are brought back into memory at the same time.
const LOADS_MAX: usize = 256;
/// How many bytes the inputs of all Express executions have that run.
const EXPRESS_BYTES_MAX: usize = 512 * 1024 * 1024;

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
    /// The Express executions that run.
    pub(crate) express: Room,
    shards: OnceLock<Vec<Handle>>,
}

/// The way into a shard.
#[derive(Clone)]
pub(crate) struct Handle {
    /// From the API. Who finds no room is answered that.
    pub(crate) api: mpsc::UnboundedSender<Message>,
    pub(crate) api_room: Arc<Room>,
    /// From ourselves: outcomes of tasks, which must not be lost. Who finds no room waits for it, beside the task's
    /// outcome; only what an execution tells itself, one at a time, needs none.
    pub(crate) own: mpsc::UnboundedSender<Message>,
    pub(crate) own_room: Arc<Room>,
    pub(crate) notices: mpsc::UnboundedSender<Notice>,
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
            open,
            machines: Machines::default(),
            recent: Recent::default(),
            watchers: Watchers::default(),
            metrics: Metrics::default(),
            activities: Activities::default(),
            loads: Arc::new(Semaphore::new(LOADS_MAX)),
            express: Room::new(config.express_max, EXPRESS_BYTES_MAX),
            config,
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

    /// Hands a message of the API to the execution's shard, unless that has too much to do.
    pub(crate) fn offer(&self, execution: i64, mut message: Message) -> Result<(), Throttled> {
        let shard = self.shard(execution).ok_or(Throttled)?;
        let Some(place) = shard.api_room.try_take(message.bytes()) else {
            self.metrics.throttled();
            return Err(Throttled);
        };
        message.hold(place);
        shard.api.send(message).map_err(|_| Throttled)
    }

    /// Tells the execution's shard what came of its own doing.
    pub(crate) fn notify(&self, execution: i64, notice: Notice) {
        if let Some(shard) = self.shard(execution) {
            // A shard that is gone has nothing in memory that the store does not know.
            let _ = shard.notices.send(notice);
        }
    }

    /// Hands the outcome of a task to the execution's shard, as soon as that has room.
    pub(crate) async fn deliver(&self, mut ask: Ask) {
        if let Some(shard) = self.shard(ask.execution) {
            ask.place = shard.own_room.take(ask.order.bytes()).await;
            let _ = shard.own.send(Message::Ask(ask));
        }
    }

    /// Hands over what an execution tells itself.
    pub(crate) fn ask(&self, ask: Ask) {
        if let Some(shard) = self.shard(ask.execution) {
            let _ = shard.own.send(Message::Ask(ask));
        }
    }
}
