//! What holds for every history.

use proptest::prelude::*;
use serde_json::{Value, json};
use stepward_asl::{
    Command, Machine, MachineType, Run, TaskId, TimerId, TimerKind, decode_events, encode_events, evolve,
};

use crate::script::{Script, fails, info, succeeds};

/// One state with tasks, inside a Map inside a Parallel, with retries, waits, variables and a catcher.
const NESTED: &str = r#"{ "StartAt": "Set", "States": {
    "Set": { "Type": "Pass", "Assign": { "x.$": "$.n" }, "Next": "Both" },
    "Both": { "Type": "Parallel", "Next": "Last", "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Last" }],
      "Branches": [
        { "StartAt": "Sleep", "States": { "Sleep": { "Type": "Wait", "Seconds": 3, "End": true } } },
        { "StartAt": "Each", "States": { "Each": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": true,
          "Retry": [{ "ErrorEquals": ["Again"], "MaxAttempts": 1, "JitterStrategy": "FULL" }],
          "ItemProcessor": { "StartAt": "Call", "States": {
            "Call": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 9,
              "Retry": [{ "ErrorEquals": ["Busy"], "MaxAttempts": 2 }], "End": true } } } } } } ] },
    "Last": { "Type": "Succeed" } } }"#;

fn script(outcomes: &[u8]) -> Script {
    let outcomes = outcomes.iter().map(|outcome| match outcome % 4 {
        0 => fails("Busy"),
        1 => fails("Again"),
        2 => fails("Other"),
        _ => succeeds(r#"{"ok":true}"#),
    });
    let outcomes: Vec<_> = outcomes.collect();
    Script::new(NESTED, r#"{ "n": 1, "items": [1, 2, 3] }"#).on("Call", outcomes)
}

fn fold(script: &Script) -> Run {
    let mut run = Run::new(info());
    for event in decode_events(&encode_events(&script.events)).unwrap() {
        evolve(&script.machine, &mut run, &event);
    }
    run
}

/// A state of any type that goes to one of the named states or ends; `depth` bounds nesting.
fn state(depth: u32) -> BoxedStrategy<Value> {
    let next =
        prop_oneof![Just(json!({ "End": true })), (0..4).prop_map(|to| json!({ "Next": format!("S{to}") }))];
    let retry = json!([{ "ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": 1 }]);
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "Next": "S0", "ResultPath": "$.e" }]);
    let path =
        prop_oneof![Just("$"), Just("$.n"), Just("$.missing"), Just("$$.State.Name"), Just("$.items[0]")];
    let flat = prop_oneof![
        path.clone().prop_map(|path| json!({ "Type": "Pass", "InputPath": path, "ResultPath": "$.n" })),
        path.clone().prop_map(
            |path| json!({ "Type": "Pass", "Parameters": { "n.$": path }, "Assign": { "v.$": path } })
        ),
        (0..4_u8).prop_map(|seconds| json!({ "Type": "Wait", "Seconds": seconds })),
        path.clone().prop_map(|path| json!({ "Type": "Wait", "SecondsPath": path })),
        Just(json!({ "Type": "Succeed" })),
        Just(json!({ "Type": "Fail", "Error": "E" })),
        path.prop_map(|path| json!({ "Type": "Choice", "Default": "S1",
            "Choices": [{ "Not": { "Variable": path, "NumericGreaterThan": 1 }, "Next": "S2" }] })),
        Just(
            json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": retry, "Catch": catch })
        ),
        Just(
            json!({ "Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "TimeoutSeconds": 3 })
        ),
    ];
    let any = if depth == 0 {
        flat.boxed()
    } else {
        let branches = prop::collection::vec(definition(depth - 1), 1..3);
        let parallel = branches.prop_map({
            let (retry, catch) = (retry.clone(), catch.clone());
            move |branches| json!({ "Type": "Parallel", "Branches": branches, "Retry": retry, "Catch": catch })
        });
        let map = (definition(depth - 1), 0..3_u8, any::<bool>()).prop_map(|(processor, limit, is_distributed)| {
            let mut processor = processor;
            processor["ProcessorConfig"] = match is_distributed {
                true => json!({ "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" }),
                false => json!({ "Mode": "INLINE" }),
            };
            json!({ "Type": "Map", "ItemProcessor": processor, "MaxConcurrency": limit, "ItemsPath": "$.items",
                "ToleratedFailureCount": limit })
        });
        prop_oneof![4 => flat, 1 => parallel, 1 => map].boxed()
    };
    (any, next)
        .prop_map(|(mut state, next)| {
            if !["Succeed", "Fail", "Choice"].contains(&state["Type"].as_str().unwrap()) {
                state.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
            }
            state
        })
        .boxed()
}

fn definition(depth: u32) -> BoxedStrategy<Value> {
    prop::collection::vec(state(depth), 4)
        .prop_map(|states| {
            let states: serde_json::Map<String, Value> =
                (0..).zip(states).map(|(index, state)| (format!("S{index}"), state)).collect();
            json!({ "StartAt": "S0", "States": states })
        })
        .boxed()
}

/// Gives the states names that no other scope has, and every scope a first state that leads to all others and to an end.
fn sound(definition: &mut Value, scopes: &mut usize) {
    *scopes += 1;
    let prefix = format!("{scopes}-");
    let rename = |value: &mut Value| {
        if let Some(name) = value.as_str() {
            *value = format!("{prefix}{name}").into();
        }
    };
    let states = std::mem::take(definition["States"].as_object_mut().unwrap());
    let mut named = serde_json::Map::new();
    let rules =
        states.keys().map(String::as_str).chain(["End"]).map(
            |name| json!({ "Variable": "$.other", "IsPresent": true, "Next": format!("{prefix}{name}") }),
        );
    let first =
        json!({ "Type": "Choice", "Choices": rules.collect::<Vec<_>>(), "Default": format!("{prefix}S0") });
    named.insert(format!("{prefix}First"), first);
    named.insert(format!("{prefix}End"), json!({ "Type": "Succeed" }));
    for (name, mut state) in states {
        for field in ["Next", "Default"] {
            state.get_mut(field).into_iter().for_each(rename);
        }
        for field in ["Choices", "Catch"] {
            let items = state.get_mut(field).and_then(Value::as_array_mut);
            items.into_iter().flatten().for_each(|item| rename(&mut item["Next"]));
        }
        // A variable of an outer scope cannot be assigned.
        if let Some(value) = state.get_mut("Assign").and_then(|assign| assign.as_object_mut()?.remove("v.$"))
        {
            state["Assign"][format!("v{prefix}.$").replace('-', "")] = value;
        }
        state.get_mut("ItemProcessor").into_iter().for_each(|processor| sound(processor, scopes));
        let branches = state.get_mut("Branches").and_then(Value::as_array_mut);
        branches.into_iter().flatten().for_each(|branch| sound(branch, scopes));
        named.insert(format!("{prefix}{name}"), state);
    }
    definition["States"] = named.into();
    definition["StartAt"] = format!("{prefix}First").into();
}

/// Something that happens, whether it fits or not.
fn command() -> impl Strategy<Value = Command> {
    let task = (1..40_u64).prop_map(TaskId);
    let kind = prop_oneof![Just(TimerKind::Wait), Just(TimerKind::Retry), Just(TimerKind::TaskTimeout)];
    prop_oneof![
        4 => task.clone().prop_map(|task| Command::TaskEnded { task, outcome: succeeds(r#"{"items":[1,2],"n":2}"#) }),
        3 => task.clone().prop_map(|task| Command::TaskEnded { task, outcome: fails("Boom") }),
        1 => task.clone().prop_map(|task| Command::TaskStarted { task, worker_name: None }),
        1 => task.prop_map(|task| Command::TaskSubmitted { task, output: stepward_query::Payload::empty() }),
        4 => (kind, 1..60_u64).prop_map(|(kind, event_id)| Command::TimerFired { timer: TimerId { kind, event_id } }),
        1 => Just(Command::Stop { error: None, cause: None }),
        1 => Just(Command::Redrive),
        1 => Just(Command::Continue),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn folding_the_stored_history_gives_the_live_run(outcomes in prop::collection::vec(any::<u8>(), 0..12)) {
        let mut script = script(&outcomes);
        for _ in 0..60 {
            script.run_for(1);
            prop_assert_eq!(format!("{:?}", fold(&script)), format!("{:?}", script.run));
        }
    }

    #[test]
    fn recovery_at_every_commit_comes_to_the_same_status(outcomes in prop::collection::vec(2_u8..4, 9..12)) {
        let whole = script(&outcomes).finish();
        let fresh = script(&outcomes);
        for commit in &whole.commits {
            let recovered = whole.recovered(*commit, &fresh).finish();
            prop_assert_eq!(recovered.run.status(), whole.run.status(), "after {} events", commit);
        }
    }

    #[test]
    fn no_definition_panics(cuts in prop::collection::vec((any::<prop::sample::Index>(), ".{0,3}"), 0..4)) {
        let mut text = NESTED.to_owned();
        for (at, piece) in cuts {
            let at = at.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, &piece);
            }
        }
        if let (Some(machine), _) = Machine::parse(&text, MachineType::Standard) {
            let mut script = Script::unstarted(machine);
            let input = stepward_query::Payload::parse(r#"{ "n": 1, "items": [1, "a"] }"#).unwrap();
            script.queue(stepward_asl::Command::Start { input }).run_for(200);
        }
    }

    #[test]
    fn nothing_that_happens_to_any_machine_panics_or_is_folded_differently(
        mut definition in definition(2),
        commands in prop::collection::vec(command(), 0..60),
    ) {
        sound(&mut definition, &mut 0);
        let (machine, diagnostics) = Machine::parse(&definition.to_string(), MachineType::Standard);
        prop_assert!(machine.is_some(), "{:?}", diagnostics);
        let mut script = Script::unstarted(machine.unwrap());
        let input = stepward_query::Payload::parse(r#"{ "n": 1, "items": [1, {}] }"#).unwrap();
        script.give(Command::Start { input });
        for command in commands {
            script.give(command);
            script.run_for(2);
        }
        prop_assert_eq!(format!("{:?}", fold(&script)), format!("{:?}", script.run));
    }

    #[test]
    fn every_event_id_follows_the_one_before(outcomes in prop::collection::vec(any::<u8>(), 0..12)) {
        let script = script(&outcomes).finish();
        let events: Vec<_> = script.events.iter().filter_map(|event| event.history()).collect();
        for (event, id) in events.iter().zip(1..) {
            prop_assert_eq!(event.id, id);
            prop_assert!(event.previous_event_id < id);
        }
    }
}
