//! One order at a time: what it means for its execution, and what that writes.

use stepward_asl::{Command, Decided, Effect, Event};
use stepward_store::ExecutionInsert;
use stepward_types::Timestamp;

use super::Shard;
use super::commit::{After, Observed, Pending, Told};
use super::live::{Journal, Live, Taken};
use super::message::{Answer, Ask, Order, Start, Unanswered};
use crate::error::Fault;
use crate::{Started, map_runs};

impl Shard {
    pub(super) fn start(&mut self, start: Start) {
        let now = self.shared.clock.now();
        let Start { id, arn, machine, record, input, answer, ended, open, place } = start;
        drop(place);
        let started = Started { arn: arn.clone(), started: now };
        let mut live = Live::new(id, arn, machine, record, now);
        (live.ended, live.open) = (ended, open);
        let insert = if live.is_express() { None } else { Some(insert(&live)) };
        let decided = live.decide(Command::Start { input }, now, self.shared.clock.as_ref());
        self.runs.insert(id, live);
        self.absorb(id, decided, now, (insert, Told::Starter(answer, started), false));
        self.limit(id, now);
        self.go_on(id);
    }

    /// Does what is asked of an execution in memory that is not committing.
    pub(super) fn order(&mut self, ask: Ask) {
        let now = self.shared.clock.now();
        let Ask { execution, order, answer, place } = ask;
        let Some(live) = self.runs.get_mut(&execution) else {
            return tell(answer, Err(Unanswered::Closed));
        };
        let is_redrive = matches!(order, Order::Redrive(_));
        if is_redrive {
            self.shared.recent.forget(&live.arn);
        }
        match live.take(order, now) {
            Ok(Taken::Decide(command)) => {
                let decided = live.decide(command, now, self.shared.clock.as_ref());
                let told = answer.map_or(Told::Nobody, |answer| Told::Caller(answer, Ok(now)));
                self.absorb(execution, decided, now, (None, told, is_redrive));
            }
            Ok(Taken::Early(order)) => live.early.push(Ask { execution, order, answer, place }),
            Ok(Taken::Done(at)) => self.answer(execution, answer, Ok(at)),
            Ok(Taken::Nothing) => self.answer(execution, answer, Ok(now)),
            Err(why) => self.answer(execution, answer, Err(why)),
        }
    }

    /// Answers what changes nothing, once all is durable that the answer follows from.
    fn answer(&mut self, execution: i64, answer: Option<Answer>, outcome: Result<Timestamp, Unanswered>) {
        let is_settled = self.runs.get(&execution).is_none_or(|live| live.journal == Journal::Settled);
        match answer {
            Some(answer) if !is_settled => self.batch.tell_after(execution, answer, outcome),
            answer => tell(answer, outcome),
        }
    }

    /// Puts a decision into the batch; what nothing must be written for follows at once.
    fn absorb(
        &mut self,
        id: i64,
        decided: Decided,
        now: Timestamp,
        (insert, told, is_redrive): (Option<ExecutionInsert>, Told, bool),
    ) {
        let Some(live) = self.runs.get_mut(&id) else { return };
        let is_start = matches!(told, Told::Starter(..));
        let observed = Observed { events: Vec::new(), is_start, is_redrive, ends: live.is_closed() };
        let mut after = After { execution: id, effects: decided.effects, told, observed };
        let keeps_log = live.machine.keeps_log;
        if live.is_express() || decided.events.is_empty() {
            if keeps_log {
                after.observed.events = decided.events;
            }
            return self.follow(after);
        }
        if keeps_log {
            after.observed.events = decided.events.clone();
        }
        match pending(live, insert, decided.events, &after.effects, now) {
            Ok(pending) => {
                let (before, place) = match live.journal {
                    Journal::Gathering { decisions, place } => (decisions, Some(place)),
                    Journal::Settled | Journal::Committing => (0, None),
                };
                let place = self.batch.add(place, pending, after);
                // Nothing joins a beginning: it is refused or told as a whole.
                live.journal = if is_start || is_redrive {
                    Journal::Committing
                } else {
                    Journal::Gathering { decisions: before + 1, place }
                };
            }
            Err(fault) => self.unwritable(id, vec![after], &fault),
        }
    }
}

fn tell(answer: Option<Answer>, outcome: Result<Timestamp, Unanswered>) {
    if let Some(answer) = answer {
        // A caller that no longer waits has nothing to be told.
        let _ = answer.send(outcome);
    }
}

fn insert(live: &Live) -> ExecutionInsert {
    let (alias, version) = (&live.record.alias_arn, &live.record.version_arn);
    ExecutionInsert {
        arn: live.arn.clone(),
        account: live.account().to_owned(),
        machine: live.machine.snapshot.arn.clone(),
        qualifier: alias.clone().or_else(|| version.clone()),
        started_ms: live.started.millis(),
        record: Vec::new(),
    }
}

/// What a decision writes.
fn pending(
    live: &mut Live,
    mut insert: Option<ExecutionInsert>,
    events: Vec<Event>,
    effects: &[Effect],
    now: Timestamp,
) -> Result<Pending, Fault> {
    let wake_ms = if is_busy(effects) { None } else { live.sleeps_until(now) };
    let update = live.update(wake_ms)?;
    if let Some(insert) = &mut insert
        && update.as_ref().is_none_or(|update| update.record.is_none())
    {
        insert.record = live.record.bytes()?;
    }
    let entities = map_runs::index(live.id, live.account(), &events);
    Ok(Pending { id: live.id, insert, update, events, last: live.run.event_count(), entities })
}

/// Whether something goes on at once: the execution does not sleep.
fn is_busy(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::StartTask(_) | Effect::Continue))
}
