//! An execution in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use stepward_asl::{
    Command, Decided, Effect, ExecutionInfo, Pattern, Run, RunStatus, Seed, TaskId, TaskResource, TimerId,
    TimerKind, decide,
};
use stepward_store::ExecutionUpdate;
use stepward_types::Timestamp;
use subtle::ConstantTimeEq as _;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::message::{Ask, Order, Unanswered};
use crate::error::Fault;
use crate::machines::CheckedMachine;
use crate::record::{Record, not_redrivable, redrive_status};
use crate::room::Place;
use crate::{Clock, ExecutionDescription, ExecutionStatus};

/// An execution that waits longer than this sleeps on disk.
pub(crate) const SLEEP_MS_MIN: i64 = 60_000;
/// How many decisions of one execution are written together: others of its shard have their turn between.
pub(crate) const DECISIONS_MAX: usize = 64;
/// How far ahead the waker looks: an execution that sleeps is due later than that.
pub(crate) const WAKE_AHEAD_MS: i64 = SLEEP_MS_MIN / 2;
/// AWS: a Standard execution lasts a year at most, an Express execution five minutes.
const STANDARD_MS_MAX: i64 = 31_536_000_000;
const EXPRESS_MS_MAX: i64 = 300_000;

pub(crate) struct Live {
    pub(crate) id: i64,
    pub(crate) arn: String,
    pub(crate) machine: Arc<CheckedMachine>,
    pub(crate) record: Record,
    pub(crate) started: Timestamp,
    pub(crate) run: Run,
    /// What its row in the store says once the current commit is done.
    pub(crate) status: ExecutionStatus,
    pub(crate) wake_ms: Option<i64>,
    pub(crate) journal: Journal,
    /// What happened while it could not be decided.
    pub(crate) waiting: VecDeque<Ask>,
    /// Tokens that came back before the task that gave them out was done with it.
    pub(crate) early: Vec<Ask>,
    /// Tasks that are being performed right now.
    pub(crate) performing: HashMap<TaskId, AbortHandle>,
    pub(crate) timers: HashMap<TimerId, Timestamp>,
    pub(crate) ended: Option<oneshot::Sender<ExecutionDescription>>,
    /// Its place among the Express executions that run.
    pub(crate) open: Option<Place>,
}

/// Where the last decisions of an execution are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Journal {
    /// On the disk.
    Settled,
    /// In the shard's batch: so many, at this place of it. What happens before the batch leaves joins them.
    Gathering { decisions: usize, place: usize },
    /// On their way to the disk: what happens meanwhile waits.
    Committing,
}

/// What an order comes to.
pub(crate) enum Taken {
    Decide(Command),
    /// It was done before, then.
    Done(Timestamp),
    Nothing,
    /// Its time has not come.
    Early(Order),
}

impl Live {
    pub(crate) fn new(
        id: i64,
        arn: String,
        machine: Arc<CheckedMachine>,
        record: Record,
        started: Timestamp,
    ) -> Self {
        let run = Run::new(info(&arn, &machine, &record));
        Self {
            id,
            arn,
            machine,
            record,
            started,
            run,
            status: ExecutionStatus::Running,
            wake_ms: None,
            journal: Journal::Settled,
            waiting: VecDeque::new(),
            early: Vec::new(),
            performing: HashMap::new(),
            timers: HashMap::new(),
            ended: None,
            open: None,
        }
    }

    pub(crate) fn account(&self) -> &str {
        self.machine.snapshot.account()
    }

    pub(crate) fn is_express(&self) -> bool {
        self.machine.snapshot.is_express
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.run.status() != RunStatus::Running
    }

    /// When it times out, whatever its definition says.
    pub(crate) fn deadline(&self) -> Timestamp {
        let since = self.run.redriven_at().unwrap_or(self.started);
        since.plus_millis(if self.is_express() { EXPRESS_MS_MAX } else { STANDARD_MS_MAX })
    }

