//! A crash at any commit: what is recovered from the journal so far comes to the same end.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use stepward_asl::{
    Command, Effect, Event, Pattern, Run, Seed, TaskOutcome, TaskRequest, TaskResource, TimerId, decide,
    decode_events, encode_events, evolve,
};
use stepward_query::Payload;
use stepward_types::Timestamp;

use crate::script::{START, fails, info, machine, succeeds};

/// A world in which a task always ends the same way, as its state's name and the number of its tries say.
struct World {
    machine: stepward_asl::Machine,
    run: Run,
    /// The journal, one entry a commit, as bytes.
    journal: Vec<Vec<u8>>,
    commands: VecDeque<Command>,
    timers: BTreeMap<TimerId, Timestamp>,
    now: Timestamp,
}

impl World {
    fn new(definition: &Value) -> Self {
        Self {
            machine: machine(&definition.to_string()),
            run: Run::new(info()),
            journal: Vec::new(),
            commands: VecDeque::new(),
            timers: BTreeMap::new(),
            now: START,
        }
    }

    fn started(definition: &Value) -> Self {
        let mut world = Self::new(definition);
        let input = Payload::parse(r#"{"items": [1, 2, 3], "n": 1}"#).unwrap();
        world.commands.push_back(Command::Start { input });
        world
    }

    /// The world after a crash that left these commits, at the time it was.
    fn recovered(definition: &Value, journal: &[Vec<u8>], now: Timestamp) -> Self {
        let mut world = Self::new(definition);
        world.now = now;
        for commit in journal {
            for event in decode_events(commit).unwrap() {
                evolve(&world.machine, &mut world.run, &event);
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
        let Some(command) = self.commands.pop_front().or_else(|| self.next_timer()) else { return false };
        let decided = decide(&self.machine, &mut self.run, command, self.now, Seed([7; 32]));
        self.now = self.now.plus_millis(10);
        if !decided.events.is_empty() {
            self.journal.push(encode_events(&decided.events));
        }
        decided.effects.into_iter().for_each(|effect| self.carry_out(effect));
        true
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
            self.commands.push_back(Command::TaskSubmitted { task, output });
        }
        if let Some(outcome) = outcome(request) {
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

/// `None`: nobody ever answers.
fn outcome(request: &TaskRequest) -> Option<TaskOutcome> {
    match &*request.state_name {
        "Silent" => None,
        "FailsTwice" if request.retry_count < 2 => Some(fails("Flaky")),
        "FailsOnTwo" if request.arguments.text().contains('2') => Some(fails("Odd")),
        "Fails" => Some(fails("Broken")),
        name => Some(succeeds(&json!({"by": name}).to_string())),
    }
}

const LAMBDA: &str = "arn:aws:states:::lambda:invoke";

fn task(resource: &str) -> Value {
    json!({"Type": "Task", "Resource": resource, "Parameters": {"in.$": "$"}})
}

/// A definition of states that follow each other.
fn chain<const N: usize>(states: [(&str, Value); N]) -> Value {
    let names: Vec<String> = states.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut all = serde_json::Map::new();
    for (index, (name, mut state)) in states.into_iter().enumerate() {
        let fields = state.as_object_mut().unwrap();
        if !["Choice", "Succeed", "Fail"].contains(&fields["Type"].as_str().unwrap()) {
            match names.get(index + 1) {
                Some(next) => fields.insert("Next".to_owned(), json!(next)),
                None => fields.insert("End".to_owned(), json!(true)),
            };
        }
        all.insert(name.to_owned(), state);
    }
    json!({"StartAt": names[0], "States": all})
}

fn with(mut state: Value, more: &Value) -> Value {
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

fn wait(seconds: u32) -> Value {
    json!({"Type": "Wait", "Seconds": seconds})
}

fn flaky() -> Value {
    json!({"Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 5, "MaxAttempts": 3, "JitterStrategy": "FULL"}]})
}

fn caught() -> Value {
    json!({"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Last"}]})
}

fn pass() -> Value {
    json!({"Type": "Pass"})
}

/// A state, a wait and an end, under names that no other scope has.
fn scope(name: &str, state: Value) -> Value {
    let (nap, end) = (format!("{name}Nap"), format!("{name}End"));
    chain([(name, state), (nap.as_str(), wait(2)), (end.as_str(), pass())])
}

fn callback(heartbeat_seconds: u32) -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "HeartbeatSeconds": heartbeat_seconds, "Parameters": {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}})
}

/// Every state that is no frame of others, and every way a task goes.
fn flat() -> Vec<(&'static str, Value)> {
    let choice = json!({"Type": "Choice", "Default": "Bad",
        "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Good"}]});
    let ends = [("Good", pass()), ("Done", json!({"Type": "Succeed"})), ("Bad", json!({"Type": "Fail"}))];
    let [good, done, bad] = ends;
    let always = json!({"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]});
    let timeout = |seconds: u32| with(caught(), &json!({"TimeoutSeconds": seconds}));
    let job = json!({"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Parameters": {"JobName": "j", "JobDefinition": "d", "JobQueue": "q"}});
    let activity = task("arn:aws:states:us-east-1:123456789012:activity:a");
    let fail = json!({"Type": "Fail", "Error": "E", "Cause": "so"});
    let last = ("Last", wait(1));
    vec![
        ("pass, choice and succeed", chain([("A", pass()), ("B", choice), good, done, bad])),
        ("fail", chain([("A", wait(1)), ("B", fail)])),
        ("waits", chain([("A", wait(3600)), ("B", wait(31_000_000)), ("C", pass())])),
        ("retry", chain([("FailsTwice", with(task(LAMBDA), &flaky())), last.clone()])),
        ("retries used up", chain([("Fails", with(task(LAMBDA), &always))])),
        ("catch", chain([("Fails", with(task(LAMBDA), &caught())), ("Between", wait(1)), last.clone()])),
        ("timeout", chain([("Silent", with(task(LAMBDA), &timeout(30))), last.clone()])),
        ("the execution's timeout", with(chain([("Silent", task(LAMBDA))]), &json!({"TimeoutSeconds": 100}))),
        ("callback", chain([("Callback", callback(50)), last.clone()])),
        ("a callback that nobody answers", chain([("Silent", callback(50))])),
        ("job", chain([("Job", job), last.clone()])),
        ("activity", chain([("Act", activity.clone()), ("Silent", with(activity, &timeout(9))), last])),
    ]
}

/// Frames of other states, and variables.
fn framed() -> Vec<(&'static str, Value)> {
    let jsonata = json!({"QueryLanguage": "JSONata", "Type": "Task", "Resource": LAMBDA,
        "Arguments": {"n": "{% $states.input.n + 1 %}"}, "Assign": {"x": "{% $states.result.by %}"},
        "Output": "{% {'n': $states.input.n, 'seen': $states.result} %}"});
    let said =
        json!({"QueryLanguage": "JSONata", "Type": "Pass", "Output": "{% $x & $string($states.input.n) %}"});
    let distributed = with(
        scope("FailsOnTwo", task(LAMBDA)),
        &json!({"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}),
    );
    let distributed = json!({"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ToleratedFailureCount": 1,
        "ItemProcessor": distributed});
    let inline = json!({"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2,
        "ItemProcessor": scope("Work", task(LAMBDA))});
    let retried = chain([("FailsTwice", with(task(LAMBDA), &flaky()))]);
    let branches = json!([scope("Left", task(LAMBDA)), scope("Right", wait(1)), retried]);
    let parallel = json!({"Type": "Parallel", "ResultPath": "$.split", "Branches": branches});
    let broken = json!({"Type": "Parallel",
        "Branches": [chain([("Fails", task(LAMBDA))]), chain([("Sleeps", wait(60))])],
        "Retry": [{"ErrorEquals": ["Broken"], "MaxAttempts": 1, "IntervalSeconds": 1}]});
    let outer = json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": chain([("Split", parallel.clone())]),
        "ItemSelector": {"items.$": "$.items", "n.$": "$$.Map.Item.Value"}});
    vec![
        ("JSONata and variables", chain([("A", jsonata), ("B", wait(1)), ("C", said)])),
        ("map", chain([("Each", inline), ("Last", pass())])),
        ("distributed map", chain([("Each", distributed), ("Last", wait(1))])),
        ("parallel", chain([("Split", parallel), ("Last", wait(1))])),
        ("a branch that fails", chain([("Split", broken)])),
        ("all of it in a map", chain([("Outer", outer)])),
    ]
}

fn histories() -> Vec<(&'static str, Value)> {
    flat().into_iter().chain(framed()).collect()
}

#[test]
fn recovery_from_every_commit_of_every_history_gives_the_same_end() {
    let mut crashes = 0;
    for (name, definition) in histories() {
        let mut whole = World::started(&definition);
        // When each commit was.
        let mut times = Vec::new();
        while whole.step() {
            times.resize(whole.journal.len(), whole.now);
        }
        let end = whole.end();
        for commits in 1..=whole.journal.len() {
            let now = times[commits - 1];
            let mut recovered = World::recovered(&definition, &whole.journal[..commits], now);
            while recovered.step() {}
            assert_eq!(recovered.end(), end, "{name}: after {commits} of {} commits", whole.journal.len());
            assert_eq!(recovered.ids(), (1..=recovered.ids().len() as u64).collect::<Vec<_>>(), "{name}");
            crashes += 1;
        }
    }
    assert!(crashes > 100, "{crashes}");
}

#[test]
fn a_crash_after_each_single_commit_gives_the_same_end() {
    for (name, definition) in histories() {
        let mut whole = World::started(&definition);
        while whole.step() {}
        let mut crashing = World::started(&definition);
        while crashing.step() {
            crashing = World::recovered(&definition, &crashing.journal, crashing.now);
        }
        assert_eq!(crashing.end(), whole.end(), "{name}");
    }
}
