//! The engine as the API sees it: opening, starting, stopping, redriving.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use stepward_asl::Command;
use stepward_query::Payload;
use stepward_store::Store;
use stepward_types::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::{ordered_uuid, uuid_of};
use crate::quota::OpenExecutions;
use crate::record::Record;
use crate::room::Room;
use crate::shard::{Ask, Message, Notice, Order, Refused, Shard, Start, Unanswered};
use crate::shared::{Handle, Shared};
use crate::{
    Clock, EngineCounts, ExecutionDescription, ExecutionError, ExecutionStatus, Fault, Observer, Performed,
    Performer, Progress, StartError, StartRequest, Started, TaskCall, background, reading,
};

/// Limits that a server may change.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// How many shards run side by side.
    pub shards: usize,
    /// AWS: open executions per account and Region.
    pub open_executions_max: u64,
    /// Commands of the API that wait for one shard; a full queue answers `Throttled`. As many outcomes of tasks may
    /// wait; more stay with their tasks.
    pub queue_max: usize,
    /// Bytes of either.
    pub queue_bytes_max: usize,
    /// Express executions that run at the same time: they live in memory alone. More are answered `Throttled`.
    pub express_max: usize,
    /// How long closed executions are kept. AWS: 90 days.
    pub retention_days: u32,
    /// Who is told what executions do.
    pub observer: Option<Arc<dyn Observer>>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            shards: 4,
            open_executions_max: 1_000_000,
            queue_max: 10_000,
            queue_bytes_max: 32 * 1024 * 1024,
            express_max: 200_000,
            retention_days: 90,
            observer: None,
        }
    }
}

/// Runs executions. Dropping it stops all of them where they are; opening it again goes on from there.
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    handles: Vec<Handle>,
    is_closing: AtomicBool,
    /// The shards and what runs beside them; ends with the engine.
    _running: JoinSet<()>,
}

impl Engine {
    /// Opens the engine on a store. Executions that were open go on, in the background.
    pub async fn open(
        store: Arc<Store>,
        performer: Arc<dyn Performer>,
        clock: Arc<dyn Clock>,
        config: EngineConfig,
    ) -> Result<Arc<Self>, Fault> {
        let open = OpenExecutions::new(store.open_by_account().await?);
        let shared = Arc::new(Shared::new(store, clock, performer, config, open));
        let mut running = JoinSet::new();
        let mut handles = Vec::new();
        for _ in 0..shared.config.shards.max(1) {
            let room = || Arc::new(Room::new(shared.config.queue_max, shared.config.queue_bytes_max));
            // Bounded by the rooms, and by what is on its way.
            let ((api, from_api), (own, from_own)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
            let (notices, noticed) = mpsc::unbounded_channel();
            handles.push(Handle { api, api_room: room(), own, own_room: room(), notices });
            running.spawn(Shard::new(Arc::clone(&shared), from_api, from_own, noticed).run());
        }
        shared.set_shards(handles.clone());
        running.spawn(background::recover(Arc::clone(&shared)));
        running.spawn(background::wake(Arc::clone(&shared)));
        running.spawn(background::retain(Arc::clone(&shared)));
        let is_closing = AtomicBool::new(false);
        Ok(Arc::new(Self { shared, handles, is_closing, _running: running }))
    }

    /// Waits until all that was decided is durable; nothing is decided after it.
    pub async fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        let mut closing = Vec::new();
        for handle in &self.handles {
            let (closed, told) = oneshot::channel();
            // A shard that is gone is closed.
            let _ = handle.notices.send(Notice::Close(closed));
            closing.push(told);
        }
        for told in closing {
            let _ = told.await;
        }
    }

    /// The way into the first shard.
    #[cfg(test)]
    pub(crate) fn handle(&self) -> Handle {
        self.handles.first().unwrap().clone()
    }

    /// Whether the engine was told to close.
    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// Starts an execution; it is durable when this returns (Standard). Repeating a start with the same name and
    /// input while that execution is open answers it again (Standard only).
    pub async fn start_execution(&self, request: StartRequest) -> Result<Started, StartError> {
        let (start, answer) = self.prepare(&request, None).await?;
        let arn = start.arn.clone();
        self.submit(start)?;
        match answer.await {
            Ok(Ok(started)) => Ok(started),
            Ok(Err(Refused::Exists)) => self.started_before(arn, &request.input).await,
            Ok(Err(Refused::Store(error))) => Err(error.into()),
            Err(_) => Err(StartError::Throttled),
        }
    }

    /// Runs an Express execution to its end.
    pub async fn start_sync_execution(
        &self,
        request: StartRequest,
    ) -> Result<ExecutionDescription, StartError> {
        let (ended, told) = oneshot::channel();
        let (start, answer) = self.prepare(&request, Some(ended)).await?;
        self.submit(start)?;
        drop(answer);
        told.await.map_err(|_| StartError::Throttled)
    }

    async fn prepare(
        &self,
        request: &StartRequest,
        ended: Option<oneshot::Sender<ExecutionDescription>>,
    ) -> Result<(Start, oneshot::Receiver<Result<Started, Refused>>), StartError> {
        let input =
            Payload::parse(&request.input).map_err(|error| StartError::InvalidInput(error.to_string()))?;
        let machine = self.shared.machines.given(&request.machine, &self.shared.store).await?;
        let clock = self.shared.clock.as_ref();
        let name = request.name.clone().unwrap_or_else(|| ordered_uuid(clock));
        let express_id = if request.machine.is_express { uuid_of(&clock.random()) } else { String::new() };
        let (answer, told) = oneshot::channel();
        let start = Start {
            id: self.shared.store.next_execution(),
            arn: request.machine.execution_arn(&name, &express_id),
            record: Record::new(request, name, machine.id.clone()),
            machine,
            input,
            answer,
            ended,
            open: None,
            place: None,
        };
        Ok((start, told))
    }

