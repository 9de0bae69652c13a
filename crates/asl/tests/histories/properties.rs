//! What holds for every history.

use proptest::prelude::*;
use stepward_asl::{Machine, MachineType, Run, decode_events, encode_events, evolve};

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
    fn every_event_id_follows_the_one_before(outcomes in prop::collection::vec(any::<u8>(), 0..12)) {
        let script = script(&outcomes).finish();
        let events: Vec<_> = script.events.iter().filter_map(|event| event.history()).collect();
        for (event, id) in events.iter().zip(1..) {
            prop_assert_eq!(event.id, id);
            prop_assert!(event.previous_event_id < id);
        }
    }
}