    /// What is to be decided when this is ordered now.
    pub(crate) fn take(&mut self, order: Order, now: Timestamp) -> Result<Taken, Unanswered> {
        if let Order::Redrive(client_token) = order {
            return self.redrive(client_token, now);
        }
        if self.is_closed() {
            return Err(Unanswered::Closed);
        }
        match order {
            Order::Command(command) => Ok(Taken::Decide(self.command(command))),
            Order::WithToken { task, token, command } => self.with_token(task, token, command),
            Order::Waits(task) => {
                self.performing.remove(&task);
                self.release_early();
                Ok(Taken::Nothing)
            }
            Order::Redrive(_) => Ok(Taken::Nothing),
        }
    }

    fn command(&mut self, command: Command) -> Command {
        match &command {
            Command::TaskEnded { task, .. } => {
                self.performing.remove(task);
                self.release_early();
            }
            Command::TaskSubmitted { task, .. } if self.ends_by_token(*task) => {
                // All that could be done for it is done: it may sleep until the token comes.
                self.performing.remove(task);
                self.release_early();
            }
            Command::TimerFired { timer } => drop(self.timers.remove(timer)),
            _ => {}
        }
        command
    }

    fn ends_by_token(&self, task: TaskId) -> bool {
        self.run.task(task).is_some_and(|request| request.resource.pattern() == Pattern::WaitForTaskToken)
    }

    fn release_early(&mut self) {
        self.waiting.extend(self.early.drain(..));
    }

    fn with_token(&mut self, task: TaskId, token: Arc<str>, command: Command) -> Result<Taken, Unanswered> {
        let request = self.run.task(task).ok_or(Unanswered::NoTask)?;
        let is_right = request
            .token
            .as_ref()
            .is_some_and(|expected| bool::from(expected.as_bytes().ct_eq(token.as_bytes())));
        if !is_right {
            return Err(Unanswered::NoTask);
        }
        // AWS: TaskSubmitted comes before the outcome, however fast the holder of the token is.
        if self.performing.contains_key(&task) {
            return Ok(Taken::Early(Order::WithToken { task, token, command }));
        }
        Ok(Taken::Decide(command))
    }

    fn redrive(&mut self, client_token: Option<String>, now: Timestamp) -> Result<Taken, Unanswered> {
        if let Some(before) = client_token.as_ref().and_then(|token| self.record.redriven_by(token, now)) {
            return Ok(Taken::Done(before));
        }
        match not_redrivable(self.status, self.run.ended_at(), now) {
            Some(reason) => Err(Unanswered::NotRedrivable(reason)),
            None => {
                self.record.redrive(client_token, now);
                Ok(Taken::Decide(Command::Redrive))
            }
        }
    }

    /// Leaves memory; nobody works for it any more.
    pub(crate) fn leave(self) {
        for ask in self.early {
            ask.refuse(Unanswered::Closed);
        }
        // The order in which work nobody waits for is dropped does not matter.
        let mut performing: Vec<_> = self.performing.into_iter().collect();
        performing.drain(..).for_each(|(_, task)| task.abort());
    }

    /// Whether what happens to it can be decided now.
    pub(crate) fn may_decide(&self) -> bool {
        match self.journal {
            Journal::Settled => true,
            Journal::Gathering { decisions, .. } => decisions < DECISIONS_MAX && !self.is_closed(),
            Journal::Committing => false,
        }
    }

    /// Whether it may leave memory: it is closed, or its row says when to bring it back; and all of it is on the disk.
    pub(crate) fn may_leave(&self, now: Timestamp) -> bool {
        self.journal == Journal::Settled && (self.is_closed() || self.is_asleep(now))
    }

    /// Whether its row says when to bring it back, and nobody works for it now.
    fn is_asleep(&self, now: Timestamp) -> bool {
        let is_quiet = self.waiting.is_empty() && self.performing.is_empty();
        is_quiet && self.wake_ms.is_some_and(|wake| wake > now.millis().saturating_add(WAKE_AHEAD_MS))
    }

    /// Decides a command.
    pub(crate) fn decide(&mut self, command: Command, now: Timestamp, clock: &dyn Clock) -> Decided {
        decide(&self.machine.machine, &mut self.run, command, now, Seed(clock.random()))
    }

