//! Histories as AWS records them.

use stepward_asl::{Command, RunStatus, decode_events, encode_events};

use crate::script::{Script, fails, machine, succeeds};

const CALL: &str = r#"{ "StartAt": "Call", "States": {
    "Call": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": { "FunctionName": "f" },
        "Retry": [{ "ErrorEquals": ["Busy"], "MaxAttempts": 1 }],
        "Catch": [{ "ErrorEquals": ["Denied"], "ResultPath": "$.error", "Next": "Caught" }], "End": true },
    "Caught": { "Type": "Pass", "End": true } } }"#;

#[test]
fn a_task_that_succeeds() {
    let script = Script::new(CALL, "{}").on("Call", [succeeds(r#"{"Payload":1}"#)]).finish();
    insta::assert_snapshot!(script.history(), @r##"
    1 < 0 ExecutionStarted {"input":"{}"}
    2 < 0 TaskStateEntered {"name":"Call","input":"{}"}
    3 < 2 TaskScheduled {"resourceType":"lambda","resource":"invoke","parameters":"{\"FunctionName\":\"f\"}"}
    4 < 3 TaskStarted {"resourceType":"lambda","resource":"invoke"}
    5 < 4 TaskSucceeded {"resourceType":"lambda","resource":"invoke","output":"{\"Payload\":1}"}
    6 < 5 TaskStateExited {"name":"Call","output":"{\"Payload\":1}"}
    7 < 6 ExecutionSucceeded {"output":"{\"Payload\":1}"}
    "##);
}

#[test]
fn a_task_that_is_tried_again_and_then_caught() {
    let script = Script::new(CALL, r#"{"a":1}"#).on("Call", [fails("Busy"), fails("Denied")]).finish();
    insta::assert_snapshot!(script.history(), @r##"
    1 < 0 ExecutionStarted {"input":"{\"a\":1}"}
    2 < 0 TaskStateEntered {"name":"Call","input":"{\"a\":1}"}
    3 < 2 TaskScheduled {"resourceType":"lambda","resource":"invoke","parameters":"{\"FunctionName\":\"f\"}"}
    4 < 3 TaskStarted {"resourceType":"lambda","resource":"invoke"}
    5 < 4 TaskFailed {"resourceType":"lambda","resource":"invoke","error":"Busy","cause":"because"}
    6 < 5 TaskScheduled {"resourceType":"lambda","resource":"invoke","parameters":"{\"FunctionName\":\"f\"}"}
    7 < 6 TaskStarted {"resourceType":"lambda","resource":"invoke"}
    8 < 7 TaskFailed {"resourceType":"lambda","resource":"invoke","error":"Denied","cause":"because"}
    9 < 8 TaskStateExited {"name":"Call","output":"{\"a\":1,\"error\":{\"Error\":\"Denied\",\"Cause\":\"because\"}}"}
    10 < 9 PassStateEntered {"name":"Caught","input":"{\"a\":1,\"error\":{\"Error\":\"Denied\",\"Cause\":\"because\"}}"}
    11 < 10 PassStateExited {"name":"Caught","output":"{\"a\":1,\"error\":{\"Error\":\"Denied\",\"Cause\":\"because\"}}"}
    12 < 11 ExecutionSucceeded {"output":"{\"a\":1,\"error\":{\"Error\":\"Denied\",\"Cause\":\"because\"}}"}
    "##);
    assert_eq!(script.run.status(), RunStatus::Succeeded);
}

#[test]
fn a_task_whose_retries_are_used_up() {
    let script = Script::new(CALL, "{}").on("Call", [fails("Busy"), fails("Busy")]).finish();
    insta::assert_snapshot!(script.history(), @r##"
    1 < 0 ExecutionStarted {"input":"{}"}
    2 < 0 TaskStateEntered {"name":"Call","input":"{}"}
    3 < 2 TaskScheduled {"resourceType":"lambda","resource":"invoke","parameters":"{\"FunctionName\":\"f\"}"}
    4 < 3 TaskStarted {"resourceType":"lambda","resource":"invoke"}
    5 < 4 TaskFailed {"resourceType":"lambda","resource":"invoke","error":"Busy","cause":"because"}
    6 < 5 TaskScheduled {"resourceType":"lambda","resource":"invoke","parameters":"{\"FunctionName\":\"f\"}"}
    7 < 6 TaskStarted {"resourceType":"lambda","resource":"invoke"}
    8 < 7 TaskFailed {"resourceType":"lambda","resource":"invoke","error":"Busy","cause":"because"}
    9 < 8 ExecutionFailed {"error":"Busy","cause":"because"}
    "##);
    assert_eq!((script.run.status(), script.run.error()), (RunStatus::Failed, Some("Busy")));
}

#[test]
fn a_function_by_its_arn_has_events_of_its_own() {
    let definition = r#"{ "StartAt": "Call", "States": { "Call": { "Type": "Task", "TimeoutSeconds": 5,
        "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true } } }"#;
    insta::assert_snapshot!(Script::new(definition, "{}").finish().history(), @r##"
    1 < 0 ExecutionStarted {"input":"{}"}
    2 < 0 TaskStateEntered {"name":"Call","input":"{}"}
    3 < 2 LambdaFunctionScheduled {"timeoutInSeconds":5,"resource":"arn:aws:lambda:us-east-1:123456789012:function:f","input":"{}"}
    4 < 3 LambdaFunctionStarted
    5 < 4 LambdaFunctionTimedOut {"error":"States.Timeout"}
    6 < 5 ExecutionFailed {"error":"States.Timeout"}
    "##);
}

const BOTH: &str = r#"{ "StartAt": "Both", "States": { "Both": { "Type": "Parallel", "End": true, "Branches": [
    { "StartAt": "Call", "States": { "Call": { "Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true } } },
    { "StartAt": "Sleep", "States": { "Sleep": { "Type": "Wait", "Seconds": 60, "End": true } } } ] } } }"#;

#[test]
fn a_branch_that_fails_stops_the_others() {
    let script = Script::new(BOTH, "{}").on("Call", [fails("Boom")]).finish();
    insta::assert_snapshot!(script.history(), @r##"
    1 < 0 ExecutionStarted {"input":"{}"}
    2 < 0 ParallelStateEntered {"name":"Both","input":"{}"}
    3 < 2 ParallelStateStarted
    4 < 3 TaskStateEntered {"name":"Call","input":"{}"}
    5 < 4 TaskScheduled {"resourceType":"sns","resource":"publish","parameters":"{}"}
    6 < 3 WaitStateEntered {"name":"Sleep","input":"{}"}
    7 < 5 TaskStarted {"resourceType":"sns","resource":"publish"}
    8 < 7 TaskFailed {"resourceType":"sns","resource":"publish","error":"Boom","cause":"because"}
    9 < 6 WaitStateAborted
    10 < 8 ParallelStateFailed
    11 < 10 ExecutionFailed {"error":"Boom","cause":"because"}
    "##);
}

#[test]
fn a_redrive_goes_on_with_what_failed_or_was_stopped() {
    let mut script = Script::new(BOTH, "{}").on("Call", [fails("Boom"), succeeds("1")]).finish();
    script.queue(Command::Redrive).run_for(100);
    insta::assert_snapshot!(script.history(), @r##"
    1 < 0 ExecutionStarted {"input":"{}"}
    2 < 0 ParallelStateEntered {"name":"Both","input":"{}"}
    3 < 2 ParallelStateStarted
    4 < 3 TaskStateEntered {"name":"Call","input":"{}"}
    5 < 4 TaskScheduled {"resourceType":"sns","resource":"publish","parameters":"{}"}
    6 < 3 WaitStateEntered {"name":"Sleep","input":"{}"}
    7 < 5 TaskStarted {"resourceType":"sns","resource":"publish"}
    8 < 7 TaskFailed {"resourceType":"sns","resource":"publish","error":"Boom","cause":"because"}
    9 < 6 WaitStateAborted
    10 < 8 ParallelStateFailed
    11 < 10 ExecutionFailed {"error":"Boom","cause":"because"}
    12 < 11 ExecutionRedriven {"redriveCount":1}
    13 < 12 TaskScheduled {"resourceType":"sns","resource":"publish","parameters":"{}"}
    14 < 13 TaskStarted {"resourceType":"sns","resource":"publish"}
    15 < 14 TaskSucceeded {"resourceType":"sns","resource":"publish","output":"1"}
    16 < 15 TaskStateExited {"name":"Call","output":"1"}
    17 < 12 WaitStateExited {"name":"Sleep","output":"{}"}
    18 < 17 ParallelStateSucceeded
    19 < 17 ParallelStateExited {"name":"Both","output":"[1,{}]"}
    20 < 19 ExecutionSucceeded {"output":"[1,{}]"}
    "##);
    assert_eq!(script.run.output().map(|output| output.text().to_string()), Some("[1,{}]".to_owned()));
}

#[test]
fn iterations_follow_each_other_where_one_runs_at_a_time() {
    let definition = r#"{ "StartAt": "Each", "States": { "Each": { "Type": "Map", "MaxConcurrency": 1, "End": true,
        "ItemSelector": { "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value" },
        "ItemProcessor": { "StartAt": "One", "States": { "One": { "Type": "Pass", "End": true } } } } } }"#;
    insta::assert_snapshot!(Script::new(definition, r#"["a","b"]"#).finish().history(), @r##"
    1 < 0 ExecutionStarted {"input":"[\"a\",\"b\"]"}
    2 < 0 MapStateEntered {"name":"Each","input":"[\"a\",\"b\"]"}
    3 < 2 MapStateStarted {"length":2}
    4 < 3 MapIterationStarted {"name":"Each","index":0}
    5 < 4 PassStateEntered {"name":"One","input":"{\"i\":0,\"v\":\"a\"}"}
    6 < 5 PassStateExited {"name":"One","output":"{\"i\":0,\"v\":\"a\"}"}
    7 < 6 MapIterationSucceeded {"name":"Each","index":0}
    8 < 6 MapIterationStarted {"name":"Each","index":1}
    9 < 8 PassStateEntered {"name":"One","input":"{\"i\":1,\"v\":\"b\"}"}
    10 < 9 PassStateExited {"name":"One","output":"{\"i\":1,\"v\":\"b\"}"}
    11 < 10 MapIterationSucceeded {"name":"Each","index":1}
    12 < 11 MapStateSucceeded
    13 < 11 MapStateExited {"name":"Each","output":"[{\"i\":0,\"v\":\"a\"},{\"i\":1,\"v\":\"b\"}]"}
    14 < 13 ExecutionSucceeded {"output":"[{\"i\":0,\"v\":\"a\"},{\"i\":1,\"v\":\"b\"}]"}
    "##);
}

#[test]
fn a_stopped_execution_and_one_out_of_time_say_so() {
    let mut stopped = Script::new(BOTH, "{}");
    stopped.run_for(1).give(Command::Stop { error: Some("E".to_owned()), cause: None });
    assert!(
        stopped.history().ends_with("8 < 0 ExecutionAborted {\"error\":\"E\"}\n"),
        "{}",
        stopped.history()
    );
    let definition = r#"{ "StartAt": "Sleep", "TimeoutSeconds": 5, "States": {
        "Sleep": { "Type": "Wait", "Seconds": 60, "End": true } } }"#;
    let script = Script::new(definition, "{}").finish();
    assert_eq!(script.run.status(), RunStatus::TimedOut);
    assert!(script.history().ends_with("3 < 0 ExecutionTimedOut {}\n"), "{}", script.history());
}

#[test]
fn a_missed_heartbeat_is_a_timeout_unless_the_worker_is_heard() {
    let definition = r#"{ "StartAt": "Work", "States": { "Work": { "Type": "Task", "HeartbeatSeconds": 10, "TimeoutSeconds": 60,
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": { "MessageBody.$": "$$.Task.Token" },
        "Catch": [{ "ErrorEquals": ["States.Timeout"], "Next": "Late" }], "End": true }, "Late": { "Type": "Succeed" } } }"#;
    let script = Script::new(definition, "{}").finish();
    assert!(script.history().contains("TaskTimedOut"), "{}", script.history());
    assert_eq!(
        script.run.output().map(|output| output.text().to_string()),
        Some(r#"{"Error":"States.HeartbeatTimeout"}"#.to_owned())
    );
}

#[test]
fn a_result_that_is_too_large_fails_its_task() {
    let large = format!("\"{}\"", "a".repeat(262_143));
    let script = Script::new(CALL, "{}").on("Call", [succeeds(&large)]).finish();
    assert_eq!(script.run.error(), Some("States.DataLimitExceeded"));
    assert!(
        script
            .run
            .cause()
            .is_some_and(|cause| cause.starts_with("The state/task 'lambda' returned a result"))
    );
}

#[test]
fn a_history_ends_at_25000_events() {
    let definition = r#"{ "StartAt": "Again", "States": { "Done": { "Type": "Succeed" }, "Again": { "Type": "Choice",
        "Default": "Again", "Choices": [{ "Variable": "$.done", "IsPresent": true, "Next": "Done" }] } } }"#;
    let script = Script::new(definition, "{}").finish();
    assert_eq!((script.run.event_count(), script.run.status()), (25_000, RunStatus::Failed));
    assert_eq!(
        script.run.cause(),
        Some("The execution reached the maximum number of history events (25000).")
    );
}

#[test]
fn events_of_a_build_that_counted_states_otherwise_lead_to_the_same_states() {
    let definition = r#"{ "StartAt": "First", "States": { "First": { "Type": "Pass", "Next": "Sleep" },
        "Sleep": { "Type": "Wait", "Seconds": 5, "Next": "Last" }, "Last": { "Type": "Pass", "Result": 1, "End": true } } }"#;
    let mut live = Script::new(definition, "{}");
    live.run_for(1);
    let text = String::from_utf8(encode_events(&live.events)).unwrap();
    assert!(text.contains("\"s\":0") && text.contains("\"s\":1") && text.contains("\"x\":1"), "{text}");
    let other =
        text.replace("\"s\":0", "\"s\":2").replace("\"s\":1", "\"s\":0").replace("\"x\":1", "\"x\":0");
    let mut recorded = Script::unstarted(machine(definition));
    recorded.events = decode_events(other.as_bytes()).unwrap();
    let ended = recorded.recovered(recorded.events.len(), &recorded).finish();
    assert_eq!(crate::ending::of(&ended), "SUCCEEDED 1");
}
