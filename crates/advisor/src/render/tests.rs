use super::*;
use crate::place::Place;

fn generated() -> Generated {
    let statement = json!({"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": ["arn:aws:lambda:us-east-1:123456789012:function:f"]});
    Generated {
        policy: crate::statement::document(vec![statement]),
        trust_policy: crate::generate::trust_policy(&Place::new("us-east-1", "123456789012", "M")),
        notes: vec!["a note".to_owned()],
    }
}

#[test]
fn the_documents_are_json() {
    let shown: Value = serde_json::from_str(&render(&generated(), Format::Json, "R").unwrap()).unwrap();
    assert_eq!(shown["policy"], generated().policy);
    assert_eq!(shown["trustPolicy"], generated().trust_policy);
    assert_eq!(shown["notes"], json!(["a note"]));
}

#[test]
fn a_template_has_the_role_with_its_policy() {
    let text = render(&generated(), Format::CloudFormation, "my-role").unwrap();
    let template: Value = serde_json::from_str(&text).unwrap();
    let properties = &template["Resources"]["myrole"]["Properties"];
    assert_eq!(properties["AssumeRolePolicyDocument"], generated().trust_policy);
    assert_eq!(properties["Policies"][0]["PolicyDocument"], generated().policy);
}

#[test]
fn terraform_keeps_policy_variables_from_its_templates() {
    let mut with_variable = generated();
    with_variable.policy["Statement"][0]["Resource"] = json!(["arn:aws:s3:::b/${aws:username}"]);
    let text = render(&with_variable, Format::Terraform, "my-role").unwrap();
    assert!(text.contains("resource \"aws_iam_role_policy\" \"my_role\""), "{text}");
    assert!(text.contains("\"arn:aws:s3:::b/$${aws:username}\""), "{text}");
}

#[test]
fn the_cdk_gets_the_trust_policy_with_its_conditions() {
    let text = render(&generated(), Format::Cdk, "my-role").unwrap();
    assert!(text.contains("iam.PolicyDocument.fromJson({"), "{text}");
    assert!(text.contains("\"aws:SourceArn\""), "{text}");
}

#[test]
fn a_large_policy_becomes_managed_policies_in_every_language() {
    let mut large = generated();
    let resources: Vec<String> =
        (0..400).map(|number| format!("arn:aws:lambda:us-east-1:123456789012:function:f{number}")).collect();
    large.policy["Statement"][0]["Resource"] = json!(resources);
    for (format, word) in [
        (Format::Json, "managedPolicies"),
        (Format::CloudFormation, "AWS::IAM::ManagedPolicy"),
        (Format::Terraform, "aws_iam_role_policy_attachment"),
        (Format::Cdk, "new iam.ManagedPolicy"),
    ] {
        assert!(render(&large, format, "R").unwrap().contains(word), "{word}");
    }
}
