//! Context, variables, retries, and requests that make no sense.

use serde_json::{Value, json};
use stepward_asl::{
    HttpExchange, HttpMessage, InspectionLevel, Mock, TaskOutcome, TestStateConfiguration, TestStateInput,
};
use stepward_query::Payload;

use crate::{CALL, answer, debug, error, prepare, result};

fn told(input: TestStateInput) -> Value {
    let answer = answer(input);
    serde_json::from_str(&answer).unwrap_or(Value::String(answer))
}

#[test]
fn variables_are_told_with_those_that_the_state_assigned() {
    let state = json!({ "Type": "Pass", "Assign": { "b": 3, "c.$": "$a" }, "End": true }).to_string();
    let with = |variables: Option<&str>| TestStateInput {
        variables: variables.map(str::to_owned),
        ..debug(&state, "{}")
    };
    let told = |variables: &str| told(with(Some(variables)));
    assert_eq!(told(r#"{"a":1,"b":2}"#)["inspectionData"]["variables"], r#"{"a":1,"b":3,"c":1}"#);
    assert_eq!(told("[]"), "Variables must be a valid JSON object");
    let plain = debug(r#"{"Type":"Pass","End":true}"#, "{}");
    assert_eq!(crate::requests::told(plain)["inspectionData"].get("variables"), None);
}

#[test]
fn a_caught_error_assigns_too() {
    let state = json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "Catch": [{
        "ErrorEquals": ["States.ALL"], "Assign": { "why.$": "$.Error" }, "Next": "C" }] });
    let told = told(TestStateInput { mock: error("Bad"), ..debug(&state.to_string(), "{}") });
    assert_eq!(told["inspectionData"]["variables"], r#"{"why":"Bad"}"#);
    assert_eq!(told["output"], r#"{"Error":"Bad"}"#);
}

#[test]
fn levels_tell_more_and_more() {
    let at = |inspection_level| {
        told(TestStateInput { inspection_level, mock: result(r#"{"x":7}"#), ..debug(CALL, r#"{"f":1}"#) })
    };
    assert_eq!(at(InspectionLevel::Info).get("inspectionData"), None);
    assert_eq!(at(InspectionLevel::Debug)["inspectionData"]["afterResultSelector"], r#"{"r":7}"#);
    assert_eq!(at(InspectionLevel::Trace), at(InspectionLevel::Debug));
}

#[test]
fn what_an_http_task_sent_and_received_is_told_at_the_level_trace() {
    let http = json!({ "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": { "ApiEndpoint": "https://example.com", "Method": "GET", "Authentication": { "ConnectionArn": "arn" } } });
    let exchange = HttpExchange {
        request: HttpMessage {
            protocol: "https".to_owned(),
            method: Some("GET".to_owned()),
            ..HttpMessage::default()
        },
        response: Some(HttpMessage {
            protocol: "https".to_owned(),
            status_code: Some("200".to_owned()),
            ..HttpMessage::default()
        }),
    };
    let at = |inspection_level| {
        let role_arn = Some("arn:aws:iam::123456789012:role/r".to_owned());
        let test =
            prepare(TestStateInput { inspection_level, role_arn, ..debug(&http.to_string(), "{}") }).unwrap();
        let outcome = TaskOutcome::Succeeded { output: Payload::parse("{}").unwrap() };
        test.finish(Some(outcome), Some(exchange.clone())).unwrap().to_api_json()
    };
    let traced = at(InspectionLevel::Trace);
    assert_eq!(traced["inspectionData"]["request"], json!({ "protocol": "https", "method": "GET" }));
    assert_eq!(traced["inspectionData"]["response"], json!({ "protocol": "https", "statusCode": "200" }));
    assert_eq!(at(InspectionLevel::Debug)["inspectionData"].get("request"), None);
}

#[test]
fn the_context_object_says_how_often_the_state_was_retried_unless_the_configuration_does() {
    let with = |context: Option<&str>, retrier_retry_count| {
        let configuration =
            TestStateConfiguration { retrier_retry_count, ..TestStateConfiguration::default() };
        let context = context.map(str::to_owned);
        told(TestStateInput { mock: error("Busy"), context, configuration, ..debug(CALL, r#"{"f":1}"#) })["status"].clone()
    };
    let used_up = r#"{"State":{"RetryCount":3}}"#;
    assert_eq!(with(None, None), "RETRIABLE");
    assert_eq!(with(Some(used_up), None), "CAUGHT_ERROR");
    assert_eq!(with(Some(used_up), Some(1)), "RETRIABLE");
}

#[test]
fn a_task_that_waits_for_a_token_has_one_in_its_context() {
    let state = json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
        "Parameters": { "QueueUrl": "u", "MessageBody": { "t.$": "$$.Task.Token" } } });
    let told = told(TestStateInput { mock: result("{}"), ..debug(&state.to_string(), "{}") });
    let parameters: Value =
        serde_json::from_str(told["inspectionData"]["afterParameters"].as_str().unwrap()).unwrap();
    assert!(parameters["MessageBody"]["t"].as_str().is_some_and(|token| token.len() > 20), "{parameters}");
}

#[test]
fn a_wait_is_not_waited_for_unless_it_is_too_long_for_a_test() {
    let wait = |seconds: u32| {
        told(debug(&json!({ "Type": "Wait", "Seconds": seconds, "End": true }).to_string(), "{}"))
    };
    assert_eq!(wait(300)["status"], "SUCCEEDED");
    assert_eq!((&wait(301)["status"], &wait(301)["error"]), (&json!("FAILED"), &json!("States.Timeout")));
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let call = || debug(CALL, r#"{"f":1}"#);
    let pass = || debug(r#"{"Type":"Pass","End":true}"#, "{}");
    let configured = |configuration| TestStateInput { configuration, mock: result("{}"), ..call() };
    let plain = TestStateConfiguration::default;
    let cases = [
        (
            TestStateInput { context: Some("{}".to_owned()), ..pass() },
            "context can only be specified together with a mock.",
        ),
        (
            TestStateInput { mock: Some(Mock::default()), ..call() },
            "A test mock should have one of the following fields: [result, errorOutput].",
        ),
        (
            TestStateInput {
                mock: Some(Mock { error_output: Some((None, None)), ..Mock::default() }),
                ..call()
            },
            "The field 'error' is required in the errorOutput of a mock.",
        ),
        (
            TestStateInput {
                configuration: TestStateConfiguration { map_iteration_failure_count: Some(1), ..plain() },
                ..pass()
            },
            "mapIterationFailureCount can only be specified together with a mock.",
        ),
        (
            configured(TestStateConfiguration { map_iteration_failure_count: Some(1), ..plain() }),
            "mapIterationFailureCount can only be specified for a Map state.",
        ),
        (
            configured(TestStateConfiguration { map_item_reader_data: Some("[]".to_owned()), ..plain() }),
            "mapItemReaderData can only be specified for a Map state with an ItemReader.",
        ),
        (
            TestStateInput { input: Some("{".to_owned()), ..pass() },
            "Invalid State Machine Execution Input: 'Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"; line: 1, column: 1])'",
        ),
        (
            debug("nope", "{}"),
            "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"nope\"; line: 1, column: 5] at [Source: (String)\"nope\"; line: 1, column: 5]'",
        ),
    ];
    for (input, expected) in cases {
        assert_eq!(answer(input), expected);
    }
    let role_arn = Some("arn:aws:iam::123456789012:role/r".to_owned());
    for resource in ["arn:aws:states:us-east-1:123456789012:activity:A", "arn:aws:states:::ecs:runTask.sync"]
    {
        let state = json!({ "Type": "Task", "Resource": resource, "End": true }).to_string();
        assert_eq!(
            answer(TestStateInput { role_arn: role_arn.clone(), ..debug(&state, "{}") }),
            format!("A mock must be specified when testing a Task state with the resource '{resource}'")
        );
    }
}
