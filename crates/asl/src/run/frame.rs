//! One line of states: the machine's own, a branch of a Parallel, an iteration of a Map.

use std::sync::Arc;

use serde_json::Value;
use stepward_query::{Payload, Variables};
use stepward_types::Timestamp;

use super::FrameId;
use crate::effect::{Effect, TaskId, TaskRequest, TimerId, TimerKind};
use crate::event::MapStateStarted;
use crate::failure::Failure;
use crate::machine::StateId;

/// No state has more retriers: a definition has at most a megabyte.
const MAX_RETRIERS: usize = 65_535;

/// One line of states.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The frame whose Parallel or Map state this one belongs to.
    pub(crate) parent: Option<FrameId>,
    /// Which branch or item of the parent.
    pub(crate) index: u32,
    /// Whether it belongs to a child execution of a Distributed Map.
    pub(crate) is_child_execution: bool,
    /// The Map item, for the context object.
    pub(crate) item: Option<MapItem>,
    /// The state it is in, or enters next.
    pub(crate) state: StateId,
    /// The raw input of that state.
    pub(crate) input: Payload,
    /// The variables it sees: those of its ancestors and its own.
    pub(crate) variables: Variables,
    /// The id of the state's entered event.
    pub(crate) entered_event: u64,
    /// What came before that event.
    pub(crate) before_entered: u64,
    /// When the state was entered.
    pub(crate) entered_at: Timestamp,
    /// The causal predecessor of what happens next here.
    pub(crate) last_event: u64,
    /// Per retrier, how often it was used since the state was entered.
    pub(crate) retries: Vec<u32>,
    /// What it does now.
    pub(crate) phase: Phase,
    /// The branches or iterations of the state it is in.
    pub(crate) children: Option<Box<Children>>,
}

/// An item of a Map, as the context object tells of it.
#[derive(Clone, Debug)]
pub(crate) struct MapItem {
    pub(crate) index: u32,
    pub(crate) value: Payload,
    /// The name of the item in an object of items.
    pub(crate) key: Option<Arc<str>>,
    /// Where it comes from; told by Distributed Maps only.
    pub(crate) source: Option<&'static str>,
}

/// AWS: what `Map.Item.Source` says of items that come from the state's input.
const STATE_DATA: &str = "STATE_DATA";

impl MapItem {
    /// One of the items that a Map iterates over.
    pub(crate) fn of(index: u32, item: Value, has_keys: bool, is_distributed: bool) -> Self {
        let source = is_distributed.then_some(STATE_DATA);
        let Value::Object(mut pair) = item else {
            return Self { index, value: Payload::new(item), key: None, source };
        };
        let is_pair = has_keys && pair.len() == 2;
        match (is_pair, pair.get("Key").and_then(Value::as_str).map(Arc::from)) {
            (true, Some(key)) => {
                let value = Payload::new(pair.remove("Value").unwrap_or_default());
                Self { index, value, key: Some(key), source }
            }
            _ => Self { index, value: Payload::new(Value::Object(pair)), key: None, source },
        }
    }

    /// The Map part of the context object.
    pub(crate) fn context(&self) -> Value {
        let mut item = serde_json::json!({ "Index": self.index, "Value": self.value.value() });
        for (name, text) in [("Key", self.key.as_deref()), ("Source", self.source)] {
            if let (Some(fields), Some(text)) = (item.as_object_mut(), text) {
                fields.insert(name.to_owned(), text.into());
            }
        }
        serde_json::json!({ "Item": item })
    }
}

