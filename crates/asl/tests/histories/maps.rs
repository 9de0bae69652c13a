//! Map: one test for each thing that AWS says of it.

use serde_json::{Value, json};

use crate::ending::{one, one_in_jsonata, run};

fn map(more: &Value, distributed: bool) -> Value {
    let mut processor = json!({ "StartAt": "Item", "States": { "Item": { "Type": "Pass", "End": true } } });
    if distributed {
        processor["ProcessorConfig"] = json!({ "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" });
    }
    let mut state = json!({ "Type": "Map", "ItemProcessor": processor, "End": true });
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

#[test]
fn a_map_gives_the_outputs_in_the_order_of_its_items() {
    assert_eq!(
        run(&one(&map(&json!({ "MaxConcurrency": 1 }), false)), &json!([3, 1, 2])),
        "SUCCEEDED [3,1,2]"
    );
    assert_eq!(run(&one(&map(&json!({}), false)), &json!([])), "SUCCEEDED []");
}

#[test]
fn an_inline_map_takes_no_object() {
    assert_eq!(
        run(&one(&map(&json!({ "ItemsPath": "$.o" }), false)), &json!({ "o": { "a": 1 } })),
        "Failed States.Runtime: An error occurred while executing the state 'X' (entered at the event id #2). Reference path \"$.o\" must point to array."
    );
    let ended = run(&one_in_jsonata(&map(&json!({ "Items": "{% {'a': 1} %}" }), false)), &json!({}));
    assert!(ended.contains("Expected 'array', but was 'object' for value: {\"a\":1}"), "{ended}");
}

#[test]
fn a_distributed_map_takes_the_fields_of_an_object_one_by_one() {
    let input = json!({ "o": { "a": 1, "b": [2] } });
    assert_eq!(
        run(&one(&map(&json!({ "ItemsPath": "$.o" }), true)), &input),
        r#"SUCCEEDED [{"Key":"a","Value":1},{"Key":"b","Value":[2]}]"#
    );
    let selector = json!({ "ItemsPath": "$.o", "ItemSelector": {
        "key.$": "$$.Map.Item.Key", "value.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "from.$": "$$.Map.Item.Source" } });
    assert_eq!(
        run(&one(&map(&selector, true)), &input),
        r#"SUCCEEDED [{"key":"a","value":1,"at":0,"from":"STATE_DATA"},{"key":"b","value":[2],"at":1,"from":"STATE_DATA"}]"#
    );
    let jsonata = json!({ "Items": "{% $states.input.o %}", "ItemSelector": {
        "is": "{% $states.context.Map.Item.Key & '=' & $string($states.context.Map.Item.Value) %}" } });
    assert_eq!(
        run(&one_in_jsonata(&map(&jsonata, true)), &input),
        r#"SUCCEEDED [{"is":"a=1"},{"is":"b=[2]"}]"#
    );
}

#[test]
fn an_item_of_an_array_has_no_key_even_if_it_looks_like_a_pair() {
    let selector = json!({ "ItemSelector": { "v.$": "$$.Map.Item.Value" } });
    assert_eq!(
        run(&one(&map(&selector, true)), &json!([{ "Key": "a", "Value": 1 }])),
        r#"SUCCEEDED [{"v":{"Key":"a","Value":1}}]"#
    );
}

#[test]
fn a_child_execution_does_not_see_the_variables_around_its_map() {
    let inner = |distributed: bool| {
        let mut state = map(&json!({ "Items": [1] }), distributed);
        state["ItemProcessor"]["States"]["Item"]["Output"] = json!("{% $exists($v) %}");
        state
    };
    let definition = |distributed: bool| {
        json!({ "QueryLanguage": "JSONata", "StartAt": "Set", "States": {
            "Set": { "Type": "Pass", "Assign": { "v": 1 }, "Next": "Each" }, "Each": inner(distributed) } })
    };
    assert_eq!(run(&definition(false), &json!({})), "SUCCEEDED [true]");
    assert_eq!(run(&definition(true), &json!({})), "SUCCEEDED [false]");
}

/// A Map whose items fail where they are 0.
fn failing(more: &Value) -> Value {
    let mut state = map(more, true);
    state["ItemProcessor"] = json!({
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" }, "StartAt": "Item", "States": {
            "Item": { "Type": "Choice", "Choices": [{ "Variable": "$", "NumericEquals": 0, "Next": "Bad" }], "Default": "Good" },
            "Good": { "Type": "Succeed" }, "Bad": { "Type": "Fail", "Error": "Zero" } } });
    one(&state)
}

const EXCEEDED: &str =
    "Failed States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded";

#[test]
fn failures_are_tolerated_up_to_a_count() {
    let definition = failing(&json!({ "ToleratedFailureCount": 1 }));
    assert!(run(&definition, &json!([1, 0])).starts_with("SUCCEEDED"));
    assert_eq!(run(&definition, &json!([0, 0])), EXCEEDED);
    assert_eq!(run(&failing(&json!({})), &json!([1, 0])), EXCEEDED);
}

#[test]
fn failures_are_tolerated_up_to_a_percentage() {
    let definition = failing(&json!({ "ToleratedFailurePercentage": 50 }));
    assert!(run(&definition, &json!([1, 0])).starts_with("SUCCEEDED"));
    assert_eq!(run(&definition, &json!([1, 0, 0])), EXCEEDED);
}

#[test]
fn a_failed_iteration_of_an_inline_map_fails_the_map_with_its_error() {
    let mut state = map(&json!({}), false);
    state["ItemProcessor"]["States"]["Item"] = json!({ "Type": "Fail", "Error": "Bad", "Cause": "c" });
    assert_eq!(run(&one(&state), &json!([1, 2])), "Failed Bad: c");
    state["ToleratedFailureCount"] = json!(2);
    assert_eq!(run(&one(&state), &json!([1, 2])), "Failed Bad: c");
}

#[test]
fn limits_that_make_no_sense_fail_the_map() {
    let with = |field: &str, value: Value| {
        run(
            &one(&map(&json!({ (format!("{field}Path")): "$.n", "ItemsPath": "$.i" }), true)),
            &json!({ "n": value, "i": [] }),
        )
    };
    for (field, value, expected) in [
        ("ToleratedFailureCount", json!(-1), "ToleratedFailureCount cannot be negative."),
        ("ToleratedFailurePercentage", json!(100.1), "ToleratedFailurePercentage must be between 0 and 100."),
        (
            "MaxConcurrency",
            json!({}),
            "The MaxConcurrencyPath field refers to value \"{}\" which is not a valid integer: $.n",
        ),
        (
            "ToleratedFailurePercentage",
            json!({}),
            "The ToleratedFailurePercentagePath field refers to value \"{}\" which is not a valid float: $.n",
        ),
    ] {
        let ended = with(field, value);
        assert!(ended.ends_with(expected), "{ended}");
        assert!(
            ended.starts_with("Failed States.Runtime: An error occurred while executing the state 'X'"),
            "{ended}"
        );
    }
}
