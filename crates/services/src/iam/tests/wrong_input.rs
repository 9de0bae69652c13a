//! What each operation answers to input that is wrong, beside what the model alone can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};
use stepward_models::service;

use super::named::operations;
use super::{Fixture, allow, fixture, trust};

/// An operation and its input on each line.
const CALLS: &str = include_str!("wrong-input.txt");

/// One of each of what names can be taken by.
async fn furnished() -> Fixture {
    let at = fixture().await;
    at.does(&[
        ("CreateUser", json!({"UserName": "ada"})),
        ("CreateUser", json!({"UserName": "bob"})),
        ("CreateRole", json!({"RoleName": "R", "AssumeRolePolicyDocument": trust("ec2.amazonaws.com")})),
        ("CreateGroup", json!({"GroupName": "G"})),
        ("CreateGroup", json!({"GroupName": "H"})),
        ("CreatePolicy", json!({"PolicyName": "P", "PolicyDocument": allow("s3:*", "*").to_string()})),
        ("CreateInstanceProfile", json!({"InstanceProfileName": "I"})),
        ("CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "phone"})),
        ("CreateServiceLinkedRole", json!({"AWSServiceName": "ecs.amazonaws.com"})),
    ])
    .await;
    at
}

#[tokio::test]
async fn every_operation_says_what_is_wrong_with_its_input() {
    let at = furnished().await;
    let (mut told, mut refused) = (String::new(), BTreeMap::<&str, bool>::new());
    for line in CALLS.lines() {
        let (name, input) = line.split_once(' ').unwrap();
        let input: Value = serde_json::from_str(input).unwrap();
        let answer = at.root_calls_named(name, input).await;
        *refused.entry(name).or_default() |= answer.is_err();
        let answer = answer.err().unwrap_or_else(|| "works".to_owned());
        writeln!(told, "{line}\n    {answer}").unwrap();
    }
    let without: BTreeSet<&str> =
        operations().into_iter().filter(|name| !refused.contains_key(name)).collect();
    assert_eq!(without, BTreeSet::new(), "operations without a row in wrong-input.txt");
    let model = service("iam").unwrap();
    for (name, _) in refused.iter().filter(|(_, refused)| !**refused) {
        let input = model.operations[*name].input;
        let has_members = input.is_some_and(|input| !model.shape(input).members().is_empty());
        assert!(!has_members, "{name} has input, and no row that is wrong");
    }
    insta::assert_snapshot!(told);
}
