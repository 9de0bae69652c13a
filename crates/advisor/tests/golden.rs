//! Every integration × pattern × static and dynamic resources: the statements of both styles, as recorded in
//! `golden/integrations.jsonl`, whose console side follows AWS's pages on each integration.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use stepward_advisor::{
    Against, Definition, NamedPolicy, Place, Role, Settings, Style, Verdict, check, generate,
};
use stepward_asl::MachineType;

fn cases() -> Vec<Value> {
    let lines = include_str!("golden/integrations.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn definition(case: &Value) -> Definition {
    let resource = format!("arn:aws:states:::{}", case["resource"].as_str().unwrap());
    let task = json!({"Type": "Task", "Resource": resource, "Parameters": case["parameters"], "End": true});
    let text = json!({"StartAt": "T", "States": {"T": task}}).to_string();
    Definition::parse(&text, MachineType::Standard, Place::new("us-east-1", "123456789012", "M")).unwrap()
}

fn name(case: &Value) -> String {
    format!("{} {}", case["resource"].as_str().unwrap(), case["mode"].as_str().unwrap())
}

#[test]
fn every_integration_has_its_statements_in_both_styles() {
    for case in cases() {
        for (style, key) in [(Style::Console, "console"), (Style::LeastPrivilege, "leastPrivilege")] {
            let made = generate(&definition(&case), style, Settings::default());
            assert_eq!(made.policy["Statement"], case[key], "{} {key}", name(&case));
        }
    }
}

#[test]
fn a_role_of_the_generated_policy_passes_the_check_and_nothing_of_it_is_unused() {
    for case in cases() {
        let definition = definition(&case);
        let made = generate(&definition, Style::LeastPrivilege, Settings::default());
        let policy = NamedPolicy { name: "generated".to_owned(), arn: None, document: made.policy };
        let role = Role::new("arn:aws:iam::123456789012:role/R", vec![policy], None, Some(made.trust_policy))
            .unwrap();
        let report = check(&definition, &Against { role: &role, others: &[], settings: None });
        let not_allowed = report.states.iter().flat_map(|state| state.calls.iter());
        let not_allowed: Vec<_> = not_allowed.filter(|call| call.verdict != Verdict::Allowed).collect();
        assert!(not_allowed.is_empty(), "{}: {not_allowed:?}", name(&case));
        assert_eq!(report.unused, [], "{}", name(&case));
        assert_eq!(report.findings, [], "{}", name(&case));
    }
}

#[test]
fn a_role_without_anything_is_denied_every_call() {
    for case in cases() {
        let definition = definition(&case);
        let role = Role::new("arn:aws:iam::123456789012:role/R", Vec::new(), None, None).unwrap();
        let report = check(&definition, &Against { role: &role, others: &[], settings: None });
        for call in report.states.iter().flat_map(|state| state.calls.iter()) {
            assert_eq!(
                call.verdict,
                Verdict::Denied,
                "{}: {} on {}",
                name(&case),
                call.action,
                call.resource
            );
            assert!(call.fix.is_some(), "{}: {} on {}", name(&case), call.action, call.resource);
        }
    }
}

#[test]
fn a_definition_without_calls_is_denied_everything() {
    let text = r#"{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}"#;
    let place = Place::new("us-east-1", "123456789012", "M");
    let definition = Definition::parse(text, MachineType::Standard, place).unwrap();
    for style in [Style::Console, Style::LeastPrivilege] {
        let made = generate(&definition, style, Settings::default());
        assert_eq!(made.policy["Statement"], json!([{"Effect": "Deny", "Action": ["*"], "Resource": ["*"]}]));
        let traced = generate(&definition, style, Settings { is_traced: true, is_logged: true });
        assert_eq!(
            traced.policy["Statement"].as_array().unwrap().len(),
            1 + usize::from(style == Style::Console)
        );
    }
}

#[test]
fn a_distributed_map_reads_writes_and_starts_what_it_says() {
    let text = json!({"StartAt": "Map", "States": {"Map": {
        "Type": "Map", "End": true, "Label": "L",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                          "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}},
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", "Prefix": "in/"}},
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "o", "Prefix": "out"}},
    }}})
    .to_string();
    let place = Place::new("us-east-1", "123456789012", "M");
    let definition = Definition::parse(&text, MachineType::Standard, place).unwrap();
    let made = generate(&definition, Style::Console, Settings::default());
    let allow = |actions: Value, resources: Value| json!({"Effect": "Allow", "Action": actions, "Resource": resources});
    let mut list = allow(json!(["s3:ListBucket"]), json!(["arn:aws:s3:::b"]));
    list["Condition"] = json!({"StringLike": {"s3:prefix": ["in/"]}});
    assert_eq!(
        made.policy["Statement"],
        json!([
            allow(
                json!(["states:StartExecution"]),
                json!(["arn:aws:states:us-east-1:123456789012:stateMachine:M"])
            ),
            allow(
                json!(["states:DescribeExecution"]),
                json!(["arn:aws:states:us-east-1:123456789012:execution:M:*"])
            ),
            list,
            allow(json!(["s3:GetObject"]), json!(["arn:aws:s3:::b/in/*"])),
            allow(
                json!([
                    "s3:PutObject",
                    "s3:GetObject",
                    "s3:ListMultipartUploadParts",
                    "s3:AbortMultipartUpload"
                ]),
                json!(["arn:aws:s3:::o/out/*"])
            ),
        ])
    );
}

#[test]
fn credentials_need_the_right_to_assume_their_role_only() {
    let role = "arn:aws:iam::999999999999:role/Other";
    let text = json!({"StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Credentials": {"RoleArn": role},
        "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/999999999999/q", "MessageBody": "m"}, "End": true,
    }}})
    .to_string();
    let place = Place::new("us-east-1", "123456789012", "M");
    let definition = Definition::parse(&text, MachineType::Standard, place).unwrap();
    let made = generate(&definition, Style::LeastPrivilege, Settings::default());
    assert_eq!(
        made.policy["Statement"],
        json!([{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": [role]}])
    );
    let of = |arn: &str, action: &str| {
        let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::123456789012:role/R", "Service": "states.amazonaws.com"}}]});
        Role::new(arn, vec![NamedPolicy { name: "p".to_owned(), arn: None, document }], None, Some(trust))
            .unwrap()
    };
    let own = of("arn:aws:iam::123456789012:role/R", "sts:AssumeRole");
    let others = [of(role, "sns:Publish")];
    let report = check(&definition, &Against { role: &own, others: &others, settings: None });
    assert_eq!(report.verdict(), Verdict::Denied);
    let others = [of(role, "sqs:SendMessage")];
    let report = check(&definition, &Against { role: &own, others: &others, settings: None });
    assert_eq!(report.verdict(), Verdict::Allowed);
    let report = check(&definition, &Against { role: &own, others: &[], settings: None });
    assert_eq!(report.verdict(), Verdict::Maybe, "the other account decides, too");
}
