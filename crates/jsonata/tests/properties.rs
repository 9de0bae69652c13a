//! What holds for any text and any value.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::Value as Json;
use stepward_jsonata::{Budget, Error, Expression, Host, Value};

struct Still;

impl Host for Still {
    fn now_ms(&self) -> i64 {
        1_790_000_000_000
    }

    fn random(&self) -> f64 {
        0.42
    }
}

fn evaluate_within(text: &str, input: &Json, budget: Budget) -> Result<Option<Json>, Error> {
    let expression = Expression::compile(text)?;
    let result = expression.evaluate(&Value::from(input), &HashMap::new(), &Still, &budget)?;
    Ok(result.and_then(|value| value.to_json()))
}

fn evaluate(text: &str, input: &Json) -> Option<Json> {
    evaluate_within(text, input, Budget::default()).unwrap()
}

/// JSON without numbers that JavaScript cannot hold.
fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-1_000_000_i64..1_000_000).prop_map(Json::from),
        "[ -~äö😀]{0,8}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(("[a-z]{1,4}", inner), 0..4)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

/// Pieces of the language in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b.c",
        "$x",
        "$",
        "1",
        "\"t\"",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "+",
        "-",
        "*",
        "/",
        "%",
        "=",
        "~>",
        ":=",
        ";",
        ",",
        ":",
        "?",
        "^(",
        "@$i",
        "#$i",
        "function($x){",
        "$map",
        "$sum",
        "..",
        "|",
        "/a/",
        "true",
        "null",
        " and ",
        " in ",
        "`q`",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn json_is_an_expression_of_itself(value in json()) {
        // A list in a list is kept, and nothing is left out of what JSON can say.
        prop_assert_eq!(evaluate(&value.to_string(), &Json::Null), Some(value));
    }

    #[test]
    fn what_string_writes_is_read_again(value in json()) {
        let written = evaluate("$string($)", &value).unwrap();
        let read: Json = match &value {
            Json::String(text) => Json::from(text.as_str()),
            _ => serde_json::from_str(written.as_str().unwrap()).unwrap(),
        };
        prop_assert_eq!(if value.is_string() { written } else { read }, value);
    }

    #[test]
    fn whole_numbers_are_read_as_they_were_written(number in -999_999_999_i64..999_999_999, picture in prop::sample::select(vec!["0", "#,##0", "w", "Ww;o"])) {
        // Words and ordinals have no sign.
        let number = if picture.contains(['w', 'W']) { number.abs() } else { number };
        let text = format!("$parseInteger($formatInteger({number}, \"{picture}\"), \"{picture}\")");
        prop_assert_eq!(evaluate(&text, &Json::Null), Some(number.into()));
    }

    #[test]
    fn times_are_read_as_they_were_written(millis in -60_000_000_000_000_i64..200_000_000_000_000) {
        prop_assert_eq!(evaluate(&format!("$toMillis($fromMillis({millis}))"), &Json::Null), Some(millis.into()));
    }

    #[test]
    fn any_text_is_refused_or_ends_within_its_budget(text in prop_oneof![pieces(), any::<String>()]) {
        let budget = Budget { depth: 100, steps: 10_000, bytes: 1_024 * 1_024, ..Budget::default() };
        let input = serde_json::json!({"a": [1, {"b": {"c": "x"}}], "b": {"c": [2, 3]}});
        if let Err(error) = evaluate_within(&text, &input, budget) {
            prop_assert!(!error.message().is_empty() && !error.code().is_empty());
            let length = text.encode_utf16().count();
            prop_assert!(error.position().is_none_or(|position| position <= length), "{:?}", error);
        }
    }
}

#[test]
fn each_limit_has_its_own_error() {
    struct Late;
    impl Host for Late {
        fn now_ms(&self) -> i64 {
            0
        }

        fn random(&self) -> f64 {
            0.0
        }

        fn elapsed_ms(&self) -> u64 {
            1_001
        }
    }
    let refusal = |text: &str, budget: Budget| {
        let expression = Expression::compile(text).unwrap();
        expression.evaluate(&Value::Undefined, &HashMap::new(), &Late, &budget).unwrap_err().to_string()
    };
    let (forever, unlimited) = ("($f := function() { $f() }; $f())", Budget::default());
    assert_eq!(
        refusal(forever, Budget { time_ms: Some(1_000), ..unlimited }),
        "U1001: Expression evaluation timeout: Check for infinite loop"
    );
    assert!(
        refusal("($f := function($n) { 1 + $f($n) }; $f(1))", unlimited).starts_with("U1001: Stack overflow")
    );
    assert!(refusal(forever, Budget { steps: 1_000, ..unlimited }).starts_with("U1003"));
    assert!(refusal("$pad(\"x\", 2000000000)", unlimited).starts_with("U1002"));
}

/// How an evaluation ends: the code of its error, or nothing.
fn code(text: &str) -> Option<String> {
    let budget = Budget { steps: 3_000_000, bytes: 256 * 1_024 * 1_024, ..Budget::default() };
    evaluate_within(text, &Json::Null, budget).err().map(|error| error.code().to_owned())
}

#[test]
fn values_that_are_vast_only_as_text_end_within_the_budget() {
    let budget = Budget { steps: 50_000, bytes: 1_024 * 1_024, ..Budget::default() };
    let shared = "$v := $reduce([1..60], function($a, $x) {{\"l\": $a, \"r\": $a}}, 1)";
    assert_eq!(code(&format!("({shared}; 1)")), None);
    for use_of_it in ["$v", "$string($v)", "$v = $clone($v)", "$count($v.**)", "-$v & 1", "$v ~> |$|{}|"] {
        let end = evaluate_within(&format!("({shared}; {use_of_it})"), &Json::Null, budget).err();
        let end = end.map(|error| error.code().to_owned());
        assert!(
            end.as_deref().is_some_and(|code| code.starts_with('U')) || use_of_it.starts_with('-'),
            "{use_of_it}: {end:?}"
        );
    }
}

#[test]
fn values_that_nest_deeply_are_made_and_dropped_but_not_gone_through() {
    let deep = "$v := $reduce([1..20000], function($a, $x) {{\"a\": $a}}, 1)";
    assert_eq!(code(&format!("({deep}; 1)")), None);
    assert_eq!(code(&format!("({deep}; $v)")).as_deref(), Some("U1001"));
    assert_eq!(code(&format!("({deep}; $string($v))")).as_deref(), Some("U1001"));
    assert_eq!(
        code("($go := function($f, $n) {$n = 0 ? 1 : $go($f ~> $string, $n - 1)}; $go($string, 100000))"),
        None
    );
}

#[test]
fn a_regular_expression_that_tries_everything_ends_within_the_budget() {
    let budget = Budget { steps: 100_000, ..Budget::default() };
    for text in [
        "$match(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", /(a+)+$/)",
        "$contains($pad(\"\", 50000, \"a\"), /(a|a)*b/)",
    ] {
        let error = evaluate_within(text, &Json::Null, budget).unwrap_err();
        assert!(["U1002", "U1003"].contains(&error.code()), "{text}: {error}");
    }
}

#[test]
fn an_expression_made_by_eval_sees_the_variables_of_its_place() {
    assert_eq!(evaluate("($x := 5; $eval(\"$x + 1\"))", &Json::Null), Some(6.into()));
    assert_eq!(evaluate("($f := $eval(\"function($n) { $n * $k }\"); 1)", &Json::Null), Some(1.into()));
    assert_eq!(
        evaluate("($k := 3; $f := $eval(\"function($n) { $n * $k }\"); $f(4))", &Json::Null),
        Some(12.into())
    );
}
