//! Map and Parallel states with a mock, and states inside of them.

use serde_json::{Value, json};
use stepward_asl::{Mock, TestStateConfiguration, TestStateInput};

use crate::{answer, debug, error, result};

fn map(more: &Value, distributed: bool) -> Value {
    let mut processor = json!({ "StartAt": "Item", "States": { "Item": { "Type": "Pass", "End": true } } });
    if distributed {
        processor["ProcessorConfig"] = json!({ "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" });
    }
    let mut state = json!({ "Type": "Map", "ItemProcessor": processor, "End": true });
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

/// What a test tells, as JSON; a refusal is its text.
fn told(state: &Value, input: &str, mock: Option<Mock>, configuration: TestStateConfiguration) -> Value {
    let input = TestStateInput { mock, configuration, ..debug(&state.to_string(), input) };
    let answer = answer(input);
    serde_json::from_str(&answer).unwrap_or(Value::String(answer))
}

fn plain() -> TestStateConfiguration {
    TestStateConfiguration::default()
}

fn reading(data: &str) -> TestStateConfiguration {
    TestStateConfiguration { map_item_reader_data: Some(data.to_owned()), ..plain() }
}

fn reader(config: &Value) -> Value {
    json!({ "ItemReader": { "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config,
        "Parameters": { "Bucket": "b", "Key": "k" } } })
}

#[test]
fn items_are_told_as_they_are_found_selected_and_batched() {
    let more = json!({ "ItemsPath": "$.list", "MaxConcurrency": 3,
        "ItemSelector": { "at.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "all.$": "$.name" },
        "ItemBatcher": { "MaxItemsPerBatch": 2, "BatchInput": { "from.$": "$.name" } } });
    let told = told(&map(&more, true), r#"{"name":"n","list":[7,{"a":1,"b":2},9]}"#, result("[1]"), plain());
    let inspection = &told["inspectionData"];
    assert_eq!(inspection["afterItemsPath"], r#"[7, {"a":1,"b":2}, 9]"#);
    assert_eq!(
        inspection["afterItemSelector"],
        r#"[{"at":0,"v":7,"all":"n"}, {"at":1,"v":{"a":1,"b":2},"all":"n"}, {"at":2,"v":9,"all":"n"}]"#
    );
    assert_eq!(
        inspection["afterItemBatcher"],
        r#"[{"BatchInput":{"from":"n"},"Items":[{"at":0,"v":7,"all":"n"},{"at":1,"v":{"a":1,"b":2},"all":"n"}]}, {"BatchInput":{"from":"n"},"Items":[{"at":2,"v":9,"all":"n"}]}]"#
    );
    assert_eq!(inspection["maxConcurrency"], 3);
    assert_eq!((&told["status"], &told["output"]), (&json!("SUCCEEDED"), &json!("[1]")));
}

#[test]
fn an_item_selector_in_jsonata_sees_each_item() {
    let mut state = map(
        &json!({ "Items": "{% $states.input %}", "ItemSelector": { "k": "{% $states.context.Map.Item.Key %}" } }),
        true,
    );
    state["QueryLanguage"] = json!("JSONata");
    let told = told(&state, r#"{"a":1,"b":2}"#, result("[]"), plain());
    assert_eq!(told["inspectionData"]["afterItemSelector"], r#"[{"k":"a"}, {"k":"b"}]"#);
    assert_eq!(told["inspectionData"].get("afterItemsPath"), None);
}

#[test]
fn a_selector_that_fails_fails_the_state() {
    let state = map(&json!({ "ItemSelector": { "x.$": "$$.Map.Item.Value.none" } }), false);
    let told = told(&state, "[1]", result("[1]"), plain());
    assert_eq!((&told["status"], &told["error"]), (&json!("FAILED"), &json!("States.Runtime")));
}

#[test]
fn what_the_item_reader_read_is_taken_apart_as_its_configuration_says() {
    let selected = |config: Value, data: &str| {
        let mut more = reader(&config);
        more["ItemSelector"] = json!({ "v.$": "$$.Map.Item.Value" });
        told(&map(&more, true), r#"{"in":1}"#, result("[]"), reading(data))["inspectionData"].clone()
    };
    let csv = selected(json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" }), "a,b\n1,2\n");
    assert_eq!(csv["afterItemSelector"], r#"[{"v":{"a":"1","b":"2"}}]"#);
    let lines = selected(json!({ "InputType": "JSONL", "MaxItems": 1 }), "{\"a\":1}\n{\"a\":2}\n");
    assert_eq!(lines["afterItemSelector"], r#"[{"v":{"a":1}}]"#);
    let pointed = selected(json!({ "InputType": "JSON", "ItemsPointer": "/list" }), r#"{"list":[5]}"#);
    assert_eq!(pointed["afterItemsPointer"], "[5]");
    assert_eq!(pointed["afterItemSelector"], r#"[{"v":5}]"#);
}

#[test]
fn data_that_cannot_be_read_fails_the_state_and_may_be_caught() {
    let mut more = reader(&json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" }));
    more["Catch"] = json!([{ "ErrorEquals": ["States.ItemReaderFailed"], "Next": "Caught" }]);
    let told = told(&map(&more, true), "{}", result("[]"), reading("a,a\n1,2"));
    assert_eq!(
        (&told["status"], &told["cause"], &told["nextState"]),
        (&json!("CAUGHT_ERROR"), &json!("CSV headers cannot contain duplicates."), &json!("Caught"))
    );
}

#[test]
fn failed_iterations_are_compared_with_what_is_tolerated() {
    let failing = |more: Value, count: u32| {
        let configuration = TestStateConfiguration { map_iteration_failure_count: Some(count), ..plain() };
        told(&map(&more, true), "[1,2,3]", result("[1,2,3]"), configuration)["status"].clone()
    };
    let count = json!({ "ToleratedFailureCount": 1 });
    assert_eq!((failing(count.clone(), 1), failing(count, 2)), (json!("SUCCEEDED"), json!("FAILED")));
    let percentage = json!({ "ToleratedFailurePercentage": 34 });
    assert_eq!(
        (failing(percentage.clone(), 1), failing(percentage, 2)),
        (json!("SUCCEEDED"), json!("FAILED"))
    );
}

#[test]
fn more_failures_than_items_make_no_sense() {
    let configuration = TestStateConfiguration { map_iteration_failure_count: Some(4), ..plain() };
    let told = told(&map(&json!({}), true), "[1,2,3]", result("[]"), configuration);
    assert_eq!(told, "mapIterationFailureCount must not exceed the number of items: 4 > 3");
}

#[test]
fn the_result_of_a_map_that_exports_its_results_is_an_object() {
    let exporting = json!({ "ResultWriter": { "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": { "Bucket": "b", "Prefix": "p" } } });
    let formatting =
        json!({ "ResultWriter": { "WriterConfig": { "Transformation": "COMPACT", "OutputType": "JSON" } } });
    let status = |more: &Value, text: &str| told(&map(more, true), "[1]", result(text), plain());
    assert_eq!(status(&exporting, "[]"), "Mocked result must be an object.");
    assert_eq!(status(&exporting, r#"{"MapRunArn":"x"}"#)["status"], "SUCCEEDED");
    assert_eq!(status(&formatting, "{}"), "Mocked result must be an array.");
    assert_eq!(status(&formatting, "[]")["status"], "SUCCEEDED");
}

/// A Parallel whose error is caught as `States.TaskFailed`, with a Task and a Fail in it.
fn parallel() -> Value {
    json!({ "Type": "Parallel", "End": true, "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "Next": "C" }], "Branches": [
        { "StartAt": "Work", "States": { "Work": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true } } },
        { "StartAt": "Stop", "States": { "Stop": { "Type": "Fail" } } }] })
}

#[test]
fn task_failed_is_for_errors_that_a_task_inside_caused() {
    let caused_by = |name: &str, mocked: &str| {
        let configuration =
            TestStateConfiguration { error_caused_by_state: Some(name.to_owned()), ..plain() };
        told(&parallel(), "{}", error(mocked), configuration)
    };
    assert_eq!(caused_by("Work", "Mine")["status"], "CAUGHT_ERROR");
    assert_eq!(caused_by("Stop", "Mine")["status"], "FAILED");
    assert_eq!(caused_by("Stop", "States.TaskFailed")["status"], "CAUGHT_ERROR");
    assert_eq!(
        caused_by("Elsewhere", "Mine"),
        "errorCausedByState must be the name of a state inside of the tested Map or Parallel state: 'Elsewhere'"
    );
}

/// A machine with a task inside of a Map.
fn machine(distributed: bool) -> String {
    let mut state = map(&json!({}), distributed);
    state["ItemProcessor"]["States"]["Item"] =
        json!({ "Type": "Pass", "Parameters": { "context.$": "$$.Map" }, "End": true });
    json!({ "StartAt": "Each", "States": { "Each": state } }).to_string()
}

#[test]
fn a_state_within_a_map_is_in_its_first_iteration() {
    let item = |distributed: bool| {
        let input =
            TestStateInput { state_name: Some("Item".to_owned()), ..debug(&machine(distributed), "5") };
        let answer: Value = serde_json::from_str(&answer(input)).unwrap();
        answer["output"].clone()
    };
    assert_eq!(item(false), r#"{"context":{"Item":{"Index":0,"Value":5}}}"#);
    assert_eq!(item(true), r#"{"context":{"Item":{"Index":0,"Value":5,"Source":"STATE_DATA"}}}"#);
}
