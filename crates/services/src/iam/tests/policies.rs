use serde_json::{Value, json};

use super::{allow, fixture};
use crate::iam::{
    attachments::*, authorization_details::*, policies::*, policy_usage::*, policy_versions::*, simulate::*,
};

const ARN: &str = "arn:aws:iam::123456789012:policy/P";

fn policy() -> Value {
    json!({"PolicyName": "P", "PolicyDocument": allow("s3:*", "*").to_string()})
}

#[tokio::test]
async fn a_policy_has_five_versions_at_most_and_a_default_one() {
    let at = fixture().await;
    let made = at.root_calls::<CreatePolicy>(policy()).await.unwrap();
    assert_eq!((&made["Policy"]["Arn"], &made["Policy"]["DefaultVersionId"]), (&json!(ARN), &json!("v1")));
    let again = at.root_calls::<CreatePolicy>(policy()).await.unwrap_err();
    assert_eq!(
        again,
        "EntityAlreadyExists: A policy called P already exists. Duplicate names are not allowed."
    );
    let version =
        || json!({"PolicyArn": ARN, "PolicyDocument": allow("sqs:*", "*").to_string(), "SetAsDefault": true});
    for _ in 0..4 {
        at.root_calls::<CreatePolicyVersion>(version()).await.unwrap();
    }
    assert!(at.root_calls::<CreatePolicyVersion>(version()).await.unwrap_err().starts_with("LimitExceeded"));
    let delete = |id: &str| at.root_calls::<DeletePolicyVersion>(json!({"PolicyArn": ARN, "VersionId": id}));
    assert_eq!(
        delete("v5").await.unwrap_err(),
        "DeleteConflict: Cannot delete the default version of a policy."
    );
    delete("v2").await.unwrap();
    let gone = delete("v2").await.unwrap_err();
    assert_eq!(gone, format!("NoSuchEntity: Policy {ARN} version v2 does not exist or is not attachable."));
    let listed = at.root_calls::<ListPolicyVersions>(json!({"PolicyArn": ARN})).await.unwrap();
    let ids: Vec<&str> = listed["Versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["VersionId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["v5", "v4", "v3", "v1"]);
    assert!(
        at.root_calls::<DeletePolicy>(json!({"PolicyArn": ARN}))
            .await
            .unwrap_err()
            .contains("more than one version")
    );
}

#[tokio::test]
async fn an_attached_policy_is_not_deleted_and_lists_who_has_it() {
    let at = fixture().await;
    at.root_calls::<CreatePolicy>(policy()).await.unwrap();
    at.user("ada", None).await;
    at.root_calls::<AttachUserPolicy>(json!({"UserName": "ada", "PolicyArn": ARN})).await.unwrap();
    let entities = at.root_calls::<ListEntitiesForPolicy>(json!({"PolicyArn": ARN})).await.unwrap();
    assert_eq!(entities["PolicyUsers"][0]["UserName"], "ada");
    let kept = at.root_calls::<DeletePolicy>(json!({"PolicyArn": ARN})).await.unwrap_err();
    assert_eq!(kept, "DeleteConflict: Cannot delete a policy attached to entities.");
    let local = at.root_calls::<ListPolicies>(json!({"Scope": "Local", "OnlyAttached": true})).await.unwrap();
    assert_eq!(local["Policies"][0]["AttachmentCount"], 1);
    let details = at.root_calls::<GetAccountAuthorizationDetails>(json!({"Filter": ["User"]})).await.unwrap();
    assert_eq!(details["UserDetailList"][0]["AttachedManagedPolicies"][0]["PolicyArn"], ARN);
    at.root_calls::<DetachUserPolicy>(json!({"UserName": "ada", "PolicyArn": ARN})).await.unwrap();
    at.root_calls::<DeletePolicy>(json!({"PolicyArn": ARN})).await.unwrap();
    let unknown = at.root_calls::<GetPolicy>(json!({"PolicyArn": ARN})).await.unwrap_err();
    assert_eq!(unknown, format!("NoSuchEntity: Policy {ARN} was not found."));
    let attach =
        at.root_calls::<AttachUserPolicy>(json!({"UserName": "ada", "PolicyArn": ARN})).await.unwrap_err();
    assert_eq!(attach, format!("NoSuchEntity: Policy {ARN} does not exist or is not attachable."));
    let invalid = at
        .root_calls::<AttachUserPolicy>(json!({"UserName": "ada", "PolicyArn": "nonsense of an arn"}))
        .await;
    assert_eq!(invalid.unwrap_err(), "InvalidInput: ARN nonsense of an arn is not valid.");
}

