use serde_json::{Value, json};
use stepward_asl::MachineType;

use super::*;
use crate::place::Place;
use crate::role::NamedPolicy;

const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:orders";

fn definition() -> Definition {
    let send = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage",
        "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/orders", "MessageBody": "x"},
        "End": true,
    });
    let text = json!({"StartAt": "Send", "States": {"Send": send}}).to_string();
    Definition::parse(&text, MachineType::Standard, Place::new("us-east-1", "123456789012", "M")).unwrap()
}

fn policy(statement: Value) -> NamedPolicy {
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    NamedPolicy { name: "own".to_owned(), arn: None, document }
}

fn allow(action: &str, resource: &str) -> NamedPolicy {
    policy(json!({"Effect": "Allow", "Action": action, "Resource": resource}))
}

fn role(policies: Vec<NamedPolicy>) -> Role {
    Role::new("arn:aws:iam::123456789012:role/R", policies, None, None).unwrap()
}

fn checked(role: &Role) -> Report {
    check(&definition(), &Against { role, others: &[], settings: None })
}

#[test]
fn an_action_that_no_service_has_is_named_with_what_was_meant() {
    let report = checked(&role(vec![allow("sqs:SendMesage", QUEUE)]));
    assert_eq!(report.verdict(), Verdict::Denied);
    let found = report.findings.iter().find(|finding| finding.code == "UNKNOWN_ACTION").unwrap();
    assert!(found.message.contains("did you mean sqs:SendMessage?"), "{}", found.message);
    let report = checked(&role(vec![allow("sqs:SendMessage", "arn:aws:sns:us-east-1:123456789012:orders")]));
    assert!(report.findings.iter().any(|finding| finding.code == "WRONG_RESOURCE_TYPE"));
}

#[test]
fn a_service_control_policy_denies_what_the_role_allows() {
    let own = || role(vec![allow("sqs:SendMessage", QUEUE)]);
    let full = allow("*", "*");
    let only_s3 = allow("s3:*", "*");
    let allowed = own().in_organization(&[vec![full.clone()], vec![only_s3.clone(), full.clone()]]).unwrap();
    assert_eq!(checked(&allowed).verdict(), Verdict::Allowed);
    let denied = checked(&own().in_organization(&[vec![full], vec![only_s3]]).unwrap());
    assert_eq!(denied.verdict(), Verdict::Denied);
    assert!(denied.findings[0].message.contains("service control policy"), "{}", denied.findings[0].message);
}

#[test]
fn a_resource_policy_allows_and_denies_beside_the_roles_own() {
    let session = json!({"AWS": "arn:aws:iam::123456789012:role/R"});
    let of_queue = |effect: &str| {
        policy(
            json!({"Effect": effect, "Principal": session, "Action": "sqs:SendMessage", "Resource": QUEUE}),
        )
    };
    let nothing = || role(Vec::new());
    assert_eq!(checked(&nothing()).verdict(), Verdict::Denied);
    let let_in = nothing().beside(QUEUE, &of_queue("Allow")).unwrap();
    assert_eq!(checked(&let_in).verdict(), Verdict::Allowed);
    let kept_out = role(vec![allow("sqs:SendMessage", QUEUE)]).beside(QUEUE, &of_queue("Deny")).unwrap();
    assert_eq!(checked(&kept_out).verdict(), Verdict::Denied);
}
