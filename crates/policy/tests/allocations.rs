//! The allow path allocates nothing, whatever policies take part in it.
#![allow(clippy::unwrap_used, reason = "a test: its documents are well-formed")]

use std::sync::Arc;

use serde_json::{Value, json};
use stepward_policy::{Attached, Context, OrganizationLevel, Policies, Policy, Principal, Request, evaluate};

const ACCOUNT: &str = "111122223333";

fn attached(statements: Value) -> Attached {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = Policy::from_value(&document).unwrap();
    Attached { policy: Arc::new(policy), name: "p".to_owned(), arn: None }
}

/// Every operator once, with variables, wildcards and sets, each of which the context satisfies.
fn conditions() -> Value {
    json!({
        "StringEquals": {"app:Team": "${aws:PrincipalTag/team}"},
        "StringEqualsIgnoreCase": {"app:Team": ["green", "BLUE"]},
        "StringLike": {"app:Team": ["gr*", "b?u*"]},
        "StringNotLikeIfExists": {"app:Nothing": "*"},
        "ForAllValues:StringLike": {"aws:TagKeys": ["a*", "b*"]},
        "ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"},
        "NumericLessThan": {"app:Count": "10"},
        "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
        "Bool": {"aws:SecureTransport": "true"},
        "BinaryEquals": {"app:Blob": "QUJD"},
        "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
        "ArnLike": {"aws:SourceArn": "arn:aws:states:us-*-1:111122223333:stateMachine:*"},
        "Null": {"app:Nothing": "true"},
    })
}

fn context() -> Context {
    let mut context = Context::new();
    for (key, value) in [
        ("aws:PrincipalTag/team", "blue"),
        ("app:Team", "blue"),
        ("app:Count", "3"),
        ("aws:CurrentTime", "2026-07-01T00:00:00Z"),
        ("aws:SecureTransport", "true"),
        ("app:Blob", "QUJD"),
        ("aws:SourceIp", "203.0.113.9"),
        ("aws:SourceArn", "arn:aws:states:us-east-1:111122223333:stateMachine:m"),
    ] {
        context.set(key, vec![value.to_owned()]);
    }
    context.set("aws:TagKeys", vec!["a".to_owned(), "b1".to_owned()]);
    context
}

fn many(last: Value) -> Value {
    let other = |number: usize| {
        let effect = if number.is_multiple_of(3) { "Deny" } else { "Allow" };
        json!({"Effect": effect, "Action": format!("s3:Action{number}"), "Resource": format!("arn:aws:s3:::b{number}/*")})
    };
    Value::Array((0..200).map(other).chain([last]).collect())
}

#[test]
fn an_allowed_request_allocates_nothing() {
    let full = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let identity = [attached(many(json!({
        "Effect": "Allow", "Action": "S3:Get*", "Condition": conditions(),
        "Resource": ["arn:aws:s3:us-*-1:*:x", "arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*"],
    })))];
    let limits = [attached(json!([full, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}]))];
    let levels = [OrganizationLevel { name: "root".to_owned(), policies: limits.to_vec() }];
    let named = format!("arn:aws:iam::{ACCOUNT}:root");
    let resource = attached(
        json!([{"Effect": "Allow", "Principal": {"AWS": named}, "Action": "s3:*", "Resource": "*"}]),
    );
    let principal = Principal::parse(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/Worker/shift")).unwrap();
    let context = context();
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::bucket/blue/key",
        resource_account: Some(ACCOUNT),
        context: &context,
    };
    let policies = Policies {
        identity: &identity,
        boundary: Some(&limits),
        session: Some(&limits),
        resource: Some(&resource),
        service_control: &levels,
        resource_control: &levels,
        ..Policies::default()
    };
    let mut is_allowed = false;
    let counted = allocation_counter::measure(|| is_allowed = evaluate(&request, &policies).is_allowed());
    assert!(is_allowed);
    assert_eq!(counted.count_total, 0);
}

#[test]
fn the_counter_counts() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![0_u8; 64])));
    assert_eq!(counted.count_total, 1);
}
