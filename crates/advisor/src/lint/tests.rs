use serde_json::{Value, json};

use super::*;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole","Condition":CONDITION}]}"#;

fn found(document: &str, kind: Option<PolicyKind>) -> Vec<(&'static str, String)> {
    let findings = lint(document, kind);
    let at = |finding: &Finding| document.get(finding.span.clone()).unwrap_or_default().to_owned();
    findings.iter().map(|finding| (finding.rule.id(), at(finding))).collect()
}

fn of_statement(statement: Value) -> Vec<(&'static str, String)> {
    found(&json!({"Version": "2012-10-17", "Statement": [statement]}).to_string(), None)
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn one(rule: &'static str, at: &str) -> Vec<(&'static str, String)> {
    vec![(rule, format!("\"{at}\""))]
}

#[test]
fn a_policy_that_names_what_it_needs_has_no_findings() {
    let machine = "arn:aws:states:us-east-1:111122223333:stateMachine:orders";
    assert_eq!(of_statement(allow("states:StartExecution", machine)), []);
    assert_eq!(of_statement(allow("STATES:startexecution", machine)), []);
    assert_eq!(of_statement(allow("states:ListStateMachines", "*")), []);
    assert_eq!(of_statement(allow("s3:GetObject", "arn:aws:s3:::bucket/${aws:username}/*")), []);
}

#[test]
fn unknown_services_and_actions_are_found_with_what_was_meant() {
    let bucket = "arn:aws:s3:::b/*";
    assert_eq!(of_statement(allow("s3:GetObjekt", bucket)), one("unknown-action", "s3:GetObjekt"));
    assert_eq!(of_statement(allow("s3:Gett*", bucket)), one("unknown-action", "s3:Gett*"));
    assert_eq!(
        of_statement(allow("lamda:InvokeFunction", bucket)),
        one("unknown-service", "lamda:InvokeFunction")
    );
    let document = json!({"Version": "2012-10-17", "Statement": [allow("s3:GetObjekt", bucket)]}).to_string();
    assert_eq!(lint(&document, None)[0].help.as_deref(), Some("did you mean s3:GetObject?"));
}

#[test]
fn resources_that_do_not_fit_the_action_are_found() {
    let function = "arn:aws:lambda:us-east-1:111122223333:function:f";
    assert_eq!(of_statement(allow("states:StartExecution", function)), one("resource-type", function));
    assert_eq!(
        of_statement(allow("s3:GetObject", "arn:aws:s3:::bucket")),
        one("resource-type", "arn:aws:s3:::bucket")
    );
    assert_eq!(of_statement(allow("lambda:InvokeFunction", "arn:aws:lambda:*")), []);
    let machine = "arn:aws:states:us-east-1:111122223333:stateMachine:a";
    assert_eq!(
        of_statement(allow("states:ListStateMachines", machine)),
        one("action-without-resource", "states:ListStateMachines")
    );
}

#[test]
fn wildcards_that_grant_much_are_found() {
    let rules = |statement| of_statement(statement).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    assert!(rules(allow("*", "*")).contains(&"wildcard-action"));
    assert!(rules(allow("s3:*", "arn:aws:s3:::b")).contains(&"wildcard-action"));
    assert_eq!(rules(allow("s3:PutObject", "*")), ["wildcard-resource"]);
    assert_eq!(rules(allow("iam:PassRole", "*")), ["wildcard-resource", "pass-role"]);
    assert_eq!(rules(json!({"Effect": "Deny", "Action": "*", "Resource": "*"})), [] as [&str; 0]);
    assert_eq!(rules(json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})), ["negated-element"]);
    let everyone = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    assert_eq!(rules(everyone), ["wildcard-principal"]);
}

#[test]
fn condition_keys_are_known_and_fit() {
    let with = |operator: &str, key: &str| {
        let mut statement = allow("states:StartExecution", "arn:aws:states:*:111122223333:stateMachine:*");
        statement["Condition"] = json!({operator: {key: "x"}});
        of_statement(statement).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    assert_eq!(with("StringEquals", "aws:PrincipalTag/team"), [] as [&str; 0]);
    assert_eq!(with("StringEquals", "AWS:principalorgid"), [] as [&str; 0]);
    assert_eq!(with("StringEquals", "aws:SourceAcount"), ["unknown-condition-key"]);
    assert_eq!(with("StringEquals", "s3:prefix"), ["condition-key-without-effect"]);
    assert_eq!(with("StringEquals", "aws:TagKeys"), ["missing-set-operator"]);
    assert_eq!(with("ForAnyValue:StringEquals", "aws:TagKeys"), [] as [&str; 0]);
    assert_eq!(with("ForAllValues:StringEquals", "aws:SourceVpce"), ["set-operator-on-single-value"]);
}

#[test]
fn a_service_that_is_let_in_for_anybody_is_found() {
    let rules = |condition: &str| {
        let document = TRUST.replace("CONDITION", condition);
        found(&document, None).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    let arn = |account: &str| {
        format!(r#""ArnLike":{{"aws:SourceArn":"arn:aws:states:*:{account}:stateMachine:*"}}"#)
    };
    let account = r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#;
    assert_eq!(rules("{}"), ["confused-deputy"]);
    assert_eq!(
        rules(r#"{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}"#),
        ["confused-deputy"]
    );
    assert_eq!(rules(&format!("{{{account}}}")), [] as [&str; 0]);
    assert_eq!(rules(&format!("{{{}}}", arn("111122223333"))), [] as [&str; 0]);
    assert_eq!(rules(&format!("{{{},{account}}}", arn("111122223333"))), [] as [&str; 0]);
    assert_eq!(rules(&format!("{{{},{account}}}", arn("*"))), [] as [&str; 0]);
    assert_eq!(rules(&format!("{{{},{account}}}", arn("444455556666"))), ["source-account-mismatch"]);
}

#[test]
fn what_aws_refuses_is_found_with_its_place() {
    assert_eq!(found("{\"Version\": }", None)[0].0, "malformed-policy");
    assert_eq!(found("", None)[0].0, "malformed-policy");
    assert_eq!(found("[]", None)[0].0, "malformed-policy");
    assert_eq!(found(r#"{"Version":"2012-10-17"}"#, None)[0].0, "malformed-policy");
    let old = r#"{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}"}}"#;
    assert!(found(old, Some(PolicyKind::Session)).iter().any(|(rule, _)| *rule == "variable-in-old-version"));
}
