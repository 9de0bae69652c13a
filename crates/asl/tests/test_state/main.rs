//! `TestState` requests and AWS's answers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be made has failed")]

use std::sync::Arc;

use stepward_asl::{
    ExecutionInfo, FieldValidationMode, InspectionLevel, Member, Mock, MockSchema, Seed, Shape, TaskOutcome,
    TaskResource, TestState, TestStateConfiguration, TestStateError, TestStateInput,
};
use stepward_query::Payload;
use stepward_types::Timestamp;

/// What `events:putEvents` answers, as far as the tests need it.
struct Events;

impl MockSchema for Events {
    fn output_shape(&self, resource: &TaskResource) -> Option<String> {
        matches!(resource, TaskResource::Optimized { service, .. } if **service == *"events")
            .then(|| "Output".to_owned())
    }

    fn shape(&self, _: &TaskResource, name: &str) -> Option<Shape> {
        let member = |name: &str, shape: &str, is_required| Member {
            name: name.into(),
            shape: shape.into(),
            is_required,
        };
        Some(match name {
            "Output" => Shape::Structure(vec![
                member("FailedEntryCount", "Count", true),
                member("Entries", "Entries", false),
                member("Class", "Class", false),
            ]),
            "Count" => Shape::Number { min: Some(0.0), max: Some(10.0) },
            "Entries" => Shape::List("Entry".into()),
            "Entry" => Shape::Structure(vec![member("EventId", "Id", false)]),
            "Id" => Shape::Text { length_min: Some(1), length_max: Some(4), values: Vec::new() },
            "Class" => Shape::Text { length_min: None, length_max: None, values: vec!["A".into()] },
            _ => return None,
        })
    }
}

fn info() -> ExecutionInfo {
    let text = |text: &str| -> Arc<str> { text.into() };
    ExecutionInfo {
        execution_arn: text("arn:aws:states:us-east-1:123456789012:express:m:e:1"),
        execution_name: text("e"),
        role_arn: text(""),
        state_machine_arn: text("arn:aws:states:us-east-1:123456789012:stateMachine:m"),
        state_machine_name: text("m"),
        state_machine_alias_arn: None,
        state_machine_version_arn: None,
        region: text("us-east-1"),
    }
}

fn prepare(input: TestStateInput) -> Result<TestState, TestStateError> {
    TestState::prepare(input, info(), Timestamp::from_millis(1_700_000_000_000), Seed([1; 32]), &Events)
}

