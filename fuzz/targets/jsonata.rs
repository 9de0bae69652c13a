//! Any text as a JSONata expression: it ends within its budget and never panics.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use stepward_jsonata::{Budget, Expression, Host, Value};

struct Still;

impl Host for Still {
    fn now_ms(&self) -> i64 {
        1_790_000_000_000
    }

    fn random(&self) -> f64 {
        0.42
    }
}

fuzz_target!(|text: &str| {
    let expression = match Expression::compile(text) {
        Ok(expression) => expression,
        Err(error) => {
            let _ = error.to_string();
            return;
        }
    };
    let document = serde_json::json!({
        "a": 1, "b": "two", "c": [1, 2, [3]], "d": {"a": {"b": null}}, "list": [{"id": 1}, {"id": 2, "tags": ["x"]}],
    });
    let budget = Budget { depth: 200, steps: 20_000, bytes: 4 * 1_024 * 1_024, ..Budget::default() };
    match expression.evaluate(&Value::from(&document), &HashMap::new(), &Still, &budget) {
        Ok(value) => drop(value.and_then(|value| value.to_json())),
        Err(error) => drop(error.to_string()),
    }
});
