//! An execution in memory: frames in an arena, and nothing that its events do not tell.
//!
//! A run changes through [`crate::evolve`] only. It holds no clock, no handle and no connection, so it can be dropped
//! at any time and folded again from its events.

mod frame;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stepward_query::Payload;
use stepward_types::Timestamp;

use crate::effect::{Effect, ExecutionEnd, TaskId, TaskRequest, TimerId};
use crate::event::ErrorDetails;
use crate::machine::Machine;

pub(crate) use frame::{Children, Frame, MapItem, OpenTask, Phase, TaskStage};

/// Unguessable bytes, new for each decision: all that a decision may use as randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// The part that workflows may see traces of, in UUIDs and random numbers.
    pub(crate) fn for_queries(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// The part that nobody sees.
    pub(crate) fn for_tokens(&self) -> &[u8] {
        self.0.get(8..).unwrap_or_default()
    }
}

/// A frame's slot in its run's arena. Slots of ended branches and iterations are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameId(pub(crate) u32);

impl FrameId {
    /// The frame of the machine's own states.
    pub(crate) const ROOT: Self = Self(0);
}

/// Where an execution stands (AWS: ExecutionStatus, without `PENDING_REDRIVE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RunStatus {
    /// Open; also before [`crate::Command::Start`].
    Running,
    /// Ended with an output.
    Succeeded,
    /// Ended by a failure that nothing caught.
    Failed,
    /// Ended by the machine's `TimeoutSeconds`, or by a Fail of `States.Timeout`.
    TimedOut,
    /// Ended by `StopExecution`.
    Aborted,
}

impl RunStatus {
    /// The API's word: `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }
}

/// What a run knows of its execution from outside; the same at every fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionInfo {
    /// `$$.Execution.Id`.
    pub execution_arn: Arc<str>,
    /// `$$.Execution.Name`.
    pub execution_name: Arc<str>,
    /// `$$.Execution.RoleArn`.
    pub role_arn: Arc<str>,
    /// `$$.StateMachine.Id`: without version or alias.
    pub state_machine_arn: Arc<str>,
    /// `$$.StateMachine.Name`.
    pub state_machine_name: Arc<str>,
    /// Shown in `ExecutionStarted` if the execution was started by an alias.
    pub state_machine_alias_arn: Option<Arc<str>>,
    /// Shown in `ExecutionStarted` if the execution runs a version.
    pub state_machine_version_arn: Option<Arc<str>>,
    /// The Region that `TaskScheduled` shows.
    pub region: Arc<str>,
}

/// The ids of child executions' events begin here: no history of its own gets so far.
pub(crate) const CHILD_EVENT_ID: u64 = 1 << 40;

/// An execution in memory.
#[derive(Clone, Debug)]
pub struct Run {
    pub(crate) info: Arc<ExecutionInfo>,
    pub(crate) status: RunStatus,
    pub(crate) input: Option<Payload>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) output: Option<Payload>,
    pub(crate) error: ErrorDetails,
    pub(crate) event_count: u64,
    /// How many events of child executions there are.
    pub(crate) child_event_count: u64,
    pub(crate) redrive_count: u32,
    pub(crate) redriven_at: Option<Timestamp>,
    pub(crate) frames: Vec<Option<Frame>>,
    pub(crate) free: Vec<FrameId>,
    pub(crate) tasks: BTreeMap<TaskId, FrameId>,
}

impl Run {
    /// A run without events: give it [`crate::Command::Start`], or fold its recorded events with [`crate::evolve`].
    pub fn new(info: ExecutionInfo) -> Self {
        Self {
            info: Arc::new(info),
            status: RunStatus::Running,
            input: None,
            started_at: None,
            ended_at: None,
            output: None,
            error: ErrorDetails::default(),
            event_count: 0,
            child_event_count: 0,
            redrive_count: 0,
            redriven_at: None,
            frames: Vec::new(),
            free: Vec::new(),
            tasks: BTreeMap::new(),
        }
    }

    /// What was known from outside.
    pub fn info(&self) -> &ExecutionInfo {
        &self.info
    }

    /// Where the execution stands.
    pub fn status(&self) -> RunStatus {
        self.status
    }

    /// The input, once started.
    pub fn input(&self) -> Option<&Payload> {
        self.input.as_ref()
    }

    /// The output, once succeeded.
    pub fn output(&self) -> Option<&Payload> {
        self.output.as_ref()
    }

    /// The error, once failed, timed out or aborted.
    pub fn error(&self) -> Option<&str> {
        self.error.error.as_deref()
    }

    /// The cause, once failed, timed out or aborted.
    pub fn cause(&self) -> Option<&str> {
        self.error.cause.as_deref()
    }

    /// How many history events there are; the last one's id.
    pub fn event_count(&self) -> u64 {
        self.event_count
    }