    fn submit(&self, mut start: Start) -> Result<(), StartError> {
        let (account, max) =
            (start.machine.snapshot.account().to_owned(), self.shared.config.open_executions_max);
        // AWS: Express executions are not counted.
        let is_counted = !start.machine.snapshot.is_express;
        if is_counted && !self.shared.open.add(&account, max) {
            self.shared.metrics.throttled();
            return Err(StartError::LimitExceeded);
        }
        if !is_counted {
            start.open = Some(self.shared.express.try_take(start.input.bytes()).ok_or_else(|| {
                self.shared.metrics.throttled();
                StartError::Throttled
            })?);
        }
        self.shared.offer(start.id, Message::Start(Box::new(start))).map_err(|_| {
            if is_counted {
                self.shared.open.remove(&account);
            }
            StartError::Throttled
        })
    }

    /// AWS: the same name and input while the execution is open is the same start.
    async fn started_before(&self, arn: String, input: &str) -> Result<Started, StartError> {
        let Some(row) = self.shared.store.execution(&arn).await? else {
            return Err(StartError::AlreadyExists(arn));
        };
        let record = Record::parse(&row.record)?;
        if row.stopped_ms.is_some() || record.input.as_ref() != input {
            return Err(StartError::AlreadyExists(arn));
        }
        Ok(Started { arn, started: Timestamp::from_millis(row.started_ms) })
    }

    /// Stops a Standard execution; gives when it stopped. Stopping a closed execution answers its stop date.
    pub async fn stop_execution(
        &self,
        arn: &str,
        error: Option<String>,
        cause: Option<String>,
    ) -> Result<Timestamp, ExecutionError> {
        loop {
            let row = self.row(arn).await?;
            if let Some(stopped) = row.stopped_ms {
                return Ok(Timestamp::from_millis(stopped));
            }
            let command = Command::Stop { error: error.clone(), cause: cause.clone() };
            match self.ask(row.id, Order::Command(command)).await? {
                Ok(stopped) => return Ok(stopped),
                // It closed meanwhile: its row says when.
                Err(Unanswered::Closed) => {}
                Err(why) => return Err(refusal(why)),
            }
        }
    }

    /// Continues a failed, timed-out or aborted execution from the state that did not succeed; gives when. The same
    /// client token within 15 minutes answers the first time again.
    pub async fn redrive_execution(
        &self,
        arn: &str,
        client_token: Option<&str>,
    ) -> Result<Timestamp, ExecutionError> {
        let row = self.row(arn).await?;
        let was_open = reading::status(&row) == ExecutionStatus::Running;
        if !was_open && !self.shared.open.add(&row.account, self.shared.config.open_executions_max) {
            return Err(ExecutionError::Throttled);
        }
        let answer = self.ask(row.id, Order::Redrive(client_token.map(str::to_owned))).await;
        if !was_open && !matches!(answer, Ok(Ok(_))) {
            self.shared.open.remove(&row.account);
        }
        answer?.map_err(refusal)
    }

    /// Waits until an execution is closed and tells of it.
    pub async fn wait_closed(&self, arn: &str) -> Result<Arc<ExecutionDescription>, ExecutionError> {
        loop {
            let closed = self.shared.watchers.watch(arn);
            let description = self.describe_execution(arn).await?;
            if description.status != ExecutionStatus::Running {
                return Ok(description);
            }
            // Told or not: the row is looked at again.
            let _ = closed.await;
        }
    }

    /// Performs a task that belongs to no execution (TestState), under the role that the call names.
    pub async fn perform_task(&self, call: TaskCall) -> Performed {
        // Nobody is told of a submission: TestState takes no task that has one.
        let (submitted, _told) = mpsc::unbounded_channel();
        self.shared.performer.perform(call, Progress { submitted }).await
    }

    /// What was counted since the start, and what waits now.
    pub fn counts(&self) -> EngineCounts {
        let waiting = |handle: &Handle| handle.api_room.taken();
        EngineCounts {
            queued_commands: self.handles.iter().map(waiting).collect(),
            queued_activity_tasks: self.shared.activities.queued(),
            open_executions: self.shared.open.sum(),
            ..self.shared.metrics.counts()
        }
    }

    /// The time that executions live in.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub(crate) async fn ask(
        &self,
        execution: i64,
        order: Order,
    ) -> Result<Result<Timestamp, Unanswered>, Throttled> {
        let (answer, told) = oneshot::channel();
        let ask = Ask { execution, order, answer: Some(answer), place: None };
        self.shared.offer(execution, Message::Ask(ask))?;
        told.await.map_err(|_| Throttled)
    }
}

/// The shard has too much to do.
pub(crate) struct Throttled;

impl From<Throttled> for ExecutionError {
    fn from(_: Throttled) -> Self {
        Self::Throttled
    }
}

fn refusal(why: Unanswered) -> ExecutionError {
    match why {
        Unanswered::NotRedrivable(reason) => ExecutionError::NotRedrivable(reason.to_owned()),
        Unanswered::Fault(fault) => ExecutionError::Fault(fault),
        Unanswered::Closed | Unanswered::NoTask => ExecutionError::Throttled,
    }
}
