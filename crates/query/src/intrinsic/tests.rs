use serde_json::{Value, json};

use crate::expression::{Expression, Scope};
use crate::payload::Payload;
use crate::seed::Seed;
use crate::variables::Variables;

fn evaluate(text: &str) -> Result<Value, String> {
    let expression = Expression::parse(text).map_err(|error| format!("refused: {error}"))?;
    let mut variables = Variables::default();
    variables.assign("v".into(), Payload::new(json!({"n": 5})));
    let seed = Seed::new(1);
    let input = json!({"name": "Ada", "items": [1, 2, 3, 2], "o": {"a": 1}, "text": "{\"a\": [1]}"});
    let scope = Scope {
        input: &input,
        context: &json!({"State": {"Name": "S"}}),
        variables: &variables,
        seed: &seed,
    };
    expression.evaluate(&scope).map_err(|error| error.to_string())?.map_err(|error| error.0)
}

#[test]
fn every_function_does_what_the_language_says() {
    for (text, expected) in [
        ("States.Format('Hello, {} of {}', $.name, $$.State.Name)", json!("Hello, Ada of S")),
        (r"States.Format('\{\}\'{}\\', 1.5)", json!(r"{}'1.5\")),
        ("States.Format('{} {} {}', null, true, $v.n)", json!("null true 5")),
        ("States.StringToJson($.text)", json!({"a": [1]})),
        ("States.StringToJson('[-0, 0.0, -1]')", json!([0, 0.0, -1])),
        ("States.Format('{}', States.StringToJson('{\"a\":{\"b\":\"c\"}}'))", json!("{a={b=c}}")),
        ("States.JsonToString($.o)", json!(r#"{"a":1}"#)),
        ("States.Array()", json!([])),
        ("States.Array(1, 'a', $.o, States.Array(2))", json!([1, "a", {"a": 1}, [2]])),
        ("States.ArrayPartition($.items, 3)", json!([[1, 2, 3], [2]])),
        ("States.ArrayContains($.items, 2.0)", json!(true)),
        ("States.ArrayRange(1, 9, 4)", json!([1, 5, 9])),
        ("States.ArrayRange(3, 1, -1)", json!([3, 2, 1])),
        ("States.ArrayGetItem($.items, 2)", json!(3)),
        ("States.ArrayLength($.items)", json!(4)),
        ("States.ArrayUnique($.items)", json!([1, 2, 3])),
        ("States.Base64Encode('Data')", json!("RGF0YQ==")),
        ("States.Base64Decode('RGF0YQ==')", json!("Data")),
        ("States.Hash('input data', 'SHA-1')", json!("aaff4a450a104cd177d28d18d74485e8cae074b7")),
        ("States.JsonMerge($.o, States.StringToJson('{\"b\":2}'), false)", json!({"a": 1, "b": 2})),
        ("States.MathAdd(1.5, -4)", json!(-2)),
        ("States.StringSplit('a.b+c..d', '.+')", json!(["a", "b", "c", "d"])),
        ("States.ArrayLength($.items[?(@ > 1)])", json!(3)),
    ] {
        assert_eq!(evaluate(text), Ok(expected), "{text}");
    }
}

#[test]
fn the_same_seed_gives_the_same_random_number() {
    assert_eq!(evaluate("States.MathRandom(1, 999, 7)"), evaluate("States.MathRandom(1, 999, 7)"));
    let number = evaluate("States.MathRandom(3, 5)").unwrap().as_i64().unwrap();
    assert!((3..5).contains(&number));
    assert_eq!(evaluate("States.UUID()").unwrap().as_str().map(str::len), Some(36));
}

#[test]
fn what_cannot_be_done_fails_as_an_intrinsic_failure() {
    for text in [
        "States.Format('{}')",
        "States.Format('{}', 1, 2)",
        "States.ArrayPartition($.items, 0)",
        "States.ArrayRange(1, 2000, 1)",
        "States.ArrayRange(1, 2, 0)",
        "States.ArrayGetItem($.items, 9)",
        "States.ArrayLength('a')",
        "States.Base64Decode('%')",
        "States.Hash('a', 'SHA-2')",
        "States.JsonMerge($.o, $.o, true)",
        "States.MathAdd(3000000000, 1)",
        "States.StringToJson('{')",
        "States.MathRandom(2, 2)",
    ] {
        assert!(evaluate(text).is_err_and(|error| error.starts_with("States.IntrinsicFailure")), "{text}");
    }
}

#[test]
fn ranges_have_a_thousand_items_at_most() {
    let length = |last: u32| evaluate(&format!("States.ArrayLength(States.ArrayRange(1, {last}, 1))"));
    assert_eq!(length(1_000), Ok(json!(1_000)));
    assert!(length(1_001).is_err());
}

#[test]
fn numbers_that_are_not_whole_are_rounded_to_the_nearest() {
    for (text, expected) in [
        ("States.ArrayPartition($.items, 2.6)", json!([[1, 2, 3], [2]])),
        ("States.ArrayRange(0.6, 3.4, 1.2)", json!([1, 2, 3])),
        ("States.MathAdd(1.4, 1.6)", json!(3)),
    ] {
        assert_eq!(evaluate(text), Ok(expected), "{text}");
    }
}

#[test]
fn sums_take_numbers_of_32_bits() {
    assert_eq!(evaluate("States.MathAdd(2147483647, -2147483648)"), Ok(json!(-1)));
    assert!(evaluate("States.MathAdd(2147483648, 0)").is_err());
    assert!(evaluate("States.MathAdd(0, -2147483649)").is_err());
}

#[test]
fn texts_to_encode_and_to_hash_have_ten_thousand_characters_at_most() {
    for function in ["States.Base64Encode('{}')", "States.Base64Decode('{}')", "States.Hash('{}', 'MD5')"] {
        let of = |characters: usize| evaluate(&function.replace("{}", &"A".repeat(characters)));
        assert!(of(10_000).is_ok(), "{function}");
        assert!(of(10_001).is_err_and(|error| error.contains("10000 characters")), "{function}");
    }
    let list = format!("States.Hash(States.Array({}), 'MD5')", vec!["10"; 4_000].join(","));
    assert!(evaluate(&list).is_err());
}

#[test]
fn there_are_five_algorithms() {
    for (algorithm, digits) in
        [("MD5", 32), ("SHA-1", 40), ("SHA-256", 64), ("SHA-384", 96), ("SHA-512", 128)]
    {
        let hash = evaluate(&format!("States.Hash('input data', '{algorithm}')")).unwrap();
        assert_eq!(hash.as_str().map(str::len), Some(digits), "{algorithm}");
    }
}

#[test]
fn a_random_number_is_below_its_end() {
    assert_eq!(evaluate("States.MathRandom(4, 5)"), Ok(json!(4)));
    assert!(evaluate("States.MathRandom(5, 4)").is_err());
}

#[test]
fn what_is_no_call_is_refused() {
    for text in [
        "States.Nothing()",
        "States.UUID(1)",
        "States.Format('a",
        r"States.Format('\a')",
        "States.Format('a') x",
        "States.Array(1,)",
        "States.Array([1])",
        "States.Array",
    ] {
        assert!(evaluate(text).is_err_and(|error| error.starts_with("refused")), "{text}");
    }
    let nested = format!("{}1{}", "States.Array(".repeat(11), ")".repeat(11));
    assert!(evaluate(&nested).is_err_and(|error| error.contains("10 deep")));
}
