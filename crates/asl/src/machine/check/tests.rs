//! What is refused, in AWS's words, and what is not.

use serde_json::{Value, json};

use crate::diagnostic::Severity;
use crate::machine::{Machine, MachineType};

fn told(definition: &Value, machine_type: MachineType, severity: Severity) -> Vec<String> {
    let (machine, diagnostics) = Machine::parse(&definition.to_string(), machine_type);
    let has_error = diagnostics.iter().any(|one| one.severity == Severity::Error);
    assert_eq!(machine.is_none(), has_error, "{diagnostics:?}");
    let of_severity = diagnostics.iter().filter(|one| one.severity == severity);
    let line =
        |one: &crate::Diagnostic| format!("{} at {}", one.message, one.location.as_deref().unwrap_or("null"));
    of_severity.map(line).collect()
}

fn refused(definition: &Value) -> Vec<String> {
    told(definition, MachineType::Standard, Severity::Error)
}

/// What is wrong with a state X, beside which there is a state Y that ends.
fn of_state(state: Value) -> Vec<String> {
    of_state_in("JSONPath", state)
}

fn of_state_in(language: &str, state: Value) -> Vec<String> {
    refused(&json!({ "QueryLanguage": language, "StartAt": "X", "States": { "X": state, "Y": { "Type": "Succeed" } } }))
        .into_iter()
        // Most of these states lead to nowhere else.
        .filter(|line| line != "State \"Y\" is not reachable. at /States/Y")
        .collect()
}

fn scope() -> Value {
    json!({ "StartAt": "In", "States": { "In": { "Type": "Pass", "End": true } } })
}

#[test]
fn a_field_of_another_type_of_state_is_not_supported() {
    for (state, field) in [
        (json!({ "Type": "Pass", "End": true, "Catch": [] }), "Catch"),
        (json!({ "Type": "Wait", "Seconds": 1, "End": true, "ResultPath": null }), "ResultPath"),
        (
            json!({ "Type": "Map", "ItemProcessor": scope(), "End": true, "TimeoutSeconds": 1 }),
            "TimeoutSeconds",
        ),
        (json!({ "Type": "Fail", "End": true }), "End"),
        (json!({ "Type": "Pass", "End": true, "parameters": {} }), "parameters"),
    ] {
        assert_eq!(of_state(state), [format!("Field '{field}' is not supported at /States/X")]);
    }
    let typo = json!({ "StartAt": "X", "Stats": 1, "States": { "X": { "Type": "Succeed" } } });
    assert_eq!(refused(&typo), ["Field 'Stats' is not supported at /"]);
}

#[test]
fn what_a_state_has_to_have_is_missed() {
    for (state, expected) in [
        (json!({ "Type": "Task", "End": true }), "These fields are required: [Resource] at /States/X"),
        (json!({ "Type": "Choice" }), "These fields are required: [Choices] at /States/X"),
        (json!({ "Type": "Choice", "Choices": [] }), "Value cannot be empty at /States/X/Choices"),
        (
            json!({ "Type": "Pass" }),
            "This object should have only one of the following fields: [Next, End] at /States/X",
        ),
        (
            json!({ "Type": "Pass", "Next": "Y", "End": true }),
            "There should only be one of the following fields: [Next, End] at /States/X",
        ),
        (
            json!({ "Type": "Wait", "End": true }),
            "This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, \
             Timestamp] at /States/X",
        ),
        (
            json!({ "Type": "Map", "End": true }),
            "This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/X",
        ),
        (
            json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Credentials": {}, "End": true }),
            "The field 'RoleArn' is required but was missing at /States/X/Credentials",
        ),
        (
            json!({ "Type": "Parallel", "Branches": [{}], "End": true }),
            "These fields are required: [States, StartAt] at /States/X/Branches[0]",
        ),
    ] {
        assert_eq!(of_state(state), [expected]);
    }
    assert!(of_state(json!({ "Type": "Pass", "Next": "Y", "End": false })).is_empty());
}

