//! A decision in the making: the one place that gives event ids and keeps events, effects and what is ready.

use std::collections::VecDeque;

use stepward_types::Timestamp;

use crate::decide::Decided;
use crate::effect::{Effect, TimerId};
use crate::event::{Bookkeeping, ErrorDetails, Event, HistoryEvent, HistoryEventBody};
use crate::evolve::evolve;
use crate::machine::{Machine, MachineType, State};
use crate::run::{CHILD_EVENT_ID, Frame, FrameId, Phase, Run, RunStatus, Seed};

/// The last event of a history that grew too long is its end (AWS quota: 25,000 events, hard; Standard only).
const HISTORY_EVENTS_MAX: u64 = 25_000;

/// A bound on what the child executions of Distributed Maps record together. AWS: each has a history of its own.
const CHILD_EVENTS_MAX: u64 = 1_000_000;

/// A decision in the making.
pub(crate) struct Step<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) run: &'a mut Run,
    pub(crate) now: Timestamp,
    pub(crate) seed: Seed,
    events: Vec<Event>,
    effects: Vec<Effect>,
    /// Frames that can go on, first come, first served.
    ready: VecDeque<FrameId>,
    /// Whether the history is full.
    is_full: bool,
    /// Randomness of queries and retries; tokens use other bytes of the seed.
    pub(crate) random: stepward_query::Seed,
    /// The context object, where a test gives one.
    pub(crate) given_context: Option<serde_json::Value>,
}

impl<'a> Step<'a> {
    pub(crate) fn new(machine: &'a Machine, run: &'a mut Run, now: Timestamp, seed: Seed) -> Self {
        let (events, effects, ready) = (Vec::new(), Vec::new(), VecDeque::new());
        let random = stepward_query::Seed::new(seed.for_queries());
        Self { machine, run, now, seed, events, effects, ready, is_full: false, random, given_context: None }
    }

    pub(crate) fn finish(self) -> Decided {
        Decided { events: self.events, effects: self.effects }
    }

    /// Records an event that follows the frame's last one.
    pub(crate) fn record(&mut self, frame: FrameId, body: HistoryEventBody) -> u64 {
        let previous = self.run.frame(frame).map(|frame| frame.last_event).unwrap_or_default();
        self.record_after(frame, previous, body)
    }

    /// Records an event that follows the given one. The id of the event, or 0 if the history is full.
    pub(crate) fn record_after(&mut self, frame: FrameId, previous: u64, body: HistoryEventBody) -> u64 {
        let is_child = self.is_in_child_execution(frame) || self.starts_child_execution(frame, &body);
        let is_last = if is_child { self.is_last_child_event() } else { self.is_last_event() };
        if self.is_full || (is_last && !body.is_end()) {
            self.is_full = true;
            return 0;
        }
        let id = if is_child { self.next_child_event_id() } else { self.run.event_count + 1 };
        let event = HistoryEvent { id, previous_event_id: previous, timestamp: self.now, frame, body };
        let event = if is_child { Event::Child(event) } else { Event::History(event) };
        evolve(self.machine, self.run, &event);
        self.events.push(event);
        id
    }

    /// The id that the frame's next event will have.
    pub(crate) fn next_event_id(&self, frame: FrameId) -> u64 {
        if self.is_in_child_execution(frame) { self.next_child_event_id() } else { self.run.event_count + 1 }
    }

    fn next_child_event_id(&self) -> u64 {
        CHILD_EVENT_ID + self.run.child_event_count + 1
    }

    fn is_in_child_execution(&self, frame: FrameId) -> bool {
        self.run.frame(frame).is_some_and(|frame| frame.is_child_execution)
    }

    /// An iteration of a Distributed Map is an execution of its own.
    fn starts_child_execution(&self, frame: FrameId, body: &HistoryEventBody) -> bool {
        matches!(body, HistoryEventBody::MapIterationStarted { .. })
            && self.state(frame).is_some_and(State::is_distributed_map)
    }

