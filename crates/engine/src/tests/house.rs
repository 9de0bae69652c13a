//! An engine in a folder of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stepward_asl::TaskOutcome;
use stepward_query::Payload;
use stepward_store::Store;
use stepward_testkit::Disk;
use stepward_types::Timestamp;
use tokio::sync::{Semaphore, oneshot};

use crate::{
    Clock, Engine, EngineConfig, ExecutionDescription, ExecutionStatus, HistoryRequest, MachineSnapshot,
    Performed, Performer, Performing, Progress, Sleep, StartError, StartRequest, Started, TaskCall,
};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

/// Time that passes when the test says so.
pub(crate) struct VirtualClock {
    now_ms: AtomicU64,
    sleepers: Mutex<Vec<(u64, oneshot::Sender<()>)>>,
    drawn: AtomicU64,
}

impl VirtualClock {
    pub(crate) fn new() -> Self {
        Self { now_ms: AtomicU64::new(1_000_000_000), sleepers: Mutex::default(), drawn: AtomicU64::new(0) }
    }

    pub(crate) fn advance(&self, millis: u64) {
        let now = self.now_ms.fetch_add(millis, Ordering::SeqCst) + millis;
        let mut sleepers = self.sleepers.lock().unwrap();
        let (due, rest) = std::mem::take(&mut *sleepers).into_iter().partition(|(due, _)| *due <= now);
        *sleepers = rest;
        let due: Vec<(u64, oneshot::Sender<()>)> = due;
        for (_, sleeper) in due {
            // One that no longer sleeps needs no waking.
            let _ = sleeper.send(());
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms.load(Ordering::SeqCst).cast_signed())
    }

    fn sleep_until(&self, due: Timestamp) -> Sleep {
        let (wake, woken) = oneshot::channel();
        let due = due.millis().max(0).cast_unsigned();
        let mut sleepers = self.sleepers.lock().unwrap();
        if due > self.now_ms.load(Ordering::SeqCst) {
            sleepers.push((due, wake));
        }
        Box::pin(async move { drop(woken.await) })
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&self.drawn.fetch_add(1, Ordering::SeqCst).to_le_bytes());
        bytes
    }
}

/// Performs tasks by the name of their state, the same way each time.
pub(crate) struct Script {
    pub(crate) performed: Mutex<Vec<String>>,
    pub(crate) tokens: Mutex<Vec<Arc<str>>>,
    /// How many tasks of states called `Gate` may end: none until a test says so.
    pub(crate) gate: Arc<Semaphore>,
}

impl Default for Script {
    fn default() -> Self {
        Self { performed: Mutex::default(), tokens: Mutex::default(), gate: Arc::new(Semaphore::new(0)) }
    }
}

impl Performer for Script {
    fn perform(&self, call: TaskCall, progress: Progress) -> Performing {
        let name = call.request.state_name.to_string();
        self.performed.lock().unwrap().push(name.clone());
        if let Some(token) = &call.request.token {
            self.tokens.lock().unwrap().push(Arc::clone(token));
        }
        let gate = Arc::clone(&self.gate);
        Box::pin(async move {
            match name.as_str() {
                gated if gated.starts_with("Gate") => {
                    gate.acquire().await.unwrap().forget();
                    Performed::Ended(TaskOutcome::Succeeded { output: call.request.arguments.clone() })
                }
                "Hang" => std::future::pending().await,
                // A job that is over once somebody asks for it again.
                "Job" => match &call.submission {
                    Some(job) => Performed::Ended(TaskOutcome::Succeeded { output: job.clone() }),
                    None => {
                        progress.submitted(Payload::new(json!({"JobId": "j-1"})));
                        std::future::pending().await
                    }
                },
                "Callback" => {
                    progress.submitted(Payload::new(json!({"sent": true})));
                    Performed::Waiting
                }
                "Panics" => panic!("as scripted"),
                "Fails" => failed("Broken"),
                "FailsTwice" if call.request.retry_count < 2 => failed("Flaky"),
                _ => Performed::Ended(TaskOutcome::Succeeded { output: Payload::new(json!({"by": name})) }),
            }
        })
    }
}

fn failed(error: &str) -> Performed {
    Performed::Ended(TaskOutcome::Failed { error: error.to_owned(), cause: Some("scripted".to_owned()) })
}