#[test]
fn values_have_their_types_and_ranges() {
    let task = |field: &str, value: Value| json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true, field: value });
    for (state, expected) in [
        (
            json!({ "Type": "Wait", "Seconds": "10", "End": true }),
            "Expected value of type Integer at /States/X/Seconds",
        ),
        (
            json!({ "Type": "Wait", "Seconds": 100_000_000, "End": true }),
            "Maximum value is 99999999 at /States/X/Seconds",
        ),
        (
            json!({ "Type": "Wait", "Timestamp": "soon", "End": true }),
            "String does not match RFC3339 timestamp at /States/X/Timestamp",
        ),
        (task("TimeoutSeconds", json!(0)), "Minimum value is 1 at /States/X/TimeoutSeconds"),
        (
            task("Retry", json!([{ "ErrorEquals": ["E"], "BackoffRate": 0.5 }])),
            "Minimum value is 1.0 at /States/X/Retry[0]/BackoffRate",
        ),
        (
            task("Retry", json!([{ "ErrorEquals": [] }])),
            "Value cannot be empty at /States/X/Retry[0]/ErrorEquals",
        ),
        (
            task("Retry", json!([{ "ErrorEquals": ["E"], "JitterStrategy": "HALF" }])),
            "Value should be one of the following: [NONE, FULL] at /States/X/Retry[0]/JitterStrategy",
        ),
        (task("InputPath", json!("a.b")), "Value must be a valid JSONPath. at /States/X/InputPath"),
        (task("ResultPath", json!("$.a[*]")), "Value is not a Reference Path at /States/X/ResultPath"),
        (
            task("Parameters", json!({ "a.$": "b" })),
            "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/X/Parameters",
        ),
        (
            task("QueryLanguage", json!("SQL")),
            "Value should be one of the following: [JSONPath, JSONata] at /States/X/QueryLanguage",
        ),
    ] {
        assert_eq!(of_state(state), [expected]);
    }
    assert!(of_state(task("Retry", json!([]))).is_empty());
    assert!(
        of_state(task("Retry", json!([{ "ErrorEquals": ["E"], "IntervalSeconds": 0, "MaxAttempts": 0 }])))
            .is_empty()
    );
    assert!(of_state_in("JSONata", task("TimeoutSeconds", json!("{% 1 + 1 %}"))).is_empty());
}

#[test]
fn states_all_stands_alone_and_last() {
    let handlers = |handlers: Value| json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Retry": handlers, "End": true });
    let text = "States.ALL must appear alone and at end of list at /States/X/Retry";
    let first = json!([{ "ErrorEquals": ["States.ALL"] }, { "ErrorEquals": ["E"] }]);
    assert_eq!(of_state(handlers(first)), [format!("{text}[0]/ErrorEquals[0]")]);
    let among = json!([{ "ErrorEquals": ["E", "States.ALL"] }]);
    assert_eq!(of_state(handlers(among)), [format!("{text}[0]/ErrorEquals[1]")]);
}

#[test]
fn each_language_has_its_own_fields() {
    assert_eq!(
        of_state(json!({ "Type": "Pass", "Output": 1, "End": true })),
        [
            "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/X"
        ]
    );
    assert_eq!(
        of_state_in("JSONata", json!({ "Type": "Pass", "InputPath": "$", "End": true })),
        [
            "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at /States/X"
        ]
    );
    // The states in a Map have the language of the machine.
    let inner = json!({ "StartAt": "In", "States": { "In": { "Type": "Pass", "Output": 1, "End": true } } });
    let map = json!({ "Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": inner, "End": true });
    assert_eq!(of_state(map).len(), 1);
}

#[test]
fn a_choice_rule_is_one_thing_and_compares_once() {
    let choice = |rule: Value| json!({ "Type": "Choice", "Choices": [rule], "Default": "Y" });
    let one_of = "The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/X/Choices[0]";
    for (rule, expected) in [
        (json!({ "Variable": "$.a", "IsNull": true }), vec!["These fields are required: [Next] at /States/X/Choices[0]".to_owned()]),
        (json!({ "Next": "Y" }), vec![one_of.to_owned()]),
        (
            json!({ "Variable": "$.a", "IsNull": true, "IsString": true, "Next": "Y" }),
            vec!["There should only be one of the following fields: [IsNull, IsString] at /States/X/Choices[0]".to_owned()],
        ),
        (
            json!({ "Variable": "a", "StringEquals": "b", "Next": "Y" }),
            vec!["Value is not a Reference Path: Reference path didn't start with '$' at /States/X/Choices[0]/Variable".to_owned()],
        ),
        (
            json!({ "Not": { "Variable": "$.a", "StringEquals": 1, "Next": "Y" }, "Next": "Y" }),
            vec![
                "Expected value of type String at /States/X/Choices[0]/Not/StringEquals".to_owned(),
                "Field 'Next' is not supported at /States/X/Choices[0]/Not".to_owned(),
            ],
        ),
    ] {
        assert_eq!(of_state(choice(rule)), expected);
    }
    assert!(of_state(choice(json!({ "And": [{ "Variable": "$$.State.Name", "StringMatches": "a*" }], "Next": "Y", "Comment": "c" }))).is_empty());
}

