use serde_json::{Value, json};

use super::Condition;
use crate::context::Context;

fn holds(operator: &str, expected: Value, given: Option<&[&str]>) -> bool {
    let mut context = Context::new().with("aws:username", "ada");
    if let Some(given) = given {
        context.set("k", given.iter().map(|value| (*value).to_owned()).collect());
    }
    let element = json!({operator: {"K": expected}});
    Condition::compile(Some(&element), true, true).unwrap().iter().all(|condition| condition.holds(&context))
}

#[test]
fn each_operator_matches_does_not_match_and_misses_its_key() {
    // (operator, policy's value, a value that matches, one that does not)
    let positive = [
        ("StringEquals", "a*", "a*", "ab"),
        ("StringEqualsIgnoreCase", "Ab", "aB", "b"),
        ("StringLike", "a*c?", "abcd", "abc"),
        ("NumericEquals", "10", "10.0", "11"),
        ("NumericLessThan", "10", "9", "10"),
        ("NumericLessThanEquals", "10", "10", "11"),
        ("NumericGreaterThan", "10", "11", "10"),
        ("NumericGreaterThanEquals", "10", "10", "9"),
        ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01", "2026-01-02T00:00:00Z"),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
        ("DateLessThanEquals", "1767225600", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "1767225601", "1767225600"),
        ("DateGreaterThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2025"),
        ("Bool", "true", "True", "false"),
        ("BinaryEquals", "QUJD", "QUJD", "QUJE"),
        ("IpAddress", "10.0.0.0/8", "10.9.9.9", "11.0.0.1"),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", "2001:db9::1"),
        ("IpAddress", "203.0.113.7", "203.0.113.7", "203.0.113.8"),
        (
            "ArnLike",
            "arn:aws:states:*:1:stateMachine:*",
            "arn:aws:states:r:1:stateMachine:a:b",
            "arn:aws:states:r:2:stateMachine:a",
        ),
        ("ArnEquals", "arn:aws:sns:*:1:t?", "arn:aws:sns:r:1:t1", "arn:aws:sns:r:1:t"),
    ];
    for (operator, expected, yes, no) in positive {
        assert!(holds(operator, json!(expected), Some(&[yes])), "{operator} {yes}");
        assert!(!holds(operator, json!(expected), Some(&[no])), "{operator} {no}");
        assert!(!holds(operator, json!(expected), None), "{operator} without the key");
        assert!(holds(&format!("{operator}IfExists"), json!(expected), None), "{operator}IfExists");
        assert!(holds(&format!("ForAllValues:{operator}"), json!(expected), None), "ForAllValues:{operator}");
        assert!(!holds(&format!("ForAnyValue:{operator}"), json!(expected), None), "ForAnyValue:{operator}");
        assert!(
            holds(&format!("ForAnyValue:{operator}"), json!(expected), Some(&[no, yes])),
            "any {operator}"
        );
        assert!(
            !holds(&format!("ForAllValues:{operator}"), json!(expected), Some(&[no, yes])),
            "all {operator}"
        );
    }
}

#[test]
fn each_negated_operator_is_the_opposite_and_holds_without_its_key() {
    let negated = [
        ("StringNotEquals", "a", "b", "a"),
        ("StringNotEqualsIgnoreCase", "A", "b", "a"),
        ("StringNotLike", "a*", "b", "ab"),
        ("NumericNotEquals", "1", "2", "1"),
        ("DateNotEquals", "2026", "2025", "2026"),
        ("NotIpAddress", "10.0.0.0/8", "11.0.0.1", "10.0.0.1"),
        ("ArnNotEquals", "arn:aws:sns:*:1:t", "arn:aws:sns:r:2:t", "arn:aws:sns:r:1:t"),
        ("ArnNotLike", "arn:aws:sns:*:1:t", "arn:aws:sns:r:2:t", "arn:aws:sns:r:1:t"),
    ];
    for (operator, expected, yes, no) in negated {
        assert!(holds(operator, json!(expected), Some(&[yes])), "{operator} {yes}");
        assert!(!holds(operator, json!(expected), Some(&[no])), "{operator} {no}");
        assert!(holds(operator, json!(expected), None), "{operator} without the key");
        assert!(
            !holds(&format!("ForAllValues:{operator}"), json!(expected), Some(&[yes, no])),
            "all {operator}"
        );
        assert!(
            holds(&format!("ForAnyValue:{operator}"), json!(expected), Some(&[yes, no])),
            "any {operator}"
        );
    }
}

#[test]
fn several_values_are_or_and_negated_nor() {
    assert!(holds("StringEquals", json!(["a", "b"]), Some(&["b"])));
    assert!(!holds("StringNotEquals", json!(["a", "b"]), Some(&["b"])));
    assert!(holds("StringNotEquals", json!(["a", "b"]), Some(&["c"])));
}

#[test]
fn null_asks_whether_the_key_is_there() {
    assert!(holds("Null", json!("true"), None));
    assert!(!holds("Null", json!("true"), Some(&["x"])));
    assert!(holds("Null", json!(false), Some(&["x"])));
    assert!(holds("Null", json!("true"), Some(&[])));
}

#[test]
fn variables_are_filled_in_for_texts_and_arns() {
    assert!(holds("StringEquals", json!("${aws:username}"), Some(&["ada"])));
    assert!(!holds("StringEquals", json!("${aws:nobody}"), Some(&["ada"])));
    assert!(holds("StringNotEquals", json!("${aws:nobody}"), Some(&["ada"])));
    assert!(holds(
        "ArnLike",
        json!("arn:aws:iam::1:user/${aws:username}"),
        Some(&["arn:aws:iam::1:user/ada"])
    ));
}

#[test]
fn a_value_that_cannot_be_read_matches_nothing() {
    assert!(!holds("NumericEquals", json!("ten"), Some(&["10"])));
    assert!(!holds("IpAddress", json!("10.0.0.0/33"), Some(&["10.0.0.0"])));
    assert!(!holds("ArnLike", json!("arn:aws:sns"), Some(&["arn:aws:sns"])));
    assert!(!holds("DateEquals", json!("soon"), Some(&["2026"])));
}

#[test]
fn an_unknown_operator_is_refused() {
    for operator in
        ["StringMatches", "NullIfExists", "ForAllValues:Null", "ForSomeValues:StringEquals", "NumericLike"]
    {
        let element = json!({operator: {"k": "v"}});
        assert!(Condition::compile(Some(&element), true, true).is_err(), "{operator}");
    }
}
