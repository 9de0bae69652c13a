//! What the generated expressions are evaluated on.

use serde_json::{Value, json};

pub(super) fn all() -> Vec<Value> {
    vec![
        json!({
            "a": 1, "b": "two", "c": [1, 2, 3], "d": {"a": {"b": 5}, "e": [4]}, "n": null, "t": true, "f": false,
            "list": [
                {"id": 1, "name": "x", "tags": ["p", "q"], "price": 3.5, "in": {"a": 1}},
                {"id": 2, "name": "y", "tags": [], "price": 10, "in": {"a": 2}},
                {"id": 3, "name": "x", "tags": ["q"], "price": -1.25},
            ],
            "text": "The quick brown fox", "empty": [], "nothing": {},
        }),
        json!({
            "a": [[1, 2], [3]], "b": {"c": [{"a": 1}, {"a": [2, 3]}, {"b": 4}]}, "c": "c", "d": [{"e": {"a": 7}}],
            "list": [{"id": 9, "name": "z", "price": 0, "tags": "one"}], "text": "  spaced\tout  ", "n": null, "t": false,
        }),
        json!([
            {"a": 1, "b": "x", "c": [3, 1, 2], "list": [{"id": 1, "name": "m"}]},
            {"a": 2, "b": "y", "c": [], "d": {"a": "z"}, "text": "2024-02-29T12:30:45.678Z"},
            {"a": null, "b": "x", "t": true, "text": "äöü😀"},
        ]),
        json!({
            "a": 4_503_599_627_370_i64, "b": "12.5", "c": [true, "x", 2, null, {"a": "b"}], "d": {"a": []},
            "list": [{"id": 2, "price": 0.1}, {"id": 1, "price": 0.2}, {"id": 2, "price": 1e21}, {"id": 1}],
            "text": "a,b;c", "t": 0, "f": "",
        }),
        json!([1, 2, [3, 4], "x"]),
        json!("a text"),
        json!({}),
    ]
}