#[test]
fn jsonata_is_parsed_and_looked_through() {
    let output = |output: &str| {
        of_state_in("JSONata", json!({ "Type": "Pass", "Output": { "v": output }, "End": true }))
    };
    for (text, expected) in [
        ("{% phone %}", "Reference to 'phone' at the top level is not supported. at /States/X/Output/v"),
        ("{% $$ %}", "Reference to '$$' is not supported. at /States/X/Output/v"),
        ("{% $states.errorOutput %}", "Field '$states.errorOutput' does not exist. at /States/X/Output/v"),
        ("{% 1 + %}", "Unexpected end of expression at /States/X/Output/v"),
        ("{% 1", "JSONata string must start with {% and end with %} at /States/X/Output/v"),
    ] {
        assert_eq!(output(text), [expected]);
    }
    assert!(output("{% $states.input.a[b = $states.context.c].($x := d; $x) %}").is_empty());
}

#[test]
fn names_are_short_valid_and_unique() {
    let long = "n".repeat(81);
    let machine = |states: Value| json!({ "StartAt": "X", "States": states });
    let map = |label: &str, name: &str| {
        let processor = json!({ "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
            "StartAt": name, "States": { name: { "Type": "Succeed" } } });
        json!({ "Type": "Map", "Label": label, "ItemProcessor": processor, "Next": "Y" })
    };
    let states = json!({ "X": map("L", "Y"), "Y": { "Type": "Succeed" } });
    assert_eq!(refused(&machine(states)), ["Duplicate State name: Y at /States/X/ItemProcessor/States/Y"]);
    let states = json!({ "X": map("a b", &long), "Y": { "Type": "Succeed" } });
    assert_eq!(refused(&machine(states)).len(), 2);
    let twice = r#"{"StartAt": "X", "States": {"X": {"Type": "Succeed"}, "X": {"Type": "Succeed"}}}"#;
    let (_, diagnostics) = Machine::parse(twice, MachineType::Standard);
    assert_eq!(diagnostics.first().map(|one| one.code), Some("DUPLICATE_STATE_NAME"));
    let assign = |name: &str| of_state(json!({ "Type": "Pass", "Assign": { name: 1 }, "End": true }));
    assert_eq!(
        assign("states"),
        ["Cannot assign to reserved variable '$states'. at /States/X/Assign/states"]
    );
    assert_eq!(
        assign("1a"),
        ["Invalid variable name '1a': the variable name contains invalid characters. at /States/X/Assign/1a"]
    );
}

#[test]
fn transitions_lead_somewhere_and_come_from_somewhere() {
    let machine = |states: Value| refused(&json!({ "StartAt": "A", "States": states }));
    let pass = |next: &str| json!({ "Type": "Pass", "Next": next });
    assert_eq!(
        machine(json!({ "A": pass("C"), "B": { "Type": "Succeed" } })),
        ["Missing 'Next' target: C at /States/A/Next", "State \"B\" is not reachable. at /States/B"]
    );
    assert_eq!(
        machine(json!({ "A": pass("B"), "B": pass("A") })),
        ["Workflow has no terminal state at null"]
    );
    assert_eq!(
        machine(json!({ "A": pass("B"), "B": pass("A"), "C": { "Type": "Pass", "End": true } })),
        ["State \"C\" is not reachable. at /States/C"]
    );
    // What is told of a scope is told of every scope.
    let branch =
        json!({ "StartAt": "B1", "States": { "B1": { "Type": "Succeed" }, "B2": { "Type": "Succeed" } } });
    assert_eq!(
        machine(json!({ "A": { "Type": "Parallel", "Branches": [branch], "End": true } })),
        ["State \"B2\" is not reachable. at /States/A/Branches[0]/States/B2"]
    );
}