#[tokio::test]
async fn policies_of_aws_are_read_and_not_changed() {
    let at = fixture().await;
    let arn = "arn:aws:iam::aws:policy/AWSStepFunctionsReadOnlyAccess";
    let read = at.root_calls::<GetPolicy>(json!({"PolicyArn": arn})).await.unwrap();
    let version = json!({"PolicyArn": arn, "VersionId": read["Policy"]["DefaultVersionId"]});
    let document = at.root_calls::<GetPolicyVersion>(version).await.unwrap();
    assert!(document["PolicyVersion"]["Document"].as_str().unwrap().contains("states%3AListStateMachines"));
    assert!(at.root_calls::<DeletePolicy>(json!({"PolicyArn": arn})).await.is_err());
    let listed = at.root_calls::<ListPolicies>(json!({"Scope": "AWS", "MaxItems": 5})).await.unwrap();
    assert_eq!((listed["Policies"].as_array().unwrap().len(), &listed["IsTruncated"]), (5, &json!(true)));
}

#[tokio::test]
async fn documents_that_are_malformed_or_too_long_are_refused() {
    let at = fixture().await;
    let create = |document: String| {
        at.root_calls::<CreatePolicy>(json!({"PolicyName": "P", "PolicyDocument": document}))
    };
    for document in ["", "[]", "{\"Statement\":[{\"Effect\":\"Maybe\"}]}", "{\"Unknown\":1}"] {
        assert!(
            create(document.to_owned()).await.unwrap_err().starts_with("MalformedPolicyDocument: "),
            "{document}"
        );
    }
    let long = allow("s3:*", &format!("arn:aws:s3:::{}", "x".repeat(6_144)));
    assert_eq!(
        create(long.to_string()).await.unwrap_err(),
        "LimitExceeded: Cannot exceed quota for PolicySize: 6144"
    );
}

#[tokio::test]
async fn the_simulator_decides_as_a_call_would_be_decided() {
    let at = fixture().await;
    at.user("ada", Some(allow("s3:GetObject", "arn:aws:s3:::b/*"))).await;
    let simulate = json!({
        "PolicySourceArn": "arn:aws:iam::123456789012:user/ada", "ActionNames": ["s3:GetObject", "s3:PutObject"],
        "ResourceArns": ["arn:aws:s3:::b/k"],
    });
    let results = at.root_calls::<SimulatePrincipalPolicy>(simulate).await.unwrap();
    assert_eq!(results["EvaluationResults"][0]["EvalDecision"], "allowed");
    assert_eq!(results["EvaluationResults"][1]["EvalDecision"], "implicitDeny");
    let deny = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]});
    let custom = json!({"PolicyInputList": [deny.to_string()], "ActionNames": ["s3:GetObject"], "ContextEntries": [
        {"ContextKeyName": "aws:SecureTransport", "ContextKeyValues": ["false"], "ContextKeyType": "boolean"},
    ]});
    let results = at.root_calls::<SimulateCustomPolicy>(custom).await.unwrap();
    assert_eq!(results["EvaluationResults"][0]["EvalDecision"], "explicitDeny");
    let keys = json!({"PolicyInputList": [deny.to_string()]});
    let keys = at.root_calls::<GetContextKeysForCustomPolicy>(keys).await.unwrap();
    assert_eq!(keys["ContextKeyNames"], json!(["aws:SecureTransport"]));
    let matched = &results["EvaluationResults"][0]["MatchedStatements"][0];
    let column = deny.to_string().find("[{").unwrap() + 2;
    assert_eq!(matched["SourcePolicyId"], "PolicyInputList.1");
    assert_eq!(matched["StartPosition"], json!({"Line": 1, "Column": column}));
}

#[tokio::test]
async fn the_simulator_refuses_what_it_cannot_simulate() {
    let at = fixture().await;
    let policy = allow("s3:GetObject", "*").to_string();
    let resource = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*",
    }]});
    for (field, value) in [
        ("ActionNames", json!(["GetObject"])),
        ("ActionNames", json!(["s3:*"])),
        ("ResourceArns", json!(["bucket"])),
        ("ResourcePolicy", json!(resource.to_string())),
        ("PolicyInputList", json!(["{"])),
    ] {
        let mut input = json!({"PolicyInputList": [policy], "ActionNames": ["s3:GetObject"]});
        input[field] = value;
        let error = at.root_calls::<SimulateCustomPolicy>(input).await.unwrap_err();
        assert!(error.starts_with("InvalidInput"), "{field}: {error}");
    }
}
