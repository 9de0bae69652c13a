//! A shard: the executions that belong to it, one order after another for each, many side by side.

mod commit;
mod decide;
mod effects;
mod live;
mod load;
mod message;
mod observe;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use stepward_asl::{Command, Effect, TimerId, TimerKind};
use stepward_types::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::Sleep;
use crate::shared::Shared;
use crate::timers::Timers;
use commit::Batch;
use live::{Live, SLEEP_MS_MIN};

pub(crate) use live::{WAKE_AHEAD_MS, info};
pub(crate) use load::each_event;
use message::Loaded;
pub(crate) use message::{Ask, Message, Notice, Order, Refused, Start, Unanswered};

/// How many messages of each kind are taken before their decisions are committed.
const MESSAGES_MAX: usize = 256;
/// How many commits of a shard are on their way at the same time, and of how many bytes before no more is decided.
const COMMITS_MAX: usize = 16;
const COMMIT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long to wait before an execution that could not be read is read again.
const LOAD_AGAIN_MS: i64 = 5_000;

pub(crate) struct Shard {
    shared: Arc<Shared>,
    api: mpsc::UnboundedReceiver<Message>,
    own: mpsc::UnboundedReceiver<Message>,
    notices: mpsc::UnboundedReceiver<Notice>,
    runs: HashMap<i64, Live>,
    /// What waits for executions that are being folded.
    loading: HashMap<i64, Vec<Ask>>,
    timers: Timers<(i64, TimerId)>,
    batch: Batch,
    /// How many commits are on their way, and their bytes.
    commits: usize,
    commit_bytes: usize,
    closing: Option<oneshot::Sender<()>>,
    /// Whether a decision of this turn took as long as one may.
    has_long_decided: bool,
    /// When all executions in memory were looked at last for their deadlines.
    limited: Timestamp,
}

impl Shard {
    pub(crate) fn new(
        shared: Arc<Shared>,
        api: mpsc::UnboundedReceiver<Message>,
        own: mpsc::UnboundedReceiver<Message>,
        notices: mpsc::UnboundedReceiver<Notice>,
    ) -> Self {
        Self {
            shared,
            api,
            own,
            notices,
            runs: HashMap::new(),
            loading: HashMap::new(),
            timers: Timers::default(),
            batch: Batch::default(),
            commits: 0,
            commit_bytes: 0,
            closing: None,
            has_long_decided: false,
            limited: Timestamp::from_millis(0),
        }
    }

    /// Runs until the engine is dropped, or closed and all is durable.
    pub(crate) async fn run(mut self) {
        let mut alarm: (Option<Timestamp>, Sleep) = (None, Box::pin(std::future::pending()));
        while self.closing.is_none() || self.commits > 0 || !self.batch.is_empty() {
            let due = self.next_alarm();
            if due != alarm.0 {
                alarm = (due, self.sleep_until(due));
            }
            let has_room = self.has_room();
            tokio::select! {
                Some(notice) = self.notices.recv() => self.note(notice),
                Some(message) = self.own.recv(), if has_room => self.take(message),
                Some(message) = self.api.recv(), if has_room => self.take(message),
                () = &mut alarm.1, if has_room => alarm = (None, self.sleep_until(None)),
            }
            self.take_waiting();
            if self.has_room() {
                self.fire();
            }
            self.flush();
            if std::mem::take(&mut self.has_long_decided) {
                // Whoever else runs on this thread has a turn, too.
                tokio::task::yield_now().await;
            }
        }
        if let Some(closing) = self.closing.take() {
            let _ = closing.send(());
        }
    }

    /// Whether more may be decided: neither too much is on its way to the disk, nor is the shard to close.
    fn has_room(&self) -> bool {
        self.commits < COMMITS_MAX && self.commit_bytes < COMMIT_BYTES_MAX && self.closing.is_none()
    }

    /// When there is something to do even if nobody says anything.
    fn next_alarm(&self) -> Option<Timestamp> {
        let look = (!self.runs.is_empty()).then(|| self.limited.plus_millis(SLEEP_MS_MIN / 2));
        [self.timers.next(), look].into_iter().flatten().min()
    }

    fn sleep_until(&self, due: Option<Timestamp>) -> Sleep {
        due.map_or_else(
            || Box::pin(std::future::pending()) as Sleep,
            |due| self.shared.clock.sleep_until(due),
        )
    }

    /// Takes what else is there, so that one commit serves all of it. What an execution tells itself meanwhile is for
    /// the next turn: one that never rests leaves room for the others.
    fn take_waiting(&mut self) {
        let mut own_left = self.own.len();
        for _ in 0..MESSAGES_MAX {
            let notice = self.notices.try_recv().ok();
            let is_quiet = notice.is_none();
            notice.into_iter().for_each(|notice| self.note(notice));
            let has_room = self.has_room();
            let own = if has_room && own_left > 0 { self.own.try_recv().ok() } else { None };
            own_left = own_left.saturating_sub(1);
            let api = if has_room { self.api.try_recv().ok() } else { None };
            if is_quiet && own.is_none() && api.is_none() {
                break;
            }
            own.into_iter().chain(api).for_each(|message| self.take(message));
        }
    }

    fn take(&mut self, message: Message) {
        self.has_long_decided |= message.goes_on();
        match message {
            Message::Start(start) => self.start(*start),
            Message::Ask(ask) => self.ask(ask),
        }
    }