/// What a frame does. Phases marked *ready* go on without anything happening.
#[derive(Clone, Debug)]
pub(crate) enum Phase {
    /// *Ready*: `state` is to be entered.
    Entering,
    /// *Ready*: `state` was entered, or is tried again.
    Entered,
    /// A Wait waits.
    Waiting { due: Timestamp },
    /// *Ready*: the Wait is over.
    Waited,
    /// The delay before a retry.
    Retrying { due: Timestamp },
    /// A task is open.
    Task(Box<OpenTask>),
    /// *Ready* when a branch or an iteration ended: Parallel or Map.
    Children,
    /// *Ready*: the state has its result.
    Result(Payload),
    /// *Ready*: the state failed.
    Failing(Box<Failure>),
    /// *Ready*: the last state exited with this output.
    Ended(Payload),
    /// The parent knows of the end.
    Closed,
    /// A state failed and nothing caught it.
    Failed,
    /// Stopped, because a sibling failed or the execution ended.
    Aborted,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskStage {
    /// Scheduled, not started: the next event is `…Started`.
    Scheduled,
    /// Started.
    Started,
    /// `TaskSubmitted` was recorded.
    Submitted,
}

/// A task without an outcome.
#[derive(Clone, Debug)]
pub(crate) struct OpenTask {
    pub(crate) task: TaskId,
    pub(crate) request: Arc<TaskRequest>,
    pub(crate) stage: TaskStage,
    /// When the clocks began: at `…Started`.
    pub(crate) started_at: Option<Timestamp>,
    /// What its job was submitted with: whoever waits for the job again does not submit it again.
    pub(crate) submission: Option<Payload>,
}

/// The branches or iterations of a Parallel or a Map.
#[derive(Clone, Debug)]
pub(crate) struct Children {
    /// Outputs so far, by branch or item.
    pub(crate) results: Vec<Option<Payload>>,
    /// The children that are open or that ended without success, by branch or item.
    pub(crate) frames: Vec<Option<FrameId>>,
    /// The next item that has no iteration yet.
    pub(crate) next_index: u32,
    /// How many run.
    pub(crate) running: u32,
    /// How many failed.
    pub(crate) failed: u32,
    /// How many have ended, in any way.
    pub(crate) ended: u32,
    /// What the next iteration's started event follows.
    pub(crate) last_child_event: u64,
    /// The Map's items and limits; none for a Parallel.
    pub(crate) map: Option<Box<MapStateStarted>>,
    /// The Map Run of a Distributed Map.
    pub(crate) map_run: Option<Arc<str>>,
    /// How often that was redriven.
    pub(crate) map_run_redrives: u32,
}

impl Frame {
    /// A frame that is about to enter its first state.
    pub(crate) fn new(
        parent: Option<FrameId>,
        index: u32,
        start: StateId,
        input: Payload,
        variables: Variables,
        last_event: u64,
    ) -> Self {
        Self {
            parent,
            index,
            is_child_execution: false,
            item: None,
            state: start,
            input,
            variables,
            entered_event: 0,
            before_entered: 0,
            entered_at: Timestamp::default(),
            last_event,
            retries: Vec::new(),
            phase: Phase::Entering,
            children: None,
        }
    }

    /// How often the state was tried again since it was entered.
    pub(crate) fn retry_count(&self) -> u32 {
        self.retries.iter().sum()
    }

    /// How often one retrier was used since the state was entered.
    pub(crate) fn retries_of(&self, retrier: usize) -> u32 {
        self.retries.get(retrier).copied().unwrap_or_default()
    }

    pub(crate) fn count_retry(&mut self, retrier: u32) {
        // A retrier's index is bounded by the definition's size.
        let retrier = usize::try_from(retrier).unwrap_or_default().min(MAX_RETRIERS);
        if self.retries.len() <= retrier {
            self.retries.resize(retrier + 1, 0);
        }
        if let Some(count) = self.retries.get_mut(retrier) {
            *count = count.saturating_add(1);
        }
    }

    /// Whether the frame goes on without anything happening.
    pub(crate) fn is_ready(&self) -> bool {
        match &self.phase {
            Phase::Entering
            | Phase::Entered
            | Phase::Waited
            | Phase::Result(_)
            | Phase::Failing(_)
            | Phase::Ended(_) => true,
            Phase::Children => self.children.as_ref().is_some_and(|children| children.is_ready()),
            Phase::Task(open) => open.is_ready(),
            Phase::Waiting { .. }
            | Phase::Retrying { .. }
            | Phase::Closed
            | Phase::Failed
            | Phase::Aborted => false,
        }
    }

    /// The timer that the frame waits for, unless it waits for a task.
    pub(crate) fn timer(&self) -> Option<(TimerId, Timestamp)> {
        match &self.phase {
            Phase::Waiting { due } => {
                Some((TimerId { kind: TimerKind::Wait, event_id: self.entered_event }, *due))
            }
            Phase::Retrying { due } => {
                Some((TimerId { kind: TimerKind::Retry, event_id: self.last_event }, *due))
            }
            _ => None,
        }
    }

