use proptest::prelude::*;
use serde_json::{Value, json};

use super::JsonPath;

fn document() -> Value {
    json!({
        "store": {
            "book": [
                {"title": "A", "price": 8.95, "tags": ["x"]},
                {"title": "B", "price": 12.99, "isbn": "1", "tags": ["x", "y"]},
                {"title": "C", "price": 22.99, "isbn": "2", "tags": []},
            ],
            "bicycle": {"color": "red", "price": 19.95}
        },
        "expensive": 10,
        "a b": 1
    })
}

fn find(path: &str) -> Result<Value, String> {
    JsonPath::parse(path).and_then(|path| path.find(&document())).map_err(|error| error.0)
}

#[test]
fn definite_paths_give_the_value_itself() {
    for (path, expected) in [
        ("$", document()),
        ("$.expensive", json!(10)),
        ("$['a b']", json!(1)),
        ("$.store.book[0].title", json!("A")),
        ("$.store.book[-1].title", json!("C")),
        ("$['store']['bicycle'].color", json!("red")),
        ("$.store.bicycle['color','price','no']", json!({"color": "red", "price": 19.95})),
        ("$.store.book.[0].title", json!("A")),
    ] {
        assert_eq!(find(path), Ok(expected), "{path}");
    }
}

#[test]
fn other_paths_give_a_list_even_of_nothing() {
    for (path, expected) in [
        ("$.store.book[*].title", json!(["A", "B", "C"])),
        ("$.store.book[0,2].title", json!(["A", "C"])),
        ("$.store.book[:2].title", json!(["A", "B"])),
        ("$.store.book[-2:].title", json!(["B", "C"])),
        ("$.store.book[0:3:2].title", json!(["A", "C"])),
        ("$..title", json!(["A", "B", "C"])),
        ("$..book[1].title", json!(["B"])),
        ("$.store.*.color", json!(["red"])),
        ("$.store['bicycle','no'].color", json!(["red"])),
        ("$.store.book.[?(@.title == A)].price", json!([8.95])),
        ("$..nothing", json!([])),
        ("$.no[*].such", json!([])),
        ("$.expensive[?(@.a)]", json!([])),
        ("$.store.book[9:].title", json!([])),
        ("$.store.book[?(@.price < 10)].title", json!(["A"])),
        ("$.store.book[?(@.isbn)].title", json!(["B", "C"])),
        ("$.store.book[?(!@.isbn)].title", json!(["A"])),
        ("$.store.book[?(@.price > $.expensive && @.title != 'B')].title", json!(["C"])),
        ("$.store.book[?(@.title == 'A' || @.title == \"C\")].title", json!(["A", "C"])),
        ("$.store.book[?(@.title in ['A', 'B'])].title", json!(["A", "B"])),
        ("$.store.book[?(@.title =~ /[ab]/i)].title", json!(["A", "B"])),
        ("$.store.book[?(@.tags contains 'y')].title", json!(["B"])),
        ("$.store.book[?(@.tags empty true)].title", json!(["C"])),
        ("$.store.book[?((@.price < 10) || (@.price > 20))].title", json!(["A", "C"])),
    ] {
        assert_eq!(find(path), Ok(expected), "{path}");
    }
}

#[test]
fn a_backslash_in_a_name_stands_for_itself_but_before_a_quote() {
    let document = json!({"a\\\"b": 1, "c'd": 2});
    let find = |path: &str| JsonPath::parse(path).unwrap().find(&document);
    assert_eq!(find(r#"$['a\"b']"#), Ok(json!(1)));
    assert_eq!(find(r"$['c\'d']"), Ok(json!(2)));
}

#[test]
fn functions_stand_at_the_end() {
    assert_eq!(find("$.store.book.length()"), Ok(json!(3)));
    assert_eq!(find("$..price.max()"), Ok(json!(22.99)));
    assert_eq!(find("$.store.bicycle.keys()"), Ok(json!(["color", "price"])));
    assert!(find("$.store.book.nothing()").is_err());
}

#[test]
fn functions_take_arguments_as_jayway_has_them() {
    for (path, expected) in [
        ("$.store.book[0].tags.append('z', 1)", json!(["x", "z", 1])),
        ("$.store.book[1].tags.append($.expensive)", json!(["x", "y", 10])),
        ("$.store.book[1].tags.concat()", json!("xy")),
        ("$.store.book[1].tags.concat('-', $.expensive, [1, \"b\"])", json!("xy-101b")),
        ("$.store.book[1].tags.index(1)", json!("y")),
        ("$.store.book[1].tags.index(-2)", json!("x")),
        ("$.store.book[1].tags.first()", json!("x")),
        ("$.store.book[1].tags.last()", json!("y")),
        ("$.sum($.expensive, 2, [3, 4])", json!(19.0)),
        ("$..price.min(1)", json!(1.0)),
        ("$.avg(1, 2)", json!(1.5)),
        ("$.stddev(1, 3)", json!(1.0)),
        ("$.length($.store.book)", json!(3)),
        ("$.length($..price)", json!(4)),
        ("$.expensive.keys()", Value::Null),
    ] {
        assert_eq!(find(path), Ok(expected), "{path}");
    }
    for (path, expected) in [
        ("$.store.book[1].tags.index(2)", "Target index:2 larger than object count:2"),
        ("$.store.book[1].tags.index(-3)", "Target index:-3 larger than object count:2"),
        (
            "$.store.book[2].tags.first()",
            "Aggregation function attempted to calculate value using empty array",
        ),
        ("$.store.sum()", "Aggregation function attempted to calculate value using empty array"),
        ("$.store.book.index('a')", "The function 'index' takes one whole number"),
    ] {
        assert_eq!(find(path), Err(expected.to_owned()), "{path}");
    }
    for path in ["$.a.append(", "$.a.append(x)", "$.a.append(1", "$.a.append(1,)", "$.a.append($.)"] {
        assert!(JsonPath::parse(path).is_err(), "{path}");
    }
}

#[test]
fn what_is_missing_is_told_in_the_recorded_words() {
    for (path, expected) in [
        ("$.no", "No results for path: $['no']"),
        ("$.no.such", "Missing property in path $['no']"),
        ("$.store.no.such", "Missing property in path $['store']['no']"),
        ("$.store.book[7]", "No results for path: $['store']['book'][7]"),
    ] {
        assert_eq!(find(path), Err(expected.to_owned()), "{path}");
    }
    assert!(
        find("$.expensive.x")
            .unwrap_err()
            .starts_with("Expected to find an object with property ['x'] in path $['expensive']")
    );
    assert!(find("$.expensive[0]").unwrap_err().starts_with("Filter: [0] can only be applied to arrays"));
}

#[test]
fn what_is_no_path_is_refused() {
    for path in ["", "a", "$.", "$[", "$['a", "$[a]", "$.a[?(@.b]", "$..", "$.a b", "$[1:x]", "$.a]"] {
        assert!(JsonPath::parse(path).is_err(), "{path}");
    }
    assert!(JsonPath::parse(&format!("$[?({}@.a{})]", "(".repeat(500), ")".repeat(500))).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\$[.\\[\\]()?@'\"*:,a-c0-9 !=<>&|/~-]{0,40}") {
        if let Ok(path) = JsonPath::parse(&text) {
            let _ = path.find(&document());
        }
    }
}