    fn note(&mut self, notice: Notice) {
        match notice {
            Notice::Written(written) => self.written(written),
            // What it says has happened, or will have: it is found out again when the engine opens.
            _ if self.closing.is_some() => {}
            Notice::Wake(id, permit) => {
                if !self.runs.contains_key(&id) && !self.loading.contains_key(&id) {
                    self.load(id, Some(permit));
                }
            }
            Notice::Loaded(id, loaded) => self.loaded(id, loaded),
            Notice::Close(closed) => self.closing = Some(closed),
        }
    }

    fn ask(&mut self, ask: Ask) {
        let id = ask.execution;
        match self.runs.get_mut(&id) {
            Some(live) if !live.may_decide() => live.waiting.push_back(ask),
            Some(_) => {
                self.order(ask);
                self.go_on(id);
            }
            // A task that was handed over is no reason to wake its execution up.
            None if matches!(ask.order, Order::Waits(_)) => {}
            None => match self.loading.entry(id) {
                Entry::Occupied(mut waiting) => waiting.get_mut().push(ask),
                Entry::Vacant(_) => {
                    self.load(id, None);
                    self.loading.entry(id).or_default().push(ask);
                }
            },
        }
    }

    fn load(&mut self, id: i64, permit: Option<tokio::sync::OwnedSemaphorePermit>) {
        self.loading.insert(id, Vec::new());
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let loaded = load::load(&shared, id).await;
            shared.notify(id, Notice::Loaded(id, loaded));
            drop(permit);
        });
    }

    fn loaded(&mut self, id: i64, loaded: Loaded) {
        let asks = self.loading.remove(&id).unwrap_or_default();
        match loaded {
            Loaded::Run(live) => {
                let now = self.shared.clock.now();
                let effects = live.run.open_effects(&live.machine.machine, now);
                let live = self.runs.entry(id).or_insert(*live);
                live.waiting.extend(asks);
                effects.into_iter().for_each(|effect| self.carry_out(id, effect));
                self.limit(id, now);
                self.go_on(id);
            }
            Loaded::Missing => asks.into_iter().for_each(|ask| ask.refuse(Unanswered::Closed)),
            Loaded::Failed(fault) => {
                tracing::error!(execution = id, %fault, source = ?std::error::Error::source(&fault), "an execution cannot be read");
                asks.into_iter()
                    .for_each(|ask| ask.refuse(Unanswered::Fault(crate::Fault::new("it cannot be read"))));
                self.load_again(id);
            }
        }
    }

    /// Tries again later: what the execution waits for must not be forgotten.
    fn load_again(&self, id: i64) {
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            shared.clock.sleep_until(shared.clock.now().plus_millis(LOAD_AGAIN_MS)).await;
            if let Ok(permit) = Arc::clone(&shared.loads).acquire_owned().await {
                shared.notify(id, Notice::Wake(id, permit));
            }
        });
    }

    /// Does what came while the execution was committing, as much as one commit takes; then lets it sleep or go.
    fn go_on(&mut self, id: i64) {
        loop {
            let Some(live) = self.runs.get_mut(&id) else { return };
            if !live.may_decide() {
                return;
            }
            match live.waiting.pop_front() {
                Some(ask) => self.order(ask),
                None => break,
            }
        }
        let now = self.shared.clock.now();
        if self.runs.get(&id).is_some_and(|live| live.may_leave(now))
            && let Some(live) = self.runs.remove(&id)
        {
            live.leave();
        }
    }

    /// Sees to it that the execution does not outlive what AWS allows. A Standard execution that may go on for longer
    /// than the waker looks ahead comes by here again when it is due.
    fn limit(&mut self, id: i64, now: Timestamp) {
        let Some(live) = self.runs.get_mut(&id) else { return };
        let deadline = live.deadline();
        let is_near = live.is_express() || deadline.millis() < now.millis().saturating_add(SLEEP_MS_MIN);
        let timer = TimerId { kind: TimerKind::Execution, event_id: 0 };
        if !live.is_closed() && is_near && live.timers.get(&timer).is_none_or(|due| *due > deadline) {
            live.timers.insert(timer, deadline);
            self.timers.set(deadline, (id, timer));
        }
    }

    fn carry_out(&mut self, id: i64, effect: Effect) {
        let Some(live) = self.runs.get_mut(&id) else { return };
        if let Effect::StartTimer { timer, due } = &effect {
            self.timers.set(*due, (id, *timer));
        }
        effects::carry_out(&self.shared, live, effect);
    }

    /// Tells the executions whose timers are due.
    fn fire(&mut self) {
        let now = self.shared.clock.now();
        if now >= self.limited.plus_millis(SLEEP_MS_MIN / 2) {
            self.limited = now;
            let mut awake: Vec<i64> = self.runs.keys().copied().collect();
            awake.sort_unstable();
            awake.into_iter().for_each(|id| self.limit(id, now));
        }
        if self.timers.is_crowded() {
            let runs = &self.runs;
            self.timers
                .sweep(|due, (id, timer)| runs.get(id).and_then(|live| live.timers.get(timer)) == Some(&due));
        }
        for _ in 0..MESSAGES_MAX {
            let Some((id, timer)) = self.timers.pop_due(now) else { return };
            // A timer that was cancelled, or starts anew later, is not this one.
            let is_due =
                self.runs.get(&id).and_then(|live| live.timers.get(&timer)).is_some_and(|due| *due <= now);
            if is_due {
                self.ask(Ask::command(id, Command::TimerFired { timer }));
            }
        }
    }
}

impl Drop for Shard {
    /// Nobody works for an execution that is not in memory.
    fn drop(&mut self) {
        let runs: Vec<_> = self.runs.drain().collect();
        runs.into_iter().for_each(|(_, live)| live.leave());
    }
}
