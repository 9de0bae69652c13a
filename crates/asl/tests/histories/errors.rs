//! Errors, Retry and Catch: one test for each thing that AWS says of them.

use serde_json::{Value, json};
use stepward_asl::{Event, TaskOutcome};

use crate::ending::{of, run, run_with};
use crate::script::{Script, fails, succeeds};

/// A task with handlers, and the states that its catchers lead to.
fn call(more: &Value) -> Value {
    let mut task = json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true });
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut definition = json!({ "StartAt": "Call", "States": { "Call": task } });
    if more.get("Catch").is_some() {
        definition["States"]["Caught"] = json!({ "Type": "Pass", "End": true });
    }
    definition
}

fn caught_by(names: &Value) -> Value {
    call(&json!({ "Catch": [{ "ErrorEquals": names, "Next": "Caught" }] }))
}

fn is_caught(name: &str, error: &str) -> bool {
    let ended = run_with(&caught_by(&json!([name])), [fails(error)]);
    assert!(ended.contains(error), "{ended}");
    ended.starts_with("SUCCEEDED")
}

/// When each attempt was scheduled, in seconds since the first.
fn attempts(retrier: &Value, count: usize) -> Vec<i64> {
    let definition = call(&json!({ "Retry": [retrier] }));
    let outcomes = (0..count).map(|_| fails("Busy"));
    let script = Script::new(&definition.to_string(), "{}").on("Call", outcomes).finish();
    let scheduled = script.events.iter().filter_map(Event::history);
    let at: Vec<i64> = scheduled
        .filter(|event| event.type_name() == "TaskScheduled")
        .map(|event| event.timestamp.millis() / 1_000)
        .collect();
    at.iter().map(|time| time - at[0]).collect()
}

#[test]
fn states_all_matches_neither_data_limit_exceeded_nor_runtime() {
    for error in
        ["Any", "States.Timeout", "States.HeartbeatTimeout", "States.Permissions", "States.TaskFailed"]
    {
        assert!(is_caught("States.ALL", error), "{error}");
    }
    assert!(!is_caught("States.ALL", "States.DataLimitExceeded"));
    assert!(!is_caught("States.ALL", "States.Runtime"));
}

#[test]
fn data_limit_exceeded_can_be_caught_by_its_name() {
    assert!(is_caught("States.DataLimitExceeded", "States.DataLimitExceeded"));
}

#[test]
fn task_failed_matches_every_failure_of_a_task_but_timeouts() {
    for error in ["Any", "States.Permissions", "Lambda.Unknown", "States.HeartbeatTimeout"] {
        assert!(is_caught("States.TaskFailed", error), "{error}");
    }
    assert!(!is_caught("States.TaskFailed", "States.Timeout"));
    assert!(!is_caught("States.TaskFailed", "States.Runtime"));
}

#[test]
fn names_are_compared_as_a_whole_and_with_their_case() {
    assert!(is_caught("Busy", "Busy"));
    assert!(
        !is_caught("busy", "Busy") && !is_caught("Bus", "Busy") && !is_caught("Lambda", "Lambda.Unknown")
    );
}

#[test]
fn task_failed_around_a_branch_is_for_the_tasks_in_it() {
    let around = |inner: Value| {
        json!({ "StartAt": "All", "States": {
            "All": { "Type": "Parallel", "Branches": [{ "StartAt": "Call", "States": { "Call": inner } }],
                "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "Next": "Caught" }], "End": true },
            "Caught": { "Type": "Pass", "End": true } } })
    };
    let task = json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true });
    assert!(run_with(&around(task), [fails("Mine")]).starts_with("SUCCEEDED"));
    let fail = |error: &str| around(json!({ "Type": "Fail", "Error": error, "Cause": "c" }));
    assert_eq!(run(&fail("Mine"), &json!({})), "Failed Mine: c");
    assert!(run(&fail("States.TaskFailed"), &json!({})).starts_with("SUCCEEDED"));
}

#[test]
fn a_retrier_waits_a_second_and_then_twice_as_long_each_time_three_times() {
    assert_eq!(attempts(&json!({ "ErrorEquals": ["Busy"] }), 9), [0, 1, 3, 7]);
}

#[test]
fn interval_rate_and_attempts_are_the_retriers() {
    let retrier =
        json!({ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 3, "BackoffRate": 1.5, "MaxAttempts": 2 });
    assert_eq!(attempts(&retrier, 9), [0, 3, 7]);
}

#[test]
fn a_retrier_with_no_attempts_never_retries() {
    assert_eq!(attempts(&json!({ "ErrorEquals": ["Busy"], "MaxAttempts": 0 }), 9), [0]);
}

#[test]
fn a_delay_grows_up_to_its_limit() {
    let retrier = json!({ "ErrorEquals": ["Busy"], "MaxDelaySeconds": 3, "MaxAttempts": 4 });
    assert_eq!(attempts(&retrier, 9), [0, 1, 3, 6, 9]);
}

