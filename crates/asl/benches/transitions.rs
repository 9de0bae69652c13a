//! How fast the pure core is: `cargo bench -p stepward-asl`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench measures and tells")]

use std::time::Instant;

use stepward_asl::{
    Command, Effect, Event, ExecutionInfo, HistoryEventBody, Machine, MachineType, Run, Seed, decide,
};
use stepward_query::Payload;
use stepward_types::Timestamp;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LOOP: &str = r#"{ "StartAt": "Pass", "States": { "Pass": { "Type": "Pass", "Next": "Choice" },
    "Choice": { "Type": "Choice", "Choices": [{ "Variable": "$.n", "NumericGreaterThan": 5, "Next": "Done" }], "Default": "Pass" },
    "Done": { "Type": "Succeed" } } }"#;

/// The same in JSONata, with an expression in each state.
const JSONATA: &str = r#"{ "QueryLanguage": "JSONata", "StartAt": "Pass", "States": {
    "Pass": { "Type": "Pass", "Output": { "n": "{% $states.input.n %}" }, "Next": "Choice" },
    "Choice": { "Type": "Choice", "Choices": [{ "Condition": "{% $states.input.n > 5 %}", "Next": "Done" }], "Default": "Pass" },
    "Done": { "Type": "Succeed" } } }"#;

const EACH: &str = r#"{ "StartAt": "Each", "States": { "Each": { "Type": "Map", "End": true,
    "ItemProcessor": { "StartAt": "One", "States": { "One": { "Type": "Pass", "End": true } } } } } }"#;

fn main() {
    // `cargo bench -p stepward-asl -- parse` measures that alone.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let sections: [(&str, fn()); 4] =
        [("loop", json_path_loop), ("jsonata", jsonata_loop), ("parse", parse), ("map", map)];
    for (name, measure) in sections {
        if wanted.as_deref().is_none_or(|wanted| wanted == name) {
            measure();
        }
    }
}

