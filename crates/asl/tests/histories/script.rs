//! Runs a definition against scripted outcomes, in virtual time.

use std::collections::{BTreeMap, VecDeque};

use stepward_asl::{
    Command, Effect, Event, ExecutionInfo, HistoryEventBody, Machine, MachineType, Run, Seed, TaskEnd,
    TaskOutcome, TimerId, decide, evolve,
};
use stepward_query::Payload;
use stepward_types::Timestamp;

pub(crate) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// An execution and the world around it.
pub(crate) struct Script {
    pub(crate) machine: Machine,
    pub(crate) run: Run,
    pub(crate) events: Vec<Event>,
    /// How many events there were after each decision.
    pub(crate) commits: Vec<usize>,
    outcomes: BTreeMap<String, VecDeque<TaskOutcome>>,
    commands: VecDeque<Command>,
    timers: BTreeMap<TimerId, Timestamp>,
    now: Timestamp,
}

pub(crate) fn info() -> ExecutionInfo {
    ExecutionInfo {
        execution_arn: "arn:aws:states:us-east-1:123456789012:execution:m:e".into(),
        execution_name: "e".into(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:m".into(),
        state_machine_name: "m".into(),
        state_machine_alias_arn: None,
        state_machine_version_arn: None,
        region: "us-east-1".into(),
    }
}

pub(crate) fn machine(definition: &str) -> Machine {
    let (machine, diagnostics) = Machine::parse(definition, MachineType::Standard);
    machine.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

pub(crate) fn fails(error: &str) -> TaskOutcome {
    TaskOutcome::Failed { error: error.to_owned(), cause: Some("because".to_owned()) }
}

pub(crate) fn succeeds(output: &str) -> TaskOutcome {
    TaskOutcome::Succeeded { output: Payload::parse(output).unwrap() }
}

impl Script {
    pub(crate) fn new(definition: &str, input: &str) -> Self {
        let mut script = Self::unstarted(machine(definition));
        script.commands.push_back(Command::Start { input: Payload::parse(input).unwrap() });
        script
    }

    pub(crate) fn unstarted(machine: Machine) -> Self {
        Self {
            machine,
            run: Run::new(info()),
            events: Vec::new(),
            commits: Vec::new(),
            outcomes: BTreeMap::new(),
            commands: VecDeque::new(),
            timers: BTreeMap::new(),
            now: START,
        }
    }

    /// The outcomes of a state's tasks, one after the other; a task without one stays open.
    pub(crate) fn on(mut self, state: &str, outcomes: impl IntoIterator<Item = TaskOutcome>) -> Self {
        self.outcomes.insert(state.to_owned(), outcomes.into_iter().collect());
        self
    }

    /// Goes on until nothing happens any more, or for the given number of decisions.
    pub(crate) fn run_for(&mut self, decisions: usize) -> &mut Self {
        for _ in 0..decisions {
            let Some(command) = self.commands.pop_front().or_else(|| self.next_timer()) else { break };
            self.give(command);
        }
        self
    }

    pub(crate) fn finish(mut self) -> Self {
        self.run_for(10_000);
        self
    }

    pub(crate) fn give(&mut self, command: Command) -> &mut Self {
        let decided = decide(&self.machine, &mut self.run, command, self.now, Seed([7; 32]));
        self.now = self.now.plus_millis(10);
        self.events.extend(decided.events);
        self.commits.push(self.events.len());
        for effect in decided.effects {
            self.carry_out(effect);
        }
        self
    }

    pub(crate) fn queue(&mut self, command: Command) -> &mut Self {
        self.commands.push_back(command);
        self
    }

    fn next_timer(&mut self) -> Option<Command> {
        let (&timer, &due) = self.timers.iter().min_by_key(|(timer, due)| (**due, **timer))?;
        self.timers.remove(&timer);
        self.now = self.now.max(due);
        Some(Command::TimerFired { timer })
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::StartTask(request) => {
                let outcomes = self.outcomes.get_mut(&*request.state_name);
                if let Some(outcome) = outcomes.and_then(VecDeque::pop_front) {
                    self.commands.push_back(Command::TaskEnded { task: request.task, outcome });
                }
            }
            Effect::StartTimer { timer, due } => {
                self.timers.insert(timer, due);
            }
            Effect::CancelTimer(timer) => {
                self.timers.remove(&timer);
            }
            Effect::Continue => self.commands.push_back(Command::Continue),
            Effect::CancelTask(_) | Effect::Finish(_) => {}
        }
    }

    /// A new process: the run folded from the first events, its open effects carried out again.
    pub(crate) fn recovered(&self, event_count: usize, outcomes: &Script) -> Script {
        let mut script = Self::unstarted(self.machine.clone());
        let events = self.events.iter().take(event_count);
        for event in events {
            evolve(&script.machine, &mut script.run, event);
            script.events.push(event.clone());
            if let Event::History(history) = event {
                script.now = history.timestamp;
            }
        }
        script.outcomes = outcomes.outcomes.clone();
        let ended = self.events.iter().take(event_count).filter_map(Event::history);
        for history in ended {
            if let HistoryEventBody::TaskEnded { end: TaskEnd::Succeeded(_) | TaskEnd::Failed(_), .. } =
                &history.body
            {
                script.drop_outcome(history.previous_event_id);
            }
        }
        for effect in script.run.open_effects(&script.machine, script.now) {
            script.carry_out(effect);
        }
        script
    }

    /// The outcome of a task that ended before the crash is used up. In these scripts one state has tasks.
    fn drop_outcome(&mut self, _started_event: u64) {
        if let Some(outcomes) = self.outcomes.values_mut().next() {
            outcomes.pop_front();
        }
    }

    /// One line an event: id, type, name, what it follows, and what it says.
    pub(crate) fn history(&self) -> String {
        let lines = self.events.iter().filter_map(Event::history).map(|event| {
            let api = event.to_api_json(true);
            let details =
                api.as_object().into_iter().flatten().find(|(name, _)| name.ends_with("EventDetails"));
            let mut details = details.map(|(_, details)| details.clone()).unwrap_or_default();
            if let Some(fields) = details.as_object_mut() {
                fields.retain(|name, _| !name.ends_with("Details") && name != "region" && name != "roleArn");
            }
            let details = if details.is_null() { String::new() } else { format!(" {details}") };
            format!("{} < {} {}{details}\n", event.id, event.previous_event_id, event.type_name())
        });
        lines.collect()
    }
}