    /// Adds the effects that this frame waits for.
    pub(crate) fn open_effects(&self, now: Timestamp, effects: &mut Vec<Effect>) {
        if let Some((timer, due)) = self.timer() {
            effects.push(Effect::StartTimer { timer, due });
        }
        let Phase::Task(open) = &self.phase else { return };
        if !open.is_ready() {
            effects.push(Effect::StartTask(Arc::clone(&open.request)));
            effects.extend(open.timers(now));
        }
    }
}

impl OpenTask {
    /// A task that is not an activity starts by itself.
    pub(crate) fn is_ready(&self) -> bool {
        use crate::resource::TaskResource::Activity;
        self.stage == TaskStage::Scheduled && !matches!(self.request.resource, Activity(_))
    }

    /// The task's clocks, once it started; the heartbeat's begins at `now`.
    pub(crate) fn timers(&self, now: Timestamp) -> impl Iterator<Item = Effect> + use<> {
        let clock = |kind, since: Option<Timestamp>, seconds: Option<u64>| {
            let millis = i64::try_from(seconds?).unwrap_or(i64::MAX).saturating_mul(1_000);
            let timer = TimerId { kind, event_id: self.task.0 };
            Some(Effect::StartTimer { timer, due: since?.plus_millis(millis) })
        };
        let timeout = clock(TimerKind::TaskTimeout, self.started_at, self.request.timeout_seconds);
        let beat_since = self.started_at.map(|_| now);
        timeout.into_iter().chain(clock(TimerKind::Heartbeat, beat_since, self.request.heartbeat_seconds))
    }
}

impl Children {
    pub(crate) fn new(count: usize, started_event: u64, map: Option<Box<MapStateStarted>>) -> Self {
        Self {
            results: vec![None; count],
            frames: vec![None; count],
            next_index: 0,
            running: 0,
            failed: 0,
            ended: 0,
            last_child_event: started_event,
            map,
            map_run: None,
            map_run_redrives: 0,
        }
    }

    /// The Map's item at an index: what the iteration gets unless `ItemSelector` makes something else of it.
    pub(crate) fn item(&self, index: u32) -> Option<Payload> {
        self.item_value(index).map(Payload::new)
    }

    /// The same item as the context object tells of it.
    pub(crate) fn map_item(&self, index: u32, is_distributed: bool) -> Option<MapItem> {
        let has_keys = self.map.as_ref()?.has_keys;
        Some(MapItem::of(index, self.item_value(index)?, has_keys, is_distributed))
    }

    fn item_value(&self, index: u32) -> Option<Value> {
        let items = self.map.as_ref()?.items.value().as_array()?;
        items.get(usize::try_from(index).ok()?).cloned()
    }

    /// The open (or failed) child of an index.
    pub(crate) fn frame_of(&self, index: u32) -> Option<FrameId> {
        self.frames.get(usize::try_from(index).ok()?).copied().flatten()
    }

    pub(crate) fn opened(&mut self, index: u32, id: FrameId) {
        self.next_index = self.next_index.max(index.saturating_add(1));
        self.running += 1;
        if let Some(slot) = usize::try_from(index).ok().and_then(|index| self.frames.get_mut(index)) {
            *slot = Some(id);
        }
    }

    pub(crate) fn closed(&mut self, index: u32, output: Payload, last_event: u64) {
        self.running = self.running.saturating_sub(1);
        self.ended += 1;
        self.last_child_event = last_event;
        let Ok(index) = usize::try_from(index) else { return };
        if let Some(slot) = self.frames.get_mut(index) {
            *slot = None;
        }
        if let Some(slot) = self.results.get_mut(index) {
            *slot = Some(output);
        }
    }

    /// After a redrive: those that failed or were aborted run again.
    pub(crate) fn reopen(&mut self, event_id: u64) {
        let count = |length| u32::try_from(length).unwrap_or(u32::MAX);
        self.failed = 0;
        self.running = count(self.frames.iter().flatten().count());
        self.ended = count(self.results.iter().flatten().count());
        self.last_child_event = event_id;
    }

    /// Whether the parent can start a child or is done.
    pub(crate) fn is_ready(&self) -> bool {
        self.running == 0 || self.can_start()
    }

    /// Whether another iteration may start.
    pub(crate) fn can_start(&self) -> bool {
        let Some(map) = &self.map else { return false };
        self.next_index < map.length && (map.max_concurrency == 0 || self.running < map.max_concurrency)
    }
}
