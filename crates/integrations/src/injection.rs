//! Whatever the arguments of a call hold that is no operation of a service, the call stays what it is: it goes to the
//! host that it names, and no text begins another header, parameter or path.

use hyper::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::form::{ArrayFormat, encoded_pairs, form, pairs};
use crate::http_client::OutgoingBody;
use crate::optimized::{api_request, http_request, kubernetes_path};

const PIECES: &[&str] = &[
    "\r\n",
    "\r",
    "\n",
    "\0",
    "\t",
    " ",
    "a",
    "B9",
    "..",
    ".",
    "/",
    "//",
    "/../",
    "\\",
    "%",
    "%2f",
    "%2e%2e",
    "%0d%0a",
    "?",
    "#",
    "&",
    "=",
    ";",
    ",",
    ":",
    "@",
    "+",
    "[",
    "]",
    "é",
    "🦀",
    "\u{2028}",
    "\u{ff0f}",
    "\u{7f}",
    "\r\nx-evil: 1",
    "http://evil.example/",
    "\"",
];

fn hostile() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 1..6).prop_map(|pieces| pieces.concat())
}

/// A value of any shape that is full of such texts.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        hostile().prop_map(Value::String),
        Just(Value::Null),
        any::<i32>().prop_map(|n| json!(n))
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::btree_map(hostile(), inner, 0..3).prop_map(|members| json!(members)),
        ]
    })
}

fn check(request: &Request<OutgoingBody>, host: &str) {
    let why = format!("{:?} {:?}", request.uri(), request.headers());
    assert_eq!(request.uri().authority().unwrap().as_str(), host, "{why}");
    let shown = request.uri().to_string();
    assert!(!shown.contains('#') && shown.bytes().all(|byte| byte.is_ascii_graphic()), "{why}");
    for part in request.uri().path().split('/') {
        assert!(!matches!(part, "." | ".."), "{why}");
    }
    assert!(request.headers().get("x-evil").is_none(), "{why}");
    assert!(request.headers().get_all("host").iter().all(|value| value == host), "{why}");
    for value in request.headers().values() {
        assert!(!value.as_bytes().iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{why}");
    }
}

/// Pairs as a server reads them.
fn read(query: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)), "{query}");
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let mut digit = || char::from(rest.next().unwrap()).to_digit(16).unwrap();
            bytes.push(if byte == b'%' { u8::try_from(digit() * 16 + digit()).unwrap() } else { byte });
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (plain(name), plain(value))).collect()
}

proptest! {
    #[test]
    fn a_query_is_read_as_the_pairs_that_it_was_written_from(value in value()) {
        if let Ok(pairs) = pairs("QueryParameters", Some(&value)) {
            assert_eq!(read(&encoded_pairs(&pairs)), pairs);
        }
    }

    #[test]
    fn a_form_has_no_more_pairs_than_its_value_has_texts(value in value()) {
        for format in [ArrayFormat::Indices, ArrayFormat::Repeat, ArrayFormat::Commas, ArrayFormat::Brackets] {
            assert!(read(&form(&value, format)).len() <= leaves(&value));
        }
    }

    #[test]
    fn an_http_task_calls_the_host_that_it_names(texts in proptest::collection::vec(hostile(), 4), value in value()) {
        let [path, name, text, method] = &texts[..] else { unreachable!() };
        for endpoint in ["https://api.example.com/v1".to_owned(), format!("https://api.example.com/{path}")] {
            for method in ["GET", method] {
                let arguments = json!({"ApiEndpoint": endpoint, "Method": method,
                    "InvocationConfig": {"ConnectionArn": "arn"}, "Headers": {name: text, "x": [text]},
                    "QueryParameters": {name: value}, "RequestBody": value});
                if let Ok(request) = http_request(&arguments) {
                    let shown = request.uri().to_string();
                    assert!(shown.starts_with("https://api.example.com/"), "{shown}");
                    assert!(request.headers().get("x-evil").is_none());
                }
            }
        }
    }

    #[test]
    fn an_api_is_called_in_its_stage(texts in proptest::collection::vec(hostile(), 5), value in value()) {
        let [stage, path, name, text, host] = &texts[..] else { unreachable!() };
        let own = "abc123.execute-api.us-east-1.amazonaws.com";
        for host in [own.to_owned(), format!("{host}.execute-api.us-east-1.amazonaws.com"), format!("{own}{host}")] {
            let arguments = json!({"ApiEndpoint": host, "Method": "POST", "Stage": stage, "Path": path,
                "Headers": {name: text}, "QueryParameters": {name: value}, "RequestBody": value});
            if let Ok(request) = api_request(&arguments) {
                let host = request.uri().authority().unwrap().as_str().to_owned();
                assert!(host.ends_with(".execute-api.us-east-1.amazonaws.com"), "{host}");
                check(&request, &host);
                let called: Vec<_> = request.uri().path().split('/').skip(1).collect();
                assert!(called.len() == 1 || !called.contains(&""), "{called:?}");
            }
        }
    }

    #[test]
    fn a_cluster_is_called_below_its_own_address(path in hostile()) {
        if let Ok(path) = kubernetes_path(&format!("/{path}")) {
            let uri = format!("https://cluster.example{path}").parse::<hyper::Uri>();
            if let Ok(uri) = uri {
                assert_eq!(uri.authority().unwrap().as_str(), "cluster.example");
                assert_eq!(uri.query(), None);
            }
        }
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(leaves).sum::<usize>().max(1),
        Value::Object(members) => members.values().map(leaves).sum(),
        _ => 1,
    }
}
