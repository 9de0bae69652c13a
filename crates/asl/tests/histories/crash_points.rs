//! A crash at any commit: what is recovered from the journal so far comes to the same end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::json;
use stepward_asl::{
    Command, Effect, Event, Pattern, Run, RunStatus, Seed, TaskOutcome, TaskRequest, TaskResource, TimerId,
    decide, decode_events, encode_events, evolve,
};
use stepward_query::Payload;
use stepward_types::Timestamp;

use crate::crash_histories::{History, histories, outcome};
use crate::script::{START, info, machine};

/// A world in which a task always ends the same way, as its state's name and the number of its tries say.
struct World {
    machine: stepward_asl::Machine,
    run: Run,
    /// The journal, one entry a commit, as bytes.
    journal: Vec<Vec<u8>>,
    commands: VecDeque<Command>,
    timers: BTreeMap<TimerId, Timestamp>,
    now: Timestamp,
    history: History,
    /// How many events of each type are in the journal.
    seen: BTreeMap<String, usize>,
}

impl World {
    fn new(history: &History) -> Self {
        Self {
            machine: machine(&history.definition.to_string()),
            run: Run::new(info()),
            journal: Vec::new(),
            commands: VecDeque::new(),
            timers: BTreeMap::new(),
            now: START,
            history: history.clone(),
            seen: BTreeMap::new(),
        }
    }

    fn started(history: &History) -> Self {
        let mut world = Self::new(history);
        let input = Payload::parse(r#"{"items": [1, 2, 3], "n": 1}"#).unwrap();
        world.commands.push_back(Command::Start { input });
        world
    }

    /// The world after a crash that left these commits, at the time it was.
    fn recovered(history: &History, journal: &[Vec<u8>], now: Timestamp) -> Self {
        let mut world = Self::new(history);
        world.now = now;
        for commit in journal {
            for event in decode_events(commit).unwrap() {
                evolve(&world.machine, &mut world.run, &event);
                world.count(&event);
            }
            world.journal.push(commit.clone());
        }
        for effect in world.run.open_effects(&world.machine, now) {
            world.carry_out(effect);
        }
        world
    }

    /// One thing that happens; false when nothing does any more.
    fn step(&mut self) -> bool {
        let command = self.commands.pop_front().or_else(|| self.intervention()).or_else(|| self.next_timer());
        let Some(command) = command else { return false };
        let decided = decide(&self.machine, &mut self.run, command, self.now, Seed([7; 32]));
        self.now = self.now.plus_millis(10);
        decided.events.iter().for_each(|event| self.count(event));
        if !decided.events.is_empty() {
            self.journal.push(encode_events(&decided.events));
        }
        decided.effects.into_iter().for_each(|effect| self.carry_out(effect));
        true
    }

    fn count(&mut self, event: &Event) {
        if let Some(event) = event.history() {
            let kind = event.to_api_json(true)["type"].as_str().unwrap().to_owned();
            *self.seen.entry(kind).or_default() += 1;
        }
    }

    fn has_seen(&self, kind: &str) -> usize {
        self.seen.get(kind).copied().unwrap_or_default()
    }

    /// What somebody does once nothing else goes on.
    fn intervention(&self) -> Option<Command> {
        let is_running = self.run.status() == RunStatus::Running;
        if is_running && self.history.stopped_after.is_some_and(|kind| self.has_seen(kind) > 0) {
            let is_first = self.has_seen("ExecutionAborted") == 0;
            let (error, cause) = (Some("Stopped".to_owned()), Some("by hand".to_owned()));
            return is_first.then_some(Command::Stop { error, cause });
        }
        let is_over = !is_running && self.run.status() != RunStatus::Succeeded;
        (is_over && self.has_seen("ExecutionRedriven") < self.history.redrives).then_some(Command::Redrive)
    }

    fn next_timer(&mut self) -> Option<Command> {
        let (&timer, &due) = self.timers.iter().min_by_key(|(timer, due)| (**due, **timer))?;
        self.timers.remove(&timer);
        self.now = self.now.max(due);
        Some(Command::TimerFired { timer })
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::StartTask(request) => self.perform(&request),
            Effect::StartTimer { timer, due } => drop(self.timers.insert(timer, due)),
            Effect::CancelTimer(timer) => drop(self.timers.remove(&timer)),
            Effect::Continue => self.commands.push_back(Command::Continue),
            Effect::CancelTask(_) | Effect::Finish(_) => {}
        }
    }

    fn perform(&mut self, request: &TaskRequest) {
        let task = request.task;
        if matches!(request.resource, TaskResource::Activity(_)) && !self.run.is_started(task) {
            self.commands.push_back(Command::TaskStarted { task, worker_name: Some("w".to_owned()) });
        }
        if request.resource.pattern() != Pattern::RequestResponse && !self.run.is_submitted(task) {
            let output = Payload::new(json!({"job": request.state_name.to_string()}));
            if !matches!(outcome(request, false), Some(TaskOutcome::SubmitFailed { .. })) {
                self.commands.push_back(Command::TaskSubmitted { task, output });
            }
        }
        if request.heartbeat_seconds.is_some() && !request.state_name.starts_with("Silent") {
            self.commands.extend((0..2).map(|_| Command::Heartbeat { task }));
        }
        if let Some(outcome) = outcome(request, self.has_seen("ExecutionRedriven") > 0) {
            self.commands.push_back(Command::TaskEnded { task, outcome });
        }
    }