#[test]
fn a_distributed_map_is_checked_to_its_last_field() {
    let map = |mode: Value, fields: Value| {
        let mut processor = scope();
        processor["ProcessorConfig"] = mode;
        let mut state = json!({ "Type": "Map", "ItemProcessor": processor, "End": true });
        state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        state
    };
    let distributed = || json!({ "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" });
    let reader = |config: Value| json!({ "ItemReader": { "Resource": "arn:aws:states:::s3:getObject", "Parameters": { "Bucket": "b", "Key.$": "$.key" }, "ReaderConfig": config } });
    assert!(of_state(map(distributed(), reader(json!({ "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "MaxItemsPath": "$.n" })))).is_empty());
    for (state, expected) in [
        (
            map(json!({ "Mode": "DISTRIBUTED" }), json!({})),
            "These fields are required: [ExecutionType] at /States/X/ItemProcessor/ProcessorConfig",
        ),
        (
            map(json!({ "Mode": "INLINE", "ExecutionType": "STANDARD" }), json!({})),
            "Field 'ExecutionType' is not supported at /States/X/ItemProcessor/ProcessorConfig",
        ),
        (
            map(distributed(), reader(json!({ "InputType": "CSV" }))),
            "The field 'CSVHeaderLocation' is required at /States/X/ItemReader/ReaderConfig",
        ),
        (
            map(distributed(), reader(json!({ "InputType": "JSON", "CSVHeaderLocation": "FIRST_ROW" }))),
            "Field 'CSVHeaderLocation' is not supported at /States/X/ItemReader/ReaderConfig",
        ),
        (
            map(distributed(), reader(json!({ "InputType": "JSON", "MaxItems": 1, "MaxItemsPath": "$.n" }))),
            "There should only be one of the following fields: [MaxItems, MaxItemsPath] at /States/X/ItemReader/ReaderConfig",
        ),
        (
            map(distributed(), json!({ "ItemReader": { "Resource": "arn:aws:states:::s3:putObject" } })),
            "The field 'Resource' does not match any of the allowed values at /States/X/ItemReader/Resource",
        ),
        (
            map(distributed(), json!({ "ToleratedFailurePercentage": 101 })),
            "Maximum value is 100.0 at /States/X/ToleratedFailurePercentage",
        ),
        (
            map(distributed(), json!({ "MaxConcurrencyPath": "$$.Execution.Input.n" })),
            "Value is not a Reference Path at /States/X/MaxConcurrencyPath",
        ),
        (
            map(distributed(), json!({ "ResultWriter": {} })),
            "These fields are required: [Resource] at /States/X/ResultWriter",
        ),
        (
            map(distributed(), json!({ "ItemBatcher": { "MaxInputBytesPerBatch": 300_000 } })),
            "Maximum value is 262144 at /States/X/ItemBatcher/MaxInputBytesPerBatch",
        ),
    ] {
        assert_eq!(of_state(state), [expected]);
    }
    let express = json!({ "StartAt": "X", "States": { "X": map(distributed(), json!({})) } });
    assert_eq!(told(&express, MachineType::Express, Severity::Error).len(), 1);
}

#[test]
fn variables_are_assigned_before_they_are_read_and_in_one_scope_only() {
    let inner = json!({ "StartAt": "In", "States": { "In": { "Type": "Pass", "Assign": { "a": 2, "c.$": "$a" }, "End": true } } });
    let machine = json!({ "StartAt": "X", "States": {
        "X": { "Type": "Pass", "Assign": { "a": 1 }, "Next": "P" },
        "P": { "Type": "Parallel", "Branches": [inner], "Parameters": { "b.$": "$b" }, "End": true } } });
    assert_eq!(
        refused(&machine),
        ["Variable 'a' is assigned in an outer scope. at /States/P/Branches[0]/States/In/Assign/a"]
    );
    assert_eq!(
        told(&machine, MachineType::Standard, Severity::Warning),
        ["Variable '$b' is read, but no state that comes before assigns it. at /States/P"]
    );
}

#[test]
fn texts_that_look_like_paths_are_warned_of() {
    let machine = json!({ "StartAt": "X", "States": {
        "X": { "Type": "Pass", "Result": { "a.$": "$.b" }, "Next": "C" },
        "C": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "StringEquals": "$.b", "Next": "T" }] },
        "T": { "Type": "Pass", "Parameters": { "list": [{ "k": "$.v", "money": "$" }] }, "End": true } } });
    assert_eq!(
        told(&machine, MachineType::Standard, Severity::Warning),
        [
            "The Result of a Pass state is static: a path in it is not evaluated. at /States/X/Result/a.$",
            "Field value looks like a path, but field name does not end with 'Path'. at /States/C/Choices[0]/StringEquals",
            "No .$ on a field that appears to be a JSONPath or Intrinsic Function. at /States/T/Parameters/list[0]/k",
        ]
    );
}
