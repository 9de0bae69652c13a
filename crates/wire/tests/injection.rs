//! Whatever the members of an input hold, a request stays the request of its operation: no text begins another header,
//! parameter, path or host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stepward_models::{Kind, Location, Operation, Protocol, Service, Shape, service, service_names};
use stepward_wire::HttpRequest;
use stepward_wire::client::encode_request;

/// What texts are put together from.
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
    "{",
    "}",
    "é",
    "🦀",
    "\u{2028}",
    "\u{ff0f}",
    "\u{7f}",
    "\r\nx-evil: 1",
    "HTTP/1.1",
    "http://evil.example/",
    "\"",
    "'",
    "<",
    "]]>",
];

fn hostile() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 1..6).prop_map(|pieces| pieces.concat())
}

/// Every operation of the REST protocols whose path, query or headers an input reaches, and some of the others.
fn operations() -> &'static [(&'static Service, &'static Operation)] {
    static OPERATIONS: OnceLock<Vec<(&'static Service, &'static Operation)>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let mut found = Vec::new();
        for service in service_names().into_iter().filter_map(service) {
            let mut names: Vec<_> = service.operations.keys().collect();
            names.sort_unstable();
            let of_service = names.into_iter().map(|name| &service.operations[name]);
            let is_reached = |operation: &&Operation| match service.protocol {
                Protocol::RestJson | Protocol::RestXml => {
                    let members = operation.input.map(|id| service.shape(id).members()).unwrap_or_default();
                    members.iter().any(|member| member.location != Location::Body)
                }
                _ => false,
            };
            found.extend(of_service.filter(is_reached).map(|operation| (service, operation)));
        }
        for (name, operation) in
            [("dynamodb", "PutItem"), ("sqs", "SendMessage"), ("sns", "Publish"), ("ec2", "CreateTags")]
        {
            let service = service(name).unwrap();
            found.push((service, &service.operations[operation]));
        }
        found
    })
}

/// An input with the text wherever a text can be.
fn filled(service: &Service, shape: &Shape, text: &str, depth: usize) -> Value {
    match &shape.kind {
        Kind::Structure { members, .. } if depth < 3 => {
            let filled = |member: &stepward_models::Member| {
                (member.name.clone(), filled(service, service.shape(member.shape), text, depth + 1))
            };
            Value::Object(members.iter().map(filled).collect::<Map<_, _>>())
        }
        Kind::Structure { .. } => json!({}),
        Kind::List { member } => json!([filled(service, service.shape(member.shape), text, depth + 1)]),
        Kind::Map { value, .. } => {
            json!({text: filled(service, service.shape(value.shape), text, depth + 1)})
        }
        Kind::String => json!(text),
        Kind::Blob => json!("YQ=="),
        Kind::Boolean => json!(true),
        Kind::Timestamp | Kind::Integer | Kind::Long | Kind::Float | Kind::Double => json!(1),
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte.unwrap()).to_digit(16).unwrap();
        bytes.push(if byte == b'%' {
            u8::try_from(digit(rest.next()) * 16 + digit(rest.next())).unwrap()
        } else {
            byte
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn check(service: &Service, operation: &Operation, request: &HttpRequest, text: &str) {
    let why = format!("{} {} with {text:?}: {request:?}", service.name, operation.name);
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    assert!(request.path.starts_with('/') && is_plain(&request.path), "{why}");
    assert!(!request.path.contains(['?', '#']), "{why}");
    for part in request.path.split('/').map(decoded) {
        assert!(part.split('/').all(|part| !matches!(part, "." | "..")), "{why}");
    }
    assert!(is_plain(&request.query) && !request.query.contains('#'), "{why}");
    let (template, fixed) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
    if !template.contains("+}") && template != "/" {
        assert_eq!(request.path.matches('/').count(), template.matches('/').count(), "{why}");
    }
    let of_template: Vec<&str> = fixed.split('&').filter(|pair| !pair.is_empty()).collect();
    for pair in request.query.split('&').filter(|pair| !pair.is_empty() && !of_template.contains(pair)) {
        let (name, value) = pair.split_once('=').expect(&why);
        assert!(!value.contains('='), "{why}");
        let is_known = |name: &str| {
            let members = operation.input.map(|id| service.shape(id).members()).unwrap_or_default();
            members.iter().any(|member| member.wire_name() == name)
        };
        assert!(is_known(name) || decoded(name) == text, "{why}");
        assert!(
            [text, "1", "true", "YQ=="].contains(&&*decoded(value)) || decoded(value).len() < 40,
            "{why}"
        );
    }
    for (name, value) in &request.headers {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert!(!name.is_empty() && name.bytes().all(is_token), "{why}");
        assert!(!value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{why}");
        assert!(!matches!(name.as_str(), "host" | "authorization" | "transfer-encoding" | "x-evil"), "{why}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn no_text_makes_a_request_another_one(at in any::<proptest::sample::Index>(), text in hostile()) {
        let (service, operation) = at.get(operations());
        let input = operation.input.map_or_else(|| json!({}), |id| filled(service, service.shape(id), &text, 0));
        // A text that has no place in a header or a path is refused.
        if let Ok(request) = encode_request(service, operation, &input) {
            check(service, operation, &request, &text);
        }
    }
}

#[test]
fn dots_lead_nowhere_wherever_they_stand() {
    let refused = |service_name: &str, name: &str, input: Value| {
        let service = service(service_name).unwrap();
        encode_request(service, &service.operations[name], &input).is_err()
    };
    for key in ["..", "a/..", "../b", "a/../b", "a/./b", "."] {
        assert!(refused("s3", "GetObject", json!({"Bucket": "b", "Key": key})), "{key}");
        assert!(refused("databrew", "StartJobRun", json!({"Name": key})), "{key}");
    }
    for key in ["a..b", "...", "a/b", "%2e%2e", "a%2f..%2fb"] {
        assert!(!refused("s3", "GetObject", json!({"Bucket": "b", "Key": key})), "{key}");
    }
}