    /// What came of it: the end, and each event without what depends on the order of branches.
    fn end(&self) -> (String, Vec<String>) {
        let end = self.run.end().unwrap();
        let output = end.output.map(|output| output.text().to_string());
        let mut events: Vec<String> = Vec::new();
        for commit in &self.journal {
            for event in decode_events(commit).unwrap() {
                let Event::History(event) = event else { continue };
                let mut shown = event.to_api_json(true);
                let fields = shown.as_object_mut().unwrap();
                for name in ["id", "previousEventId", "timestamp"] {
                    fields.remove(name);
                }
                events.push(shown.to_string());
            }
        }
        events.sort();
        (format!("{:?} {output:?} {:?} {:?}", end.status, end.error, end.cause), events)
    }

    /// The ids of all events, in the order in which they were recorded.
    fn ids(&self) -> Vec<u64> {
        let events = self.journal.iter().flat_map(|commit| decode_events(commit).unwrap());
        events.filter_map(|event| event.history().map(|event| event.id)).collect()
    }
}

#[test]
fn recovery_from_every_commit_of_every_history_gives_the_same_end() {
    let mut crashes = 0;
    for history in histories() {
        let name = history.name;
        let mut whole = World::started(&history);
        // When each commit was.
        let mut times = Vec::new();
        while whole.step() {
            times.resize(whole.journal.len(), whole.now);
        }
        let end = whole.end();
        for commits in 1..=whole.journal.len() {
            let now = times[commits - 1];
            let mut recovered = World::recovered(&history, &whole.journal[..commits], now);
            while recovered.step() {}
            assert_eq!(recovered.end(), end, "{name}: after {commits} of {} commits", whole.journal.len());
            assert_eq!(recovered.ids(), (1..=recovered.ids().len() as u64).collect::<Vec<_>>(), "{name}");
            crashes += 1;
        }
    }
    assert!(crashes > 230, "{crashes}");
}

#[test]
fn a_crash_after_each_single_commit_gives_the_same_end() {
    for history in histories() {
        let mut whole = World::started(&history);
        while whole.step() {}
        let mut crashing = World::started(&history);
        let mut commits = 0;
        while crashing.step() {
            if crashing.journal.len() > commits {
                commits = crashing.journal.len();
                crashing = World::recovered(&history, &crashing.journal, crashing.now);
            }
        }
        assert_eq!(crashing.end(), whole.end(), "{}", history.name);
    }
}

/// What no history has here: a Map Run that is aborted ends with its execution, which tells of that.
const NEVER: [&str; 1] = ["MapRunAborted"];

/// AWS: `HistoryEventType`.
const EVENT_TYPES: [&str; 62] = [
    "ActivityFailed",
    "ActivityScheduled",
    "ActivityScheduleFailed",
    "ActivityStarted",
    "ActivitySucceeded",
    "ActivityTimedOut",
    "ChoiceStateEntered",
    "ChoiceStateExited",
    "ExecutionAborted",
    "ExecutionFailed",
    "ExecutionStarted",
    "ExecutionSucceeded",
    "ExecutionTimedOut",
    "FailStateEntered",
    "LambdaFunctionFailed",
    "LambdaFunctionScheduled",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStarted",
    "LambdaFunctionStartFailed",
    "LambdaFunctionSucceeded",
    "LambdaFunctionTimedOut",
    "MapIterationAborted",
    "MapIterationFailed",
    "MapIterationStarted",
    "MapIterationSucceeded",
    "MapStateAborted",
    "MapStateEntered",
    "MapStateExited",
    "MapStateFailed",
    "MapStateStarted",
    "MapStateSucceeded",
    "ParallelStateAborted",
    "ParallelStateEntered",
    "ParallelStateExited",
    "ParallelStateFailed",
    "ParallelStateStarted",
    "ParallelStateSucceeded",
    "PassStateEntered",
    "PassStateExited",
    "SucceedStateEntered",
    "SucceedStateExited",
    "TaskFailed",
    "TaskScheduled",
    "TaskStarted",
    "TaskStartFailed",
    "TaskStateAborted",
    "TaskStateEntered",
    "TaskStateExited",
    "TaskSubmitFailed",
    "TaskSubmitted",
    "TaskSucceeded",
    "TaskTimedOut",
    "WaitStateAborted",
    "WaitStateEntered",
    "WaitStateExited",
    "MapRunAborted",
    "MapRunFailed",
    "MapRunStarted",
    "MapRunSucceeded",
    "ExecutionRedriven",
    "MapRunRedriven",
    "EvaluationFailed",
];

#[test]
fn the_histories_have_every_type_of_event_that_there_is() {
    let mut seen = BTreeSet::new();
    for history in histories() {
        let mut whole = World::started(&history);
        while whole.step() {}
        seen.extend(whole.seen.into_keys());
    }
    let missing: Vec<_> = EVENT_TYPES.into_iter().filter(|kind| !seen.contains(*kind)).collect();
    assert_eq!(missing, NEVER);
}
