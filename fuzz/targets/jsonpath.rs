//! Any text as a JSONPath, a reference path and an intrinsic function.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stepward_query::{Expression, JsonPath, ReferencePath};

fuzz_target!(|text: &str| {
    let document = serde_json::json!({"a": {"b": [1, {"c": "x"}, [2, 3]]}, "n": null, "list": [{"id": 1}, {"id": 2}]});
    if let Ok(path) = JsonPath::parse(text) {
        let _ = path.find(&document);
    }
    let _ = ReferencePath::parse(text);
    let _ = Expression::parse(text);
});