fn answer(input: TestStateInput) -> String {
    match prepare(input) {
        Ok(test) => match test.finish(None, None) {
            Ok(output) => output.to_api_json().to_string(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

fn debug(definition: &str, input: &str) -> TestStateInput {
    TestStateInput {
        definition: definition.to_owned(),
        input: Some(input.to_owned()),
        inspection_level: InspectionLevel::Debug,
        ..TestStateInput::default()
    }
}

fn result(text: &str) -> Option<Mock> {
    Some(Mock { result: Some(text.to_owned()), ..Mock::default() })
}

fn error(name: &str) -> Option<Mock> {
    Some(Mock { error_output: Some((Some(name.to_owned()), None)), ..Mock::default() })
}

const CALL: &str = r#"{ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": { "f.$": "$.f" },
    "ResultSelector": { "r.$": "$.x" }, "ResultPath": "$.out", "Next": "After",
    "Retry": [{ "ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 3 }],
    "Catch": [{ "ErrorEquals": ["Other"], "Next": "A" }, { "ErrorEquals": ["States.ALL"], "Next": "B" }] }"#;

#[test]
fn a_pass_tells_what_each_field_evaluated_to() {
    let definition = r#"{ "Type": "Pass", "InputPath": "$.a", "Parameters": { "v.$": "$.b" }, "ResultPath": "$.c", "End": true }"#;
    assert_eq!(
        answer(debug(definition, r#"{"a":{"b":1}}"#)),
        r#"{"output":"{\"a\":{\"b\":1},\"c\":{\"v\":1}}","inspectionData":{"input":"{\"a\":{\"b\":1}}","afterInputPath":"{\"b\":1}","afterParameters":"{\"v\":1}","afterResultSelector":"{\"v\":1}","afterResultPath":"{\"a\":{\"b\":1},\"c\":{\"v\":1}}"},"status":"SUCCEEDED"}"#
    );
}

#[test]
fn a_mocked_task_goes_on_with_its_result() {
    let answer = answer(TestStateInput { mock: result(r#"{"x":7}"#), ..debug(CALL, r#"{"f":1}"#) });
    assert!(answer.starts_with(r#"{"output":"{\"f\":1,\"out\":{\"r\":7}}""#), "{answer}");
    assert!(answer.ends_with(r#""nextState":"After","status":"SUCCEEDED"}"#), "{answer}");
}

#[test]
fn a_mocked_error_tells_its_retrier_until_that_is_used_up_and_then_its_catcher() {
    let with = |name: &str, used| {
        let configuration =
            TestStateConfiguration { retrier_retry_count: Some(used), ..TestStateConfiguration::default() };
        answer(TestStateInput { mock: error(name), configuration, ..debug(CALL, r#"{"f":1}"#) })
    };
    let details = r#""errorDetails":{"retryIndex":0,"retryBackoffIntervalSeconds":8}},"status":"RETRIABLE"}"#;
    assert!(with("Busy", 2).ends_with(details), "{}", with("Busy", 2));
    let caught =
        r#""errorDetails":{"catchIndex":1,"retryIndex":0}},"nextState":"B","status":"CAUGHT_ERROR"}"#;
    assert!(with("Busy", 3).ends_with(caught), "{}", with("Busy", 3));
    assert!(with("States.Runtime", 0).ends_with(r#""status":"FAILED"}"#));
}

#[test]
fn a_task_without_a_mock_is_given_to_the_caller() {
    let role_arn = Some("arn:aws:iam::123456789012:role/r".to_owned());
    let mut test = prepare(TestStateInput { role_arn, ..debug(CALL, r#"{"f":1}"#) }).unwrap();
    let request = test.task().unwrap();
    assert_eq!(&**request.arguments.text(), r#"{"f":1}"#);
    let output = Payload::parse(r#"{"x":7}"#).unwrap();
    let answer = test.finish(Some(TaskOutcome::Succeeded { output }), None).unwrap();
    assert_eq!(answer.next_state.as_deref(), Some("After"));
}

#[test]
fn requests_that_make_no_sense_are_refused_in_the_words_of_aws() {
    let pass = r#"{ "Type": "Pass", "End": true }"#;
    let parallel = r#"{ "Type": "Parallel", "End": true, "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Succeed" } } }] }"#;
    let cases = [
        (debug(CALL, "{}"), "RoleArn must be specified when testing a Task state"),
        (
            TestStateInput { mock: result("{}"), ..debug(pass, "{}") },
            "State type 'Pass' is not supported when a mock is specified",
        ),
        (
            debug(parallel, "{}"),
            "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
        ),
        (
            TestStateInput { mock: result("[1,2]"), ..debug(parallel, "{}") },
            "Mocked result must contain the same number of items as number of Parallel branches.",
        ),
        (TestStateInput { mock: result("{}"), ..debug(parallel, "{}") }, "Mocked result must be an array."),
        (TestStateInput { mock: result("{"), ..debug(CALL, "{}") }, "Mocked result must be valid JSON"),
        (
            TestStateInput { mock: result("{}"), reveal_secrets: true, ..debug(CALL, "{}") },
            "TestState does not support RevealSecrets when a mock is specified.",
        ),
        (
            TestStateInput {
                state_name: Some("B".to_owned()),
                ..debug(r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#, "{}")
            },
            "State not found in definition",
        ),
        (
            debug(r#"{ "Type": "Parallel", "Branches": [], "End": true }"#, "{}"),
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/StateName/Branches'",
        ),
    ];
    for (input, expected) in cases {
        assert_eq!(answer(input), expected);
    }
}

#[test]
fn a_mocked_result_is_compared_with_the_model() {
    let put = r#"{ "Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "End": true }"#;
    let with = |text: &str, field_validation_mode| {
        let mock = Some(Mock { result: Some(text.to_owned()), field_validation_mode, ..Mock::default() });
        let answer = answer(TestStateInput { mock, ..debug(put, "{}") });
        answer.strip_prefix("Mock result schema validation error: ").map(str::to_owned)
    };
    let strict = |text: &str| with(text, FieldValidationMode::Strict).unwrap_or_default();
    assert_eq!(strict("{}"), "Required field 'FailedEntryCount' is missing");
    assert_eq!(with("{}", FieldValidationMode::Present), None);
    assert_eq!(with(r#"{"Entries":1}"#, FieldValidationMode::None), None);
    assert_eq!(strict(r#"{"FailedEntryCount":"0"}"#), "Field 'FailedEntryCount' must be a number");
    assert_eq!(strict(r#"{"FailedEntryCount":11}"#), "Field 'FailedEntryCount' exceeds the maximum value");
    assert_eq!(
        strict(r#"{"FailedEntryCount":-1}"#),
        "Field 'FailedEntryCount' is less than the minimum value"
    );
    assert_eq!(strict(r#"{"FailedEntryCount":0,"Entries":"x"}"#), "Field 'Entries' must be an array");
    assert_eq!(
        strict(r#"{"FailedEntryCount":0,"Entries":[{"EventId":"a"},{"EventId":[]}]}"#),
        "Field 'EventId' must be a string"
    );
    assert_eq!(
        strict(r#"{"FailedEntryCount":0,"Entries":[{"EventId":""}]}"#),
        "Field 'EventId' is smaller than the minimum length"
    );
    assert_eq!(strict(r#"{"FailedEntryCount":0,"Class":"B"}"#), "Field 'Class' is not an expected value");
}

mod maps;
mod requests;
