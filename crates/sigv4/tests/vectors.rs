//! Signatures that AWS published, and ours made and verified again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use stepward_sigv4::{
    Credentials, Form, ParseError, Payload, RequestParts, SigningKey, VerifyError, parse, parse_basic,
    presign, sign, verify,
};
use stepward_types::Timestamp;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn at(text: &str) -> Timestamp {
    parse_basic(text).unwrap()
}

fn credentials() -> Credentials {
    Credentials { access_key_id: "AKIDEXAMPLE".into(), secret_access_key: SECRET.into(), session_token: None }
}

// AWS: Signature Version 4 test suite, get-vanilla.
fn get_vanilla() -> Vec<(String, String)> {
    vec![
        header("host", "example.amazonaws.com"),
        header("x-amz-date", "20150830T123600Z"),
        header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
    ]
}

fn check(headers: &[(String, String)], query: &str, now: &str) -> Result<(), VerifyError> {
    let parts = RequestParts { method: "GET", path: "/", query, headers };
    let signature = parse(&parts).unwrap();
    let key = SigningKey::derive(SECRET, &signature.scope_date, &signature.region, &signature.service);
    verify(&parts, &signature, &Payload::Bytes(b""), &key, at(now))
}

#[test]
fn the_published_signature_holds() {
    assert_eq!(check(&get_vanilla(), "", "20150830T123600Z"), Ok(()));
}

#[test]
fn a_changed_request_does_not_hold() {
    assert_eq!(check(&get_vanilla(), "a=b", "20150830T123600Z"), Err(VerifyError::Mismatch));
}

#[test]
fn a_clock_may_be_off_by_five_minutes() {
    assert_eq!(check(&get_vanilla(), "", "20150830T124100Z"), Ok(()));
    let error = check(&get_vanilla(), "", "20150830T124101Z").unwrap_err();
    assert_eq!(
        error.to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
    );
    let error = check(&get_vanilla(), "", "20150830T123000Z").unwrap_err();
    assert!(error.to_string().starts_with("Signature not yet current: 20150830T123600Z"), "{error}");
}

#[test]
fn a_header_that_steers_the_request_must_be_signed() {
    let mut headers = get_vanilla();
    headers.push(header("x-amz-target", "AWSStepFunctions.ListStateMachines"));
    assert_eq!(check(&headers, "", "20150830T123600Z"), Err(VerifyError::Unsigned("x-amz-target".into())));
}

#[test]
fn what_we_sign_we_verify() {
    let mut headers = vec![header("host", "localhost:4566"), header("content-type", "text/plain;  a=b")];
    let parts =
        RequestParts { method: "POST", path: "/a%20b/../c/", query: "b=2&a=%2F&a=1", headers: &headers };
    let mut with_token = credentials();
    with_token.session_token = Some("token+/=".into());
    let now = at("20260102T030405Z");
    let added = sign(&parts, &Payload::Bytes(b"body"), &with_token, ("eu-central-1", "states"), now);
    headers.extend(added);
    let parts =
        RequestParts { method: "POST", path: "/a%20b/../c/", query: "b=2&a=%2F&a=1", headers: &headers };
    let signature = parse(&parts).unwrap();
    assert_eq!(signature.session_token.as_deref(), Some("token+/="));
    let key = SigningKey::derive(SECRET, "20260102", "eu-central-1", "states");
    assert_eq!(verify(&parts, &signature, &Payload::Bytes(b"body"), &key, now), Ok(()));
    assert_eq!(verify(&parts, &signature, &Payload::Bytes(b"other"), &key, now), Err(VerifyError::Mismatch));
}

#[test]
fn a_presigned_url_holds_until_its_time() {
    let headers = vec![header("host", "bucket.localhost")];
    let parts = RequestParts { method: "GET", path: "/key", query: "versionId=1", headers: &headers };
    let query = presign(&parts, &credentials(), ("us-east-1", "s3"), 60, at("20260102T030405Z"));
    let parts = RequestParts { query: &query, ..parts };
    let signature = parse(&parts).unwrap();
    assert_eq!(signature.form, Form::Presigned { expires_seconds: 60 });
    let key = SigningKey::derive(SECRET, "20260102", "us-east-1", "s3");
    let payload = Payload::Literal("UNSIGNED-PAYLOAD");
    assert_eq!(verify(&parts, &signature, &payload, &key, at("20260102T030505Z")), Ok(()));
    let late = verify(&parts, &signature, &payload, &key, at("20260102T030506Z"));
    assert_eq!(late, Err(VerifyError::PresignedExpired));
}

#[test]
fn a_malformed_signature_is_named() {
    let refused = |value: &str| {
        let headers = vec![
            header("host", "h"),
            header("authorization", value),
            header("x-amz-date", "20150830T123600Z"),
        ];
        parse(&RequestParts { method: "GET", path: "/", query: "", headers: &headers })
            .unwrap_err()
            .to_string()
    };
    assert!(refused("Basic dTpw").starts_with("Unsupported AWS 'algorithm'"));
    assert_eq!(
        refused("AWS4-HMAC-SHA256 Credential=a"),
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
         Authorization=AWS4-HMAC-SHA256 Credential=a"
    );
    assert!(
        refused("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c")
            .starts_with("Credential must have")
    );
    let unsigned = RequestParts { method: "GET", path: "/", query: "", headers: &[] };
    assert_eq!(parse(&unsigned), Err(ParseError::Missing));
}

proptest::proptest! {
    #[test]
    fn no_request_makes_the_parser_panic(value in ".*", query in ".*", path in ".*") {
        let headers = vec![header("authorization", &value), header("host", "h"), header("x-amz-date", &value)];
        let parts = RequestParts { method: "GET", path: &path, query: &query, headers: &headers };
        let _ = parse(&parts);
        let _ = parse(&RequestParts { headers: &[], ..parts });
    }
}
