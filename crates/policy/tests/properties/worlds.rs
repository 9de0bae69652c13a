//! Random requests with random policies: of few words, so that they meet often.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::naive::{ACCOUNT, ROLE, ROOT, SERVICE, SESSION, USER, World};

const ACTIONS: [&str; 9] = [
    "*",
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "S3:PUTOBJECT",
    "s3:?etObject",
    "sqs:*",
    "*:GetObject",
    "s3:GetObjectAcl",
];
const RESOURCES: [&str; 9] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::*/k",
    "arn:aws:s3:::b/?",
    "arn:aws:s3:::b",
    "arn:aws:s3:::",
    "arn:aws:s3:::b/ad*",
];

fn element(name: &'static str, words: &'static [&'static str]) -> impl Strategy<Value = (String, Value)> {
    let chosen = subsequence(words, 1..3).prop_map(|words| match words.as_slice() {
        [one] => json!(one),
        several => json!(several),
    });
    (prop::bool::weighted(0.15), chosen)
        .prop_map(move |(is_not, words)| (format!("{}{name}", if is_not { "Not" } else { "" }), words))
}

fn condition() -> impl Strategy<Value = Value> {
    let operators = select(&["StringEquals", "StringNotEquals", "StringLikeIfExists"][..]);
    let compared = (operators, select(&["x", "y", "x*"][..]));
    let null = select(&["true", "false"][..]).prop_map(|wanted| ("Null", wanted));
    prop_oneof![3 => compared, 1 => null].prop_map(|(operator, wanted)| json!({operator: {"app:A": wanted}}))
}

fn principal() -> impl Strategy<Value = (&'static str, Value)> {
    let named = subsequence(&[USER, SESSION, ROLE, ROOT, ACCOUNT][..], 1..3);
    prop_oneof![
        1 => Just(("Principal", json!("*"))),
        4 => named.clone().prop_map(|named| ("Principal", json!({"AWS": named}))),
        1 => Just(("Principal", json!({"Service": SERVICE}))),
        1 => named.prop_map(|named| ("NotPrincipal", json!({"AWS": named}))),
    ]
}

pub(crate) fn statement(has_principal: bool) -> impl Strategy<Value = Value> {
    let parts = (
        prop::bool::weighted(0.8),
        element("Action", &ACTIONS),
        element("Resource", &RESOURCES),
        weighted(0.3, condition()),
        principal(),
    );
    parts.prop_map(move |(allows, action, resource, condition, principal)| {
        let (name, named) = principal;
        // AWS does not accept NotPrincipal with Allow.
        let allows = allows && name == "Principal";
        let mut statement = json!({"Effect": if allows { "Allow" } else { "Deny" }, action.0: action.1, resource.0: resource.1});
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        if has_principal {
            statement[name] = named;
        }
        statement
    })
}

fn document(has_principal: bool) -> impl Strategy<Value = Value> {
    let few = prop::collection::vec(statement(has_principal), 1..4);
    let many = prop::collection::vec(statement(has_principal), 4..12);
    prop_oneof![few, many].prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

/// Identity policies, boundary, session policy, resource policy, SCPs.
type Documents = (Vec<Value>, Option<Value>, Option<Value>, Option<Value>, Vec<Value>);

fn world_policies() -> impl Strategy<Value = Documents> {
    (
        prop::collection::vec(document(false), 0..3),
        weighted(0.3, document(false)),
        weighted(0.3, document(false)),
        weighted(0.6, document(true)),
        prop::collection::vec(document(false), 0..2),
    )
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let asked = (
        select(&[USER, SESSION, ROOT, SERVICE][..]),
        select(&["s3:GetObject", "s3:PutObject", "sqs:SendMessage", "S3:getobjectacl"][..]),
        select(&["arn:aws:s3:::b/k", "arn:aws:s3:::b/ada", "arn:aws:s3:::c/k", "arn:aws:s3:::b", "*"][..]),
        select(&[ACCOUNT, ACCOUNT, "444455556666"][..]),
        select(&[None, Some("x"), Some("y"), Some("xy")][..]),
        select(&[None, Some("ada")][..]),
        any::<bool>(),
    );
    (asked, world_policies()).prop_map(|(asked, policies)| {
        let (principal, action, resource, account, key, username, must_allow) = asked;
        let (identity, boundary, session, resource_policy, service_control) = policies;
        World {
            principal,
            action,
            resource,
            account,
            key,
            username,
            identity,
            boundary,
            session,
            resource_policy,
            service_control,
            must_allow,
        }
    })
}