#[test]
fn full_jitter_never_waits_longer_than_without() {
    let retrier = json!({ "ErrorEquals": ["Busy"], "JitterStrategy": "FULL", "IntervalSeconds": 100, "MaxAttempts": 1 });
    let waited = attempts(&retrier, 9)[1];
    assert!((0..=100).contains(&waited), "{waited}");
}

#[test]
fn the_first_retrier_that_matches_is_the_one() {
    let definition = call(&json!({ "Retry": [
        { "ErrorEquals": ["Busy"], "MaxAttempts": 0 }, { "ErrorEquals": ["States.ALL"], "MaxAttempts": 5 }] }));
    assert_eq!(run_with(&definition, [fails("Busy"), succeeds("1")]), "Failed Busy: because");
}

#[test]
fn each_retrier_counts_for_itself() {
    let definition = call(&json!({ "Retry": [
        { "ErrorEquals": ["A"], "MaxAttempts": 1 }, { "ErrorEquals": ["B"], "MaxAttempts": 1 }] }));
    assert_eq!(run_with(&definition, [fails("A"), fails("B"), succeeds("1")]), "SUCCEEDED 1");
    assert_eq!(run_with(&definition, [fails("A"), fails("B"), fails("A")]), "Failed A: because");
}

#[test]
fn counts_begin_anew_when_the_state_is_entered_again() {
    let definition = json!({ "StartAt": "Call", "States": {
        "Call": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Retry": [{ "ErrorEquals": ["Busy"], "MaxAttempts": 1 }], "Next": "Again" },
        "Again": { "Type": "Choice", "Choices": [{ "Variable": "$", "NumericEquals": 2, "Next": "Done" }], "Default": "Call" },
        "Done": { "Type": "Succeed" } } });
    let outcomes = [fails("Busy"), succeeds("1"), fails("Busy"), succeeds("2")];
    assert_eq!(run_with(&definition, outcomes), "SUCCEEDED 2");
}

#[test]
fn retriers_come_before_catchers() {
    let definition = call(&json!({
        "Retry": [{ "ErrorEquals": ["Busy"], "MaxAttempts": 1 }],
        "Catch": [{ "ErrorEquals": ["Busy"], "Next": "Caught" }] }));
    assert_eq!(run_with(&definition, [fails("Busy"), succeeds("1")]), "SUCCEEDED 1");
    assert_eq!(
        run_with(&definition, [fails("Busy"), fails("Busy")]),
        r#"SUCCEEDED {"Error":"Busy","Cause":"because"}"#
    );
}

#[test]
fn a_catcher_puts_error_and_cause_where_its_result_path_says() {
    let catcher = |path: Value| {
        call(&json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": path, "Next": "Caught" }] }))
    };
    let run = |path: Value| {
        let definition = catcher(path).to_string();
        of(&Script::new(&definition, r#"{"a":1}"#).on("Call", [fails("E")]).finish())
    };
    assert_eq!(run(json!("$.e")), r#"SUCCEEDED {"a":1,"e":{"Error":"E","Cause":"because"}}"#);
    assert_eq!(run(json!(null)), r#"SUCCEEDED {"a":1}"#);
}

#[test]
fn a_catcher_in_jsonata_has_an_output_and_assigns() {
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "Call", "States": {
        "Call": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "Catch": [{
            "ErrorEquals": ["States.ALL"], "Output": { "e": "{% $states.errorOutput.Error %}" },
            "Assign": { "why": "{% $states.errorOutput.Cause %}" }, "Next": "Caught" }] },
        "Caught": { "Type": "Pass", "Output": { "in": "{% $states.input %}", "why": "{% $why %}" }, "End": true } } });
    assert_eq!(run_with(&definition, [fails("E")]), r#"SUCCEEDED {"in":{"e":"E"},"why":"because"}"#);
}

#[test]
fn an_error_without_a_cause_is_caught_without_one() {
    let outcome = TaskOutcome::Failed { error: "E".to_owned(), cause: None };
    assert_eq!(run_with(&caught_by(&json!(["E"])), [outcome]), r#"SUCCEEDED {"Error":"E"}"#);
}

#[test]
fn a_task_that_takes_too_long_times_out() {
    let task = call(
        &json!({ "TimeoutSeconds": 5, "Catch": [{ "ErrorEquals": ["States.Timeout"], "Next": "Caught" }] }),
    );
    assert_eq!(run_with(&task, []), r#"SUCCEEDED {"Error":"States.Timeout"}"#);
}

#[test]
fn an_execution_that_takes_too_long_times_out() {
    let definition = json!({ "TimeoutSeconds": 5, "StartAt": "X", "States": {
        "X": { "Type": "Wait", "Seconds": 10, "End": true } } });
    assert_eq!(run(&definition, &json!({})), "TimedOut -: -");
}

#[test]
fn a_result_beyond_the_quota_is_a_data_limit_that_may_be_caught() {
    let large = format!("\"{}\"", "x".repeat(262_144));
    let definition = caught_by(&json!(["States.DataLimitExceeded"]));
    let ended = run_with(&definition, [succeeds(&large)]);
    assert!(
        ended.starts_with(r#"SUCCEEDED {"Error":"States.DataLimitExceeded","Cause":"The state/task '"#),
        "{ended}"
    );
}