fn json_path_loop() {
    let took = Stopwatch::start();
    let transitions = go_on(LOOP, MachineType::Express, r#"{"n":1}"#, 2_000_000);
    println!("Choice and Pass in a loop: {} (target 1,000,000 transitions/s)", took.rate(transitions));
}

fn jsonata_loop() {
    let took = Stopwatch::start();
    let transitions = go_on(JSONATA, MachineType::Express, r#"{"n":1}"#, 200_000);
    println!("The same in JSONata: {} (target 100,000 transitions/s)", took.rate(transitions));
}

fn parse() {
    let definition = definition_of(100);
    let took = Stopwatch::start();
    let mut fastest = f64::INFINITY;
    for _ in 0..400 {
        let started = Instant::now();
        if Machine::parse(&definition, MachineType::Standard).0.is_none() {
            println!("the definition is refused");
        }
        fastest = fastest.min(started.elapsed().as_secs_f64() * 1_000.0);
    }
    let size = definition.len() / 1_024;
    println!(
        "Parse and validate 100 states ({size} KiB): {}; the fastest {fastest:.3} ms (target 1 ms)",
        took.millis_each(400.0)
    );
}

fn map() {
    let items: Vec<serde_json::Value> =
        (0..1_000).map(|index| serde_json::json!({ "index": index })).collect();
    let items = serde_json::Value::from(items).to_string();
    let took = Stopwatch::start();
    for _ in 0..100 {
        go_on(EACH, MachineType::Standard, &items, u32::MAX);
    }
    println!("Map of 1,000 items, one Pass each: {} (target 10 ms)", took.millis_each(100.0));
}

/// Time on the clock, and time that a processor was at work: on a busy machine only the second says something.
struct Stopwatch {
    wall: Instant,
    processor_seconds: Option<f64>,
}

impl Stopwatch {
    fn start() -> Self {
        Self { wall: Instant::now(), processor_seconds: processor_seconds() }
    }

    fn seconds(&self) -> (f64, Option<f64>) {
        let processor = processor_seconds().zip(self.processor_seconds).map(|(now, then)| now - then);
        (self.wall.elapsed().as_secs_f64(), processor)
    }

    fn rate(&self, count: f64) -> String {
        let (wall, processor) = self.seconds();
        let processor = processor
            .map_or(String::new(), |seconds| format!(", {:.0}/s of processor time", count / seconds));
        format!("{:.0}/s{processor}", count / wall)
    }

    fn millis_each(&self, count: f64) -> String {
        let (wall, processor) = self.seconds();
        let each = |seconds: f64| seconds * 1_000.0 / count;
        let processor =
            processor.map_or(String::new(), |seconds| format!(", {:.3} ms of processor time", each(seconds)));
        format!("{:.3} ms{processor}", each(wall))
    }
}

/// What this process has used of the processors; Linux tells it.
fn processor_seconds() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanos: f64 = told.split_whitespace().next()?.parse().ok()?;
    Some(nanos / 1e9)
}

/// A line of states as workflows have them: tasks with parameters, retriers and catchers, choices, waits.
fn definition_of(states: usize) -> String {
    let state = |index: usize| {
        let next = format!("S{}", index + 1);
        let state = match index % 4 {
            0 => serde_json::json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": { "FunctionName": "f", "Payload": { "id.$": "$.id", "at.$": "States.Format('{}-{}', $.a, $$.State.Name)" } },
                "ResultSelector": { "body.$": "$.Payload" }, "ResultPath": "$.result", "TimeoutSeconds": 60,
                "Retry": [{ "ErrorEquals": ["Lambda.ServiceException"], "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2 }],
                "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "End" }], "Next": next }),
            1 => serde_json::json!({ "Type": "Choice", "Default": next, "Choices": [
                { "And": [{ "Variable": "$.result.code", "NumericEquals": 200 }, { "Variable": "$.id", "IsPresent": true }], "Next": "End" }] }),
            2 => {
                serde_json::json!({ "Type": "Pass", "Parameters": { "list.$": "$.items[*].id" }, "Assign": { "count.$": "States.ArrayLength($.items)" }, "Next": next })
            }
            _ => serde_json::json!({ "Type": "Wait", "SecondsPath": "$.delay", "Next": next }),
        };
        (format!("S{index}"), state)
    };
    let mut all: serde_json::Map<String, serde_json::Value> = (0..states - 2).map(state).collect();
    all.insert(format!("S{}", states - 2), serde_json::json!({ "Type": "Pass", "Next": "End" }));
    all.insert("End".to_owned(), serde_json::json!({ "Type": "Succeed" }));
    serde_json::json!({ "StartAt": "S0", "States": all }).to_string()
}

/// Decides until the execution ends or has made so many transitions; how many it made.
fn go_on(definition: &str, machine_type: MachineType, input: &str, transitions_max: u32) -> f64 {
    let (Some(machine), _) = Machine::parse(definition, machine_type) else { return 0.0 };
    let Ok(input) = Payload::parse(input) else { return 0.0 };
    let mut run = Run::new(info());
    let mut command = Command::Start { input };
    let mut transitions = 0.0;
    loop {
        let decided = decide(&machine, &mut run, command, Timestamp::from_millis(0), Seed([1; 32]));
        transitions += decided.events.iter().map(exits).sum::<f64>();
        if transitions >= f64::from(transitions_max) || !decided.effects.iter().any(is_continue) {
            return transitions;
        }
        command = Command::Continue;
    }
}

fn exits(event: &Event) -> f64 {
    match event {
        Event::History(event) if matches!(event.body, HistoryEventBody::StateExited(_)) => 1.0,
        _ => 0.0,
    }
}

fn is_continue(effect: &Effect) -> bool {
    matches!(effect, Effect::Continue)
}

fn info() -> ExecutionInfo {
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