    /// When it started.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// When it ended, if it has.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at
    }

    /// How often it was redriven.
    pub fn redrive_count(&self) -> u32 {
        self.redrive_count
    }

    /// When it was redriven last.
    pub fn redriven_at(&self) -> Option<Timestamp> {
        self.redriven_at
    }

    /// How it ended, once it has.
    pub fn end(&self) -> Option<ExecutionEnd> {
        let at = self.ended_at.filter(|_| self.status != RunStatus::Running)?;
        Some(ExecutionEnd {
            status: self.status,
            output: self.output.clone(),
            error: self.error.error.clone(),
            cause: self.error.cause.clone(),
            at,
        })
    }

    /// The request of an open task, with its token: for the check of a token that came back.
    pub fn task(&self, task: TaskId) -> Option<Arc<TaskRequest>> {
        self.open_task(task).map(|open| Arc::clone(&open.request))
    }

    /// Whether the open task's request was accepted (it waits for its job or its token).
    pub fn is_submitted(&self, task: TaskId) -> bool {
        self.open_task(task).is_some_and(|open| open.stage == TaskStage::Submitted)
    }

    /// What the job of the open task was submitted with, once it was.
    pub fn submission(&self, task: TaskId) -> Option<Payload> {
        self.open_task(task)?.submission.clone()
    }

    /// Whether the open task has started: of an activity, whether a worker took it.
    pub fn is_started(&self, task: TaskId) -> bool {
        self.open_task(task).is_some_and(|open| open.stage != TaskStage::Scheduled)
    }

    pub(crate) fn open_task(&self, task: TaskId) -> Option<&OpenTask> {
        let frame = self.frame(*self.tasks.get(&task)?)?;
        match &frame.phase {
            Phase::Task(open) => Some(open),
            _ => None,
        }
    }

    /// The request of the task that a frame waits for.
    pub(crate) fn request_of(&self, id: FrameId) -> Option<Arc<TaskRequest>> {
        match &self.frame(id)?.phase {
            Phase::Task(open) => Some(Arc::clone(&open.request)),
            _ => None,
        }
    }

    /// The Map Run of the state that a frame is in.
    pub(crate) fn map_run_of(&self, id: FrameId) -> Option<&Arc<str>> {
        self.frame(id)?.children.as_ref()?.map_run.as_ref()
    }

    /// The frame whose state has the Map Run.
    pub(crate) fn frame_of_map_run(&self, arn: &str) -> Option<FrameId> {
        let has_it = |id: FrameId| self.map_run_of(id).is_some_and(|known| &**known == arn);
        self.frames().map(|(id, _)| id).find(|id| has_it(*id))
    }

    pub(crate) fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(usize::try_from(id.0).ok()?)?.as_ref()
    }

    pub(crate) fn frame_mut(&mut self, id: FrameId) -> Option<&mut Frame> {
        self.frames.get_mut(usize::try_from(id.0).ok()?)?.as_mut()
    }

    /// Puts a frame into a free slot.
    pub(crate) fn place(&mut self, frame: Frame) -> FrameId {
        let free = self.free.pop().and_then(|id| Some((id, usize::try_from(id.0).ok()?)));
        if let Some((id, slot)) = free.and_then(|(id, slot)| Some((id, self.frames.get_mut(slot)?))) {
            *slot = Some(frame);
            return id;
        }
        let id = FrameId(u32::try_from(self.frames.len()).unwrap_or(u32::MAX));
        self.frames.push(Some(frame));
        id
    }

    /// The frames that are in use, in the order of their slots.
    pub(crate) fn frames(&self) -> impl Iterator<Item = (FrameId, &Frame)> {
        (0_u32..).zip(&self.frames).filter_map(|(id, frame)| Some((FrameId(id), frame.as_ref()?)))
    }

    /// The branches and iterations that a frame is in, the outermost first: the name of the Parallel or Map state, and
    /// which branch or item.
    pub fn trail<'a>(&self, machine: &'a Machine, frame: FrameId) -> Vec<(&'a str, u32)> {
        let mut trail = Vec::new();
        let mut frame = self.frame(frame);
        while let Some((index, parent)) =
            frame.and_then(|frame| Some((frame.index, self.frame(frame.parent?)?)))
        {
            trail.push((machine.state(parent.state).map(|state| &*state.name).unwrap_or_default(), index));
            frame = Some(parent);
        }
        trail.reverse();
        trail
    }

    /// The effects that have no recorded outcome: what a recovered run needs carried out again.
    /// Heartbeat clocks start anew at `now`: nobody could be heard while nobody listened.
    pub fn open_effects(&self, machine: &Machine, now: Timestamp) -> Vec<Effect> {
        if self.status != RunStatus::Running || self.started_at.is_none() {
            return Vec::new();
        }
        let mut effects: Vec<Effect> = self.execution_timer(machine).into_iter().collect();
        let mut is_ready = false;
        for (_, frame) in self.frames() {
            is_ready |= frame.is_ready();
            frame.open_effects(now, &mut effects);
        }
        if is_ready {
            effects.push(Effect::Continue);
        }
        effects
    }

    pub(crate) fn execution_timer(&self, machine: &Machine) -> Option<Effect> {
        let since = self.redriven_at.or(self.started_at)?;
        let seconds = i64::try_from(machine.time_limit_seconds()?).unwrap_or(i64::MAX);
        let due = since.plus_millis(seconds.saturating_mul(1_000));
        Some(Effect::StartTimer { timer: TimerId::EXECUTION, due })
    }
}