/// An engine, its clock and its script. The folder outlives the engine.
pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) script: Arc<Script>,
    pub(crate) store: Arc<Store>,
    pub(crate) engine: Arc<Engine>,
    /// SQLite's file layer, when it is not the system's.
    vfs: Option<&'static str>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap(), Arc::new(VirtualClock::new()), EngineConfig::default()).await
    }

    pub(crate) async fn with(config: EngineConfig) -> Self {
        Self::open(tempfile::tempdir().unwrap(), Arc::new(VirtualClock::new()), config).await
    }

    /// A house on a disk that fails when it is told to.
    pub(crate) async fn on_disk(config: EngineConfig) -> (Self, Disk) {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::under(folder.path());
        let house = Self::open_through(folder, Arc::new(VirtualClock::new()), config, Some(Disk::VFS)).await;
        (house, disk)
    }

    pub(crate) async fn open(
        folder: tempfile::TempDir,
        clock: Arc<VirtualClock>,
        config: EngineConfig,
    ) -> Self {
        Self::open_through(folder, clock, config, None).await
    }

    async fn open_through(
        folder: tempfile::TempDir,
        clock: Arc<VirtualClock>,
        config: EngineConfig,
        vfs: Option<&'static str>,
    ) -> Self {
        let store = Store::open_through(folder.path(), vfs).unwrap();
        let script = Arc::new(Script::default());
        let engine = Engine::open(Arc::clone(&store), script.clone(), clock.clone(), config).await.unwrap();
        Self { folder, clock, script, store, engine, vfs }
    }

    /// The engine dies where it is and is opened again.
    pub(crate) async fn crash(self) -> Self {
        let Self { folder, clock, engine, store, vfs, .. } = self;
        drop(engine);
        // What runs for the engine lets the store go once it was dropped.
        while Arc::strong_count(&store) > 1 {
            tokio::task::yield_now().await;
        }
        drop(store);
        Self::open_through(folder, clock, EngineConfig::default(), vfs).await
    }

    pub(crate) async fn start(
        &self,
        definition: &Value,
        name: &str,
        input: &str,
    ) -> Result<Started, StartError> {
        self.engine.start_execution(request(definition, name, input)).await
    }

    /// Lets time pass until the execution is closed.
    pub(crate) async fn end_of(&self, arn: &str, step_ms: u64) -> Arc<ExecutionDescription> {
        for _ in 0..100_000 {
            let description = self.engine.describe_execution(arn).await.unwrap();
            if description.status != ExecutionStatus::Running {
                return description;
            }
            // A look at the disk: what is told of memory alone would let a day pass between two commits.
            self.engine.row(arn).await.unwrap();
            self.clock.advance(step_ms);
            tokio::task::yield_now().await;
        }
        panic!("the execution does not end: {:#?}", self.types(arn).await);
    }

    pub(crate) async fn history(&self, arn: &str) -> Vec<Value> {
        let request = HistoryRequest {
            arn: arn.to_owned(),
            from: None,
            limit: 10_000,
            is_reverse: false,
            includes_data: true,
        };
        self.engine.execution_history(request).await.unwrap().events
    }

    /// The types of all events; their ids have no gap and none comes twice.
    pub(crate) async fn types(&self, arn: &str) -> Vec<String> {
        let events = self.history(arn).await;
        for (index, event) in events.iter().enumerate() {
            assert_eq!(event["id"], json!(index + 1), "{events:#?}");
        }
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// The store's numbers of the commits that an execution has a part in: in the order of all of them.
    pub(crate) async fn commits(&self, arn: &str) -> Vec<i64> {
        let row = self.store.execution(arn).await.unwrap().unwrap();
        let batches = self.store.events_after(row.id, (0, 0), 100_000).await.unwrap();
        batches.into_iter().map(|((_, number), _)| number).collect()
    }

    /// Waits until so many tasks were performed.
    pub(crate) async fn until_performed(&self, count: usize) {
        for _ in 0..100_000 {
            if self.script.performed.lock().unwrap().len() >= count {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("not {count} tasks: {:?}", self.script.performed.lock().unwrap());
    }

    /// Waits until a task with a token was performed.
    pub(crate) async fn token(&self) -> Arc<str> {
        loop {
            if let Some(token) = self.script.tokens.lock().unwrap().last() {
                return Arc::clone(token);
            }
            tokio::task::yield_now().await;
        }
    }

    /// Waits until the history has an event of the type.
    pub(crate) async fn until(&self, arn: &str, event: &str) {
        while !self.types(arn).await.iter().any(|seen| seen == event) {
            tokio::task::yield_now().await;
        }
    }
}

pub(crate) fn request(definition: &Value, name: &str, input: &str) -> StartRequest {
    StartRequest {
        machine: Arc::new(snapshot(definition, false)),
        version_arn: None,
        alias_arn: None,
        name: Some(name.to_owned()),
        input: input.to_owned(),
        trace_header: None,
    }
}

pub(crate) fn snapshot(definition: &Value, is_express: bool) -> MachineSnapshot {
    MachineSnapshot {
        arn: MACHINE.to_owned(),
        name: "m".to_owned(),
        definition: definition.to_string().into(),
        role_arn: "arn:aws:iam::123456789012:role/r".to_owned(),
        is_express,
        revision_id: None,
        updated: Timestamp::from_millis(0),
        logging: Value::Null,
        tracing: Value::Null,
        encryption: Value::Null,
    }
}

/// A definition of states that follow each other.
pub(crate) fn chain(states: &[(&str, Value)]) -> Value {
    let mut all = serde_json::Map::new();
    for (index, (name, state)) in states.iter().enumerate() {
        let mut state = state.clone();
        match states.get(index + 1) {
            Some((next, _)) => state["Next"] = json!(next),
            None => state["End"] = json!(true),
        }
        all.insert((*name).to_owned(), state);
    }
    json!({"StartAt": states[0].0, "States": all})
}

pub(crate) fn task() -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}})
}

pub(crate) fn callback() -> Value {
    let parameters = json!({"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}});
    json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": parameters})
}