    fn is_last_child_event(&self) -> bool {
        self.run.child_event_count >= CHILD_EVENTS_MAX
    }

    fn is_last_event(&self) -> bool {
        self.run.event_count + 1 >= HISTORY_EVENTS_MAX && self.machine.machine_type == MachineType::Standard
    }

    /// Ends the execution if its history is full.
    pub(crate) fn end_if_full(&mut self) {
        if !self.is_full || self.run.status != RunStatus::Running {
            return;
        }
        self.is_full = false;
        let cause =
            format!("The execution reached the maximum number of history events ({HISTORY_EVENTS_MAX}).");
        let error = ErrorDetails { error: Some("States.Runtime".to_owned()), cause: Some(cause) };
        let previous = self.run.frame(FrameId::ROOT).map(|root| root.last_event).unwrap_or_default();
        self.end(previous, HistoryEventBody::ExecutionFailed(error));
    }

    /// Records bookkeeping.
    pub(crate) fn note(&mut self, bookkeeping: Bookkeeping) {
        if self.is_full {
            return;
        }
        let event = Event::Private(bookkeeping);
        evolve(self.machine, self.run, &event);
        self.events.push(event);
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The frame can go on.
    pub(crate) fn wake(&mut self, frame: FrameId) {
        self.ready.push_back(frame);
    }

    /// Every frame that can go on, beginning at a different one each time.
    pub(crate) fn wake_all(&mut self) {
        let all: Vec<FrameId> =
            self.run.frames().filter(|(_, frame)| frame.is_ready()).map(|(id, _)| id).collect();
        self.ready.extend(all);
        if let Ok(length @ 1..) = u64::try_from(self.ready.len()) {
            let turn = usize::try_from(self.run.event_count % length).unwrap_or_default();
            self.ready.rotate_left(turn);
        }
    }

    pub(crate) fn next_ready(&mut self) -> Option<FrameId> {
        self.ready.pop_front()
    }

    /// A number from 0 up to 1.
    pub(crate) fn random(&self) -> f64 {
        self.random.fraction()
    }

    pub(crate) fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.run.frame(id)
    }

    /// The state that a frame is in.
    pub(crate) fn state(&self, id: FrameId) -> Option<&'a State> {
        self.machine.state(self.run.frame(id)?.state)
    }

    /// Ends the execution: cancels what is open, records the end.
    pub(crate) fn end(&mut self, previous: u64, body: HistoryEventBody) {
        let open: Vec<FrameId> = self.run.frames().map(|(id, _)| id).collect();
        for id in open {
            self.cancel(id);
        }
        if self.machine.time_limit_seconds().is_some() {
            self.effect(Effect::CancelTimer(TimerId::EXECUTION));
        }
        self.ready.clear();
        self.record_after(FrameId::ROOT, previous, body);
        if let Some(end) = self.run.end() {
            self.effect(Effect::Finish(end));
        }
    }

    /// Cancels the task and the timers that a frame waits for.
    pub(crate) fn cancel(&mut self, id: FrameId) {
        let Some(frame) = self.run.frame(id) else { return };
        let timer = frame.timer().map(|(timer, _)| timer);
        let task = match &frame.phase {
            Phase::Task(open) if !open.is_ready() => Some((open.task, open.timers(self.now))),
            _ => None,
        };
        self.effects.extend(timer.map(Effect::CancelTimer));
        if let Some((task, timers)) = task {
            self.effects.push(Effect::CancelTask(task));
            self.cancel_timers(timers);
        }
    }

    /// Cancels timers, given as the effects that started them.
    pub(crate) fn cancel_timers(&mut self, timers: impl Iterator<Item = Effect>) {
        self.effects.extend(timers.filter_map(|effect| match effect {
            Effect::StartTimer { timer, .. } => Some(Effect::CancelTimer(timer)),
            _ => None,
        }));
    }
}
