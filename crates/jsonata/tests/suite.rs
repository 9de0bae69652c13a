//! The language's own test suite.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and says what failed"
)]
#![allow(clippy::disallowed_methods, reason = "the cases are in files")]

use std::collections::HashMap;

use serde_json::Value as Json;
use stepward_jsonata::{Budget, Error, Expression, Host, Value};

/// Cases that this implementation is known to answer otherwise; `docs/compatibility.md` says why.
const EXCEPTIONS: &str = include_str!("exceptions.txt");

/// A clock that goes on by a millisecond each time it is looked at: a busy machine changes nothing.
#[derive(Default)]
struct Clock(std::cell::Cell<u64>);

impl Host for Clock {
    fn elapsed_ms(&self) -> u64 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }

    fn now_ms(&self) -> i64 {
        1_790_000_000_000
    }

    fn random(&self) -> f64 {
        0.42
    }
}

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/jsonata")
}

fn outcome(case: &Json, datasets: &Json) -> Result<Option<Json>, Error> {
    let input = match case.get("dataset").and_then(Json::as_str) {
        Some(name) => Value::from(datasets.get(name).unwrap()),
        None => case.get("data").map_or(Value::Undefined, Value::from),
    };
    let bindings: HashMap<String, Value> = case
        .get("bindings")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), Value::from(value)))
        .collect();
    let mut budget = Budget { time_ms: case.get("timelimit").and_then(Json::as_u64), ..Budget::default() };
    if let Some(depth) = case.get("depth").and_then(Json::as_u64) {
        budget.depth = usize::try_from(depth).unwrap();
    }
    let expression = Expression::compile(case.get("expr").and_then(Json::as_str).unwrap())?;
    let result = expression.evaluate(&input, &bindings, &Clock::default(), &budget)?;
    Ok(result.and_then(|result| result.to_json()))
}

fn is_expected(case: &Json, outcome: &Result<Option<Json>, Error>) -> bool {
    let expect = case.get("expect").unwrap();
    if let Some(code) = expect.get("error").and_then(Json::as_str) {
        // The code, and whatever else the case says about the error.
        return outcome.as_ref().is_err_and(|found| {
            let position = found.position().map(Json::from);
            found.code() == code
                && expect.get("token").is_none_or(|token| found.token().as_ref() == Some(token))
                && expect.get("position").is_none_or(|place| position.as_ref() == Some(place))
                && expect.get("message").is_none_or(|text| *text == found.message())
        });
    }
    if expect.get("undefined").is_some() {
        return matches!(outcome, Ok(None));
    }
    let Ok(Some(found)) = outcome else { return false };
    let expected = expect.get("result").unwrap();
    if case.get("unordered").and_then(Json::as_bool) == Some(true) {
        let sorted = |value: &Json| {
            let mut texts: Vec<String> =
                value.as_array().into_iter().flatten().map(Json::to_string).collect();
            texts.sort();
            texts
        };
        return sorted(found) == sorted(expected);
    }
    same(found, expected)
}

/// Equal by value: 1 and 1.0 are one number, and the order of keys says nothing.
fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        (left, right) => left == right,
    }
}

#[test]
fn every_case_of_the_suite_has_its_outcome() {
    let datasets: Json =
        serde_json::from_str(&std::fs::read_to_string(folder().join("datasets.json")).unwrap()).unwrap();
    let cases = std::fs::read_to_string(folder().join("cases.jsonl")).unwrap();
    let mut failed = Vec::new();
    for line in cases.lines() {
        // Half a surrogate pair is no character here.
        let case: Json = serde_json::from_str(line)
            .or_else(|_| {
                serde_json::from_str(&line.replace("\\ud800", "\\ufffd").replace("\\uD800", "\\ufffd"))
            })
            .unwrap();
        let id = case.get("id").and_then(Json::as_str).unwrap();
        let outcome = outcome(&case, &datasets);
        if !is_expected(&case, &outcome) && !EXCEPTIONS.lines().any(|known| known == id) {
            eprintln!(
                "{id}: {} gave {outcome:?}, expected {}",
                case.get("expr").unwrap(),
                case.get("expect").unwrap()
            );
            failed.push(id.to_owned());
        }
    }
    assert!(failed.is_empty(), "{} cases failed", failed.len());
}
