//! What states do with their data: one test for each thing that AWS says of it.

use serde_json::{Value, json};

use crate::ending::{of, one, one_in_jsonata, run};
use crate::script::{Script, succeeds};

const AT: &str = "An error occurred while executing the state 'X' (entered at the event id #2).";

fn pass(more: &Value) -> Value {
    let mut state = json!({ "Type": "Pass", "End": true });
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one(&state)
}

/// Whether a rule of a Choice matches.
fn is_chosen(rule: &Value, input: &Value) -> bool {
    let mut rule = rule.clone();
    rule["Next"] = json!("Yes");
    let definition = json!({ "StartAt": "X", "States": {
        "X": { "Type": "Choice", "Choices": [rule], "Default": "No" },
        "Yes": { "Type": "Pass", "Result": true, "End": true }, "No": { "Type": "Pass", "Result": false, "End": true } } });
    match run(&definition, input).as_str() {
        "SUCCEEDED true" => true,
        "SUCCEEDED false" => false,
        other => panic!("{other}"),
    }
}

#[test]
fn input_and_output_paths_of_null_are_empty_objects() {
    assert_eq!(run(&pass(&json!({ "InputPath": null })), &json!({ "a": 1 })), "SUCCEEDED {}");
    assert_eq!(run(&pass(&json!({ "OutputPath": null })), &json!({ "a": 1 })), "SUCCEEDED {}");
}

