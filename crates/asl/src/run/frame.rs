//! One line of states: the machine's own, a branch of a Parallel, an iteration of a Map.

use std::sync::Arc;

use stepward_query::{Payload, Variables};
use stepward_types::Timestamp;

use super::FrameId;
use crate::effect::{Effect, TaskId, TaskRequest, TimerId, TimerKind};
use crate::event::MapStateStarted;
use crate::failure::Failure;
use crate::machine::StateId;

/// One line of states.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The frame whose Parallel or Map state this one belongs to.
    pub(crate) parent: Option<FrameId>,
    /// Which branch or item of the parent.
    pub(crate) index: u32,
    /// The Map item, for the context object.
    pub(crate) item: Option<Payload>,
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
}

impl Frame {
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