    /// Until when an execution sleeps that does nothing but wait; `None` when it does more, or not for long.
    pub(crate) fn sleeps_until(&self, now: Timestamp) -> Option<i64> {
        if !self.performing.is_empty() || !self.waiting.is_empty() || self.is_closed() {
            return None;
        }
        let mut wake = self.deadline().millis();
        for effect in self.run.open_effects(&self.machine.machine, now) {
            match effect {
                // A heartbeat's clock is kept in memory only.
                Effect::StartTimer { timer, .. } if timer.kind == TimerKind::Heartbeat => return None,
                Effect::StartTimer { due, .. } => wake = wake.min(due.millis()),
                Effect::StartTask(request) if self.is_handed_over(request.task) => {}
                _ => return None,
            }
        }
        (wake > now.millis().saturating_add(SLEEP_MS_MIN)).then_some(wake)
    }

    /// Whether all that is left of a task is that the holder of its token sends it.
    pub(crate) fn is_handed_over(&self, task: TaskId) -> bool {
        let Some(request) = self.run.task(task) else { return false };
        let is_taken = matches!(request.resource, TaskResource::Activity(_)) && self.run.is_started(task);
        request.token.is_some() && (self.run.is_submitted(task) || is_taken)
    }

    /// What the row says after this decision; `None` when it says that already.
    pub(crate) fn update(&mut self, wake_ms: Option<i64>) -> Result<Option<ExecutionUpdate>, Fault> {
        let status = status_of(self.run.status());
        if status == self.status && wake_ms == self.wake_ms {
            return Ok(None);
        }
        let is_changed = status != self.status;
        (self.status, self.wake_ms) = (status, wake_ms);
        if is_changed {
            self.record.end(&self.run);
        }
        let record = is_changed.then(|| self.record.bytes()).transpose()?;
        let stopped_ms = self.run.ended_at().filter(|_| self.is_closed()).map(Timestamp::millis);
        Ok(Some(ExecutionUpdate { status: status.as_str(), stopped_ms, wake_ms, record }))
    }

    /// What the API would tell of it.
    pub(crate) fn describe(&self, now: Timestamp) -> ExecutionDescription {
        let (record, run) = (&self.record, &self.run);
        let (status, stopped) = (status_of(run.status()), run.ended_at());
        let reason = not_redrivable(status, stopped, now);
        ExecutionDescription {
            arn: self.arn.clone(),
            machine_arn: self.machine.snapshot.arn.clone(),
            version_arn: record.version_arn.clone(),
            alias_arn: record.alias_arn.clone(),
            name: record.name.clone(),
            status,
            started: self.started,
            stopped,
            input: Arc::clone(&record.input),
            output: run.output().map(|output| Arc::clone(output.text())),
            error: run.error().map(str::to_owned),
            cause: run.cause().map(str::to_owned),
            trace_header: record.trace_header.clone(),
            map_run_arn: None,
            redrive_count: record.redrive_count,
            redriven: record.redriven,
            redrive_status: redrive_status(reason),
            redrive_status_reason: reason,
        }
    }
}

pub(crate) fn info(arn: &str, machine: &CheckedMachine, record: &Record) -> ExecutionInfo {
    ExecutionInfo {
        execution_arn: arn.into(),
        execution_name: record.name.as_str().into(),
        role_arn: Arc::clone(&machine.role_arn),
        state_machine_arn: Arc::clone(&machine.arn),
        state_machine_name: Arc::clone(&machine.name),
        state_machine_alias_arn: record.alias_arn.as_deref().map(Arc::from),
        state_machine_version_arn: record.version_arn.as_deref().map(Arc::from),
        region: Arc::clone(&machine.region),
    }
}

pub(crate) fn status_of(status: RunStatus) -> ExecutionStatus {
    match status {
        RunStatus::Running => ExecutionStatus::Running,
        RunStatus::Succeeded => ExecutionStatus::Succeeded,
        RunStatus::Failed => ExecutionStatus::Failed,
        RunStatus::TimedOut => ExecutionStatus::TimedOut,
        RunStatus::Aborted => ExecutionStatus::Aborted,
    }
}