#[test]
fn a_result_path_of_null_keeps_the_input_alone() {
    let state = json!({ "Result": 7, "ResultPath": null });
    assert_eq!(run(&pass(&state), &json!({ "a": 1 })), r#"SUCCEEDED {"a":1}"#);
}

#[test]
fn a_result_path_makes_the_objects_on_its_way() {
    let state = json!({ "Result": 7, "ResultPath": "$.b.c" });
    assert_eq!(run(&pass(&state), &json!({ "a": 1 })), r#"SUCCEEDED {"a":1,"b":{"c":7}}"#);
}

#[test]
fn a_result_path_beyond_an_array_does_not_match() {
    let ended = run(&pass(&json!({ "Result": 7, "ResultPath": "$.a[3]" })), &json!({ "a": [1] }));
    assert!(ended.starts_with("Failed States.ResultPathMatchFailure:"), "{ended}");
}

#[test]
fn input_path_parameters_result_path_and_output_path_come_in_this_order() {
    let state = json!({ "InputPath": "$.a", "Parameters": { "v.$": "$.b" }, "ResultPath": "$.c", "OutputPath": "$.c.v" });
    assert_eq!(run(&pass(&state), &json!({ "a": { "b": 1 } })), "SUCCEEDED 1");
}

#[test]
fn a_result_selector_sees_the_tasks_result() {
    let definition = one(&json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
        "ResultSelector": { "r.$": "$.Payload" }, "ResultPath": "$.out" }));
    let script = Script::new(&definition.to_string(), "{}").on("X", [succeeds(r#"{"Payload":5}"#)]).finish();
    assert_eq!(of(&script), r#"SUCCEEDED {"out":{"r":5}}"#);
}

#[test]
fn an_assign_sees_the_result_and_is_not_seen_by_the_output() {
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "A": { "Type": "Pass", "Assign": { "n": 1 }, "Next": "B" },
        "B": { "Type": "Pass", "Assign": { "n": "{% $n + 1 %}" }, "Output": "{% $n %}", "Next": "C" },
        "C": { "Type": "Pass", "Output": { "in": "{% $states.input %}", "n": "{% $n %}" }, "End": true } } });
    assert_eq!(run(&definition, &json!({})), r#"SUCCEEDED {"in":1,"n":2}"#);
}

#[test]
fn missing_paths_are_told_in_the_words_that_aws_records() {
    for (state, expected) in [
        (
            json!({ "Parameters": { "value.$": "$.x" } }),
            "The JSONPath '$.x' specified for the field 'value.$' could not be found in the input '{\"a\":1}'",
        ),
        (json!({ "InputPath": "$.x" }), "Invalid path '$.x' : No results for path: $['x']"),
        (json!({ "OutputPath": "$.no.such" }), "Invalid path '$.no.such' : Missing property in path $['no']"),
    ] {
        assert_eq!(run(&pass(&state), &json!({ "a": 1 })), format!("Failed States.Runtime: {AT} {expected}"));
    }
}

#[test]
fn a_wait_says_what_is_wrong_with_its_seconds() {
    let by_path = |seconds: Value| {
        run(&one(&json!({ "Type": "Wait", "SecondsPath": "$.x", "End": true })), &json!({ "x": seconds }))
    };
    for (seconds, expected) in [
        (json!(-1), "The SecondsPath parameter references a negative value: $.x == -1"),
        (json!(1.5), "The SecondsPath parameter cannot be parsed as a long value: $.x == 1.5"),
        (json!("a"), "The SecondsPath parameter cannot be parsed as a long value: $.x == a"),
        (json!(100_000_000), "Wait state delay is too long."),
    ] {
        assert_eq!(by_path(seconds), format!("Failed States.Runtime: {AT} {expected}"));
    }
    assert!(by_path(json!(5)).starts_with("SUCCEEDED"));
    assert_eq!(
        run(&one(&json!({ "Type": "Wait", "SecondsPath": "$.y", "End": true })), &json!({})),
        format!(
            "Failed States.Runtime: {AT} The SecondsPath parameter does not reference an input value: $.y"
        )
    );
}

#[test]
fn seconds_of_an_expression_are_rounded_down_and_not_negative() {
    let by_expression = |source: &str| {
        run(
            &one_in_jsonata(
                &json!({ "Type": "Wait", "Seconds": format!("{{% {source} %}}"), "Output": 1, "End": true }),
            ),
            &json!({}),
        )
    };
    assert_eq!(by_expression("1.9"), "SUCCEEDED 1");
    assert_eq!(
        by_expression("-1"),
        format!(
            "Failed States.QueryEvaluationError: {AT} The Seconds field must not be negative, but was: -1"
        )
    );
    assert!(
        by_expression("'a'")
            .contains("returned an unexpected result type. Expected 'number', but was 'string'")
    );
}

#[test]
fn a_wait_says_what_is_wrong_with_its_timestamp() {
    let by_path = one(&json!({ "Type": "Wait", "TimestampPath": "$.t", "End": true }));
    assert_eq!(
        run(&by_path, &json!({ "t": "soon" })),
        format!(
            "Failed States.Runtime: {AT} The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == soon"
        )
    );
    assert!(run(&by_path, &json!({ "t": "2000-01-01T00:00:00Z" })).starts_with("SUCCEEDED"));
    assert_eq!(
        run(
            &one_in_jsonata(&json!({ "Type": "Wait", "Timestamp": "{% 'soon' %}", "End": true })),
            &json!({})
        ),
        format!(
            "Failed States.QueryEvaluationError: {AT} The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: soon"
        )
    );
}

#[test]
fn a_fail_takes_error_and_cause_from_paths_and_functions() {
    let state =
        json!({ "Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('because {}', $.c)" });
    assert_eq!(run(&one(&state), &json!({ "e": "E", "c": 1 })), "Failed E: because 1");
    let state = json!({ "Type": "Fail", "Error": "{% 'J' & 1 %}", "Cause": "{% $states.input.c %}" });
    assert_eq!(run(&one_in_jsonata(&state), &json!({ "c": "x" })), "Failed J1: x");
}

#[test]
fn branches_give_their_outputs_in_their_order() {
    let branch = |value: u32| {
        json!({ "StartAt": format!("B{value}"), "States": {
            (format!("B{value}")): { "Type": "Pass", "Result": value, "End": true } } })
    };
    let state = json!({ "Type": "Parallel", "Branches": [branch(2), branch(1)], "End": true });
    assert_eq!(run(&one(&state), &json!({})), "SUCCEEDED [2,1]");
}

#[test]
fn the_arguments_of_a_parallel_are_its_branches_input() {
    let branch = json!({ "StartAt": "B", "States": { "B": { "Type": "Pass", "End": true } } });
    let state = json!({ "Type": "Parallel", "Arguments": { "n": "{% $states.input.a %}" }, "Branches": [branch], "End": true });
    assert_eq!(run(&one_in_jsonata(&state), &json!({ "a": 3 })), r#"SUCCEEDED [{"n":3}]"#);
}

#[test]
fn a_choice_without_a_match_and_a_default_fails() {
    let state = json!({ "StartAt": "X", "States": {
        "X": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsPresent": true, "Next": "Y" }] },
        "Y": { "Type": "Succeed" } } });
    assert!(run(&state, &json!({})).starts_with("Failed States.NoChoiceMatched:"));
}

#[test]
fn a_rule_that_matches_assigns_and_the_states_own_assign_is_for_the_default() {
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "X", "States": {
        "X": { "Type": "Choice", "Assign": { "v": "state" }, "Default": "Y", "Choices": [
            { "Condition": "{% $states.input = 1 %}", "Assign": { "v": "rule" }, "Output": "out", "Next": "Y" }] },
        "Y": { "Type": "Pass", "Output": "{% [$v, $states.input] %}", "End": true } } });
    assert_eq!(run(&definition, &json!(1)), r#"SUCCEEDED ["rule","out"]"#);
    assert_eq!(run(&definition, &json!(2)), r#"SUCCEEDED ["state",2]"#);
}

#[test]
fn only_is_present_is_asked_of_what_is_not_there() {
    assert!(!is_chosen(&json!({ "Variable": "$.x", "IsPresent": true }), &json!({})));
    assert!(is_chosen(&json!({ "Variable": "$.x", "IsPresent": false }), &json!({})));
    let definition = json!({ "StartAt": "X", "States": {
        "X": { "Type": "Choice", "Choices": [{ "Variable": "$.x", "IsNull": true, "Next": "Y" }], "Default": "Y" },
        "Y": { "Type": "Succeed" } } });
    let ended = run(&definition, &json!({}));
    assert!(ended.starts_with("Failed States.Runtime: ") && ended.contains("Invalid path '$.x'"), "{ended}");
}

#[test]
fn values_of_another_type_do_not_match() {
    for (rule, input) in [
        (json!({ "Variable": "$.x", "NumericEquals": 1 }), json!({ "x": "1" })),
        (json!({ "Variable": "$.x", "StringEquals": "1" }), json!({ "x": 1 })),
        (json!({ "Variable": "$.x", "BooleanEquals": true }), json!({ "x": "true" })),
        (json!({ "Variable": "$.x", "TimestampEquals": "2020-01-01T00:00:00Z" }), json!({ "x": "2020" })),
    ] {
        assert!(!is_chosen(&rule, &input), "{rule}");
    }
    let timestamp = "2020-01-01T00:00:00Z";
    assert!(is_chosen(&json!({ "Variable": "$.x", "StringEquals": timestamp }), &json!({ "x": timestamp })));
}

#[test]
fn types_are_told_apart() {
    for (operator, value) in [
        ("IsBoolean", json!(false)),
        ("IsNull", json!(null)),
        ("IsNumeric", json!(1.5)),
        ("IsString", json!("a")),
        ("IsTimestamp", json!("2020-01-01T00:00:00Z")),
    ] {
        assert!(
            is_chosen(&json!({ "Variable": "$.x", (operator): true }), &json!({ "x": value })),
            "{operator}"
        );
        assert!(
            is_chosen(&json!({ "Variable": "$.x", (operator): false }), &json!({ "x": [] })),
            "{operator}"
        );
    }
}

#[test]
fn every_comparison_has_a_form_with_a_path() {
    for (family, low, high) in [
        ("Numeric", json!(1), json!(2)),
        ("String", json!("a"), json!("b")),
        ("Timestamp", json!("2020-01-01T00:00:00Z"), json!("2021-01-01T00:00:00Z")),
    ] {
        for (comparison, of_low, of_high) in [
            ("Equals", true, false),
            ("GreaterThan", false, false),
            ("GreaterThanEquals", true, false),
            ("LessThan", false, true),
            ("LessThanEquals", true, true),
        ] {
            let operator = format!("{family}{comparison}");
            let input = json!({ "x": low, "y": low, "z": high });
            for (path, other, expected) in [("$.y", &low, of_low), ("$.z", &high, of_high)] {
                let literal = json!({ "Variable": "$.x", (operator.as_str()): other });
                let by_path = json!({ "Variable": "$.x", (format!("{operator}Path")): path });
                assert_eq!(is_chosen(&literal, &input), expected, "{literal}");
                assert_eq!(is_chosen(&by_path, &input), expected, "{by_path}");
            }
        }
    }
}

#[test]
fn strings_are_compared_by_their_utf_16_units() {
    let rule = |value: &str| json!({ "Variable": "$.x", "StringLessThan": value });
    assert!(is_chosen(&rule("a"), &json!({ "x": "Z" })));
    // U+1F600 begins with a surrogate, which is less than U+FF5E.
    assert!(is_chosen(&rule("\u{ff5e}"), &json!({ "x": "\u{1f600}" })));
}

#[test]
fn a_pattern_has_stars_and_escapes() {
    let matches = |pattern: &str, text: &str| {
        is_chosen(&json!({ "Variable": "$.x", "StringMatches": pattern }), &json!({ "x": text }))
    };
    assert!(matches("log-*.txt", "log-1.txt") && matches("*", "") && matches("a*c*e", "abcde"));
    assert!(!matches("log-*.txt", "log-1.txd") && !matches("a?c", "abc"));
    assert!(matches("a\\*", "a*") && !matches("a\\*", "ab"));
    assert!(matches("a\\\\*", "a\\b"));
}

#[test]
fn rules_are_combined() {
    let (is, not) =
        (json!({ "Variable": "$.x", "NumericEquals": 1 }), json!({ "Variable": "$.x", "NumericEquals": 2 }));
    let input = json!({ "x": 1 });
    assert!(
        is_chosen(&json!({ "And": [is, is] }), &input) && !is_chosen(&json!({ "And": [is, not] }), &input)
    );
    assert!(
        is_chosen(&json!({ "Or": [not, is] }), &input) && !is_chosen(&json!({ "Or": [not, not] }), &input)
    );
    assert!(is_chosen(&json!({ "Not": not }), &input) && !is_chosen(&json!({ "Not": is }), &input));
    assert!(is_chosen(&json!({ "Not": { "And": [is, { "Or": [not, not] }] } }), &input));
}

#[test]
fn a_variable_holds_256_kib_at_most() {
    let assign = |characters: usize| {
        let input = json!({ "v": "x".repeat(characters) });
        run(&pass(&json!({ "Assign": { "v.$": "$.v" }, "OutputPath": null })), &input)
    };
    assert_eq!(assign(262_100), "SUCCEEDED {}");
    assert!(assign(262_150).starts_with("Failed States.DataLimitExceeded:"));
}

#[test]
fn an_inner_scope_reads_the_variables_around_it() {
    let branch = json!({ "StartAt": "In", "States": {
        "In": { "Type": "Pass", "Parameters": { "v.$": "$v" }, "End": true } } });
    let definition = json!({ "StartAt": "Set", "States": {
        "Set": { "Type": "Pass", "Assign": { "v": 7 }, "Next": "All" },
        "All": { "Type": "Parallel", "Branches": [branch], "End": true } } });
    assert_eq!(run(&definition, &json!({})), r#"SUCCEEDED [{"v":7}]"#);
}

#[test]
fn the_context_object_tells_of_execution_state_and_state_machine() {
    let state = json!({ "Parameters": { "e.$": "$$.Execution.Name", "i.$": "$$.Execution.Input.a", "r.$": "$$.Execution.RoleArn",
        "s.$": "$$.State.Name", "m.$": "$$.StateMachine.Name", "t.$": "$$.State.EnteredTime", "n.$": "$$.Execution.RedriveCount" } });
    assert_eq!(
        run(&pass(&state), &json!({ "a": 1 })),
        r#"SUCCEEDED {"e":"e","i":1,"r":"arn:aws:iam::123456789012:role/r","s":"X","m":"m","t":"2023-11-14T22:13:20.000Z","n":0}"#
    );
}

#[test]
fn a_jsonata_field_that_gives_nothing_or_a_function_is_an_error() {
    let output = |source: &str| {
        run(
            &one_in_jsonata(
                &json!({ "Type": "Pass", "Output": { "o": format!("{{% {source} %}}") }, "End": true }),
            ),
            &json!({}),
        )
    };
    assert_eq!(
        output("$states.input.none"),
        format!(
            "Failed States.QueryEvaluationError: {AT} The JSONata expression '$states.input.none' specified for the field 'Output/o' returned nothing (undefined)."
        )
    );
    assert!(output("function($x) { $x }").contains("returned an unsupported result type."));
    assert!(
        output("1()").contains("threw an error during evaluation. T1006: Attempted to invoke a non-function")
    );
}

#[test]
fn a_string_with_something_around_the_expression_is_a_literal() {
    let output = |text: &str| {
        run(&one_in_jsonata(&json!({ "Type": "Pass", "Output": text, "End": true })), &json!({}))
    };
    assert_eq!(output(" {% 1 %}"), r#"SUCCEEDED " {% 1 %}""#);
    assert_eq!(output("{% 1 %}"), "SUCCEEDED 1");
}
