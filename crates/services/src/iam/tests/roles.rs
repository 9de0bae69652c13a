use serde_json::json;

use super::{allow, fixture, trust};
use crate::iam::{
    attachments::*, boundaries::*, inline_policies::*, instance_profiles::*, roles::*,
    service_linked_roles::*,
};

fn role(name: &str) -> serde_json::Value {
    json!({"RoleName": name, "AssumeRolePolicyDocument": trust("states.amazonaws.com")})
}

#[tokio::test]
async fn a_role_goes_through_the_life_that_terraform_gives_it() {
    let at = fixture().await;
    let made = at.root_calls::<CreateRole>(role("R")).await.unwrap();
    assert!(made["Role"]["RoleId"].as_str().unwrap().starts_with("AROA"));
    assert!(made["Role"]["AssumeRolePolicyDocument"].as_str().unwrap().starts_with("%7B%22Version%22%3A"));
    assert_eq!(made["Role"]["MaxSessionDuration"], 3_600);
    at.root_calls::<UpdateRole>(json!({"RoleName": "R", "Description": "d", "MaxSessionDuration": 7_200}))
        .await
        .unwrap();
    let document = json!({"RoleName": "R", "PolicyDocument": trust("lambda.amazonaws.com")});
    at.root_calls::<UpdateAssumeRolePolicy>(document).await.unwrap();
    let inline =
        json!({"RoleName": "R", "PolicyName": "P", "PolicyDocument": allow("s3:*", "*").to_string()});
    at.root_calls::<PutRolePolicy>(inline).await.unwrap();
    let arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole";
    at.root_calls::<AttachRolePolicy>(json!({"RoleName": "R", "PolicyArn": arn})).await.unwrap();
    let attached = at.root_calls::<ListAttachedRolePolicies>(json!({"RoleName": "R"})).await.unwrap();
    assert_eq!(attached["AttachedPolicies"], json!([{"PolicyName": "AWSLambdaRole", "PolicyArn": arn}]));
    let read = at.root_calls::<GetRole>(json!({"RoleName": "R"})).await.unwrap();
    assert_eq!(
        (&read["Role"]["Description"], &read["Role"]["MaxSessionDuration"]),
        (&json!("d"), &json!(7_200))
    );

    let delete = || at.root_calls::<DeleteRole>(json!({"RoleName": "R"}));
    assert_eq!(
        delete().await.unwrap_err(),
        "DeleteConflict: Cannot delete entity, must detach all policies first."
    );
    at.root_calls::<DetachRolePolicy>(json!({"RoleName": "R", "PolicyArn": arn})).await.unwrap();
    assert_eq!(
        delete().await.unwrap_err(),
        "DeleteConflict: Cannot delete entity, must delete policies first."
    );
    at.root_calls::<DeleteRolePolicy>(json!({"RoleName": "R", "PolicyName": "P"})).await.unwrap();
    delete().await.unwrap();
    assert_eq!(delete().await.unwrap_err(), "NoSuchEntity: The role with name R cannot be found.");
}

#[tokio::test]
async fn trust_policies_are_checked() {
    let at = fixture().await;
    let with = |document: &str| json!({"RoleName": "R", "AssumeRolePolicyDocument": document});
    for document in [
        "not json",
        "{}",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#,
    ] {
        let refused = at.root_calls::<CreateRole>(with(document)).await.unwrap_err();
        assert!(refused.starts_with("MalformedPolicyDocument: "), "{refused}");
    }
    let nobody = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:user/nobody"},
    }]});
    assert_eq!(
        at.root_calls::<CreateRole>(with(&nobody.to_string())).await.unwrap_err(),
        "MalformedPolicyDocument: Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:user/nobody\""
    );
}

#[tokio::test]
async fn inline_policies_are_checked_and_limited() {
    let at = fixture().await;
    at.root_calls::<CreateRole>(role("R")).await.unwrap();
    let put = |document: String| {
        at.root_calls::<PutRolePolicy>(
            json!({"RoleName": "R", "PolicyName": "P", "PolicyDocument": document}),
        )
    };
    assert!(put("{".to_owned()).await.unwrap_err().starts_with("MalformedPolicyDocument"));
    let long = allow("s3:*", &format!("arn:aws:s3:::{}", "x".repeat(10_240)));
    assert_eq!(
        put(long.to_string()).await.unwrap_err(),
        "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role R"
    );
    let missing =
        at.root_calls::<GetRolePolicy>(json!({"RoleName": "R", "PolicyName": "P"})).await.unwrap_err();
    assert_eq!(missing, "NoSuchEntity: The role policy with name P cannot be found.");
}

#[tokio::test]
async fn boundaries_are_managed_policies_and_a_condition_can_demand_one() {
    let at = fixture().await;
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let demand = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*",
        "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}},
    }]});
    let ada = at.user("ada", Some(demand)).await;
    assert!(at.calls::<CreateRole>(&ada, role("R")).await.unwrap_err().starts_with("AccessDenied"));
    let mut bounded = role("R");
    bounded["PermissionsBoundary"] = json!(boundary);
    let made = at.calls::<CreateRole>(&ada, bounded).await.unwrap();
    assert_eq!(made["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"], boundary);
    let none = "arn:aws:iam::123456789012:policy/None";
    let put = json!({"RoleName": "R", "PermissionsBoundary": none});
    assert!(at.root_calls::<PutRolePermissionsBoundary>(put).await.unwrap_err().starts_with("NoSuchEntity"));
    at.root_calls::<DeleteRolePermissionsBoundary>(json!({"RoleName": "R"})).await.unwrap();
    assert!(at.root_calls::<DeleteRolePermissionsBoundary>(json!({"RoleName": "R"})).await.is_err());
}

#[tokio::test]
async fn pages_follow_each_other_without_gap() {
    let at = fixture().await;
    for name in ["a", "B", "c"] {
        at.root_calls::<CreateRole>(role(name)).await.unwrap();
    }
    let first = at.root_calls::<ListRoles>(json!({"MaxItems": 2})).await.unwrap();
    assert_eq!(first["IsTruncated"], true);
    let second = at.root_calls::<ListRoles>(json!({"MaxItems": 2, "Marker": first["Marker"]})).await.unwrap();
    assert_eq!((&second["IsTruncated"], &second["Marker"]), (&json!(false), &json!(null)));
    let names = |page: &serde_json::Value| -> Vec<String> {
        page["Roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|role| role["RoleName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!([names(&first), names(&second)].concat(), ["a", "B", "c"]);
    assert!(
        at.root_calls::<ListRoles>(json!({"Marker": "%%%"}))
            .await
            .unwrap_err()
            .starts_with("ValidationError")
    );
}

#[tokio::test]
async fn among_ten_thousand_roles_pages_go_on_and_a_changed_policy_counts_at_once() {
    let at = fixture().await;
    let ada = at.user("ada", Some(allow("iam:*", "*"))).await;
    let change = at.access.change(super::ACCOUNT, |edit| {
        for number in 0..10_000 {
            let name = format!("role-{number:05}");
            let role = json!({
                "name": name, "path": "/service-role/", "id": format!("AROA{number:017}"), "created": 0,
                "arn": format!("arn:aws:iam::123456789012:role/service-role/{name}"), "session_seconds_max": 3_600,
                "trust": trust("states.amazonaws.com"), "inline": {"P": allow("s3:*", "*").to_string()},
            });
            edit.put::<stepward_access::Role>(serde_json::from_value(role).unwrap())?;
        }
        Ok::<(), crate::iam::error::IamError>(())
    });
    change.await.unwrap();
    let (mut marker, mut seen) = (json!(null), 0);
    loop {
        let input = json!({"MaxItems": 1_000, "Marker": marker, "PathPrefix": "/service-role/"});
        let page = at.calls::<ListRoles>(&ada, input).await.unwrap();
        seen += page["Roles"].as_array().unwrap().len();
        marker = page["Marker"].clone();
        if page["IsTruncated"] == false {
            break;
        }
    }
    assert_eq!(seen, 10_000);
    at.root_calls::<DeleteUserPolicy>(json!({"UserName": "ada", "PolicyName": "P"})).await.unwrap();
    assert!(at.calls::<ListRoles>(&ada, json!({})).await.unwrap_err().starts_with("AccessDenied"));
}

#[tokio::test]
async fn a_role_of_the_consoles_shape_has_its_path_in_its_arn_and_not_in_its_sessions() {
    let at = fixture().await;
    let name = "StepFunctions-Orders-role-a1b2c3d4e";
    let mut console = role(name);
    console["Path"] = json!("/service-role/");
    let made = at.root_calls::<CreateRole>(console).await.unwrap();
    let arn = format!("arn:aws:iam::123456789012:role/service-role/{name}");
    assert_eq!(made["Role"]["Arn"], arn);
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
    }]});
    let put = json!({"RoleName": name, "PolicyName": "Region", "PolicyDocument": policy.to_string()});
    at.root_calls::<PutRolePolicy>(put).await.unwrap();
    let call = stepward_access::ServiceCall {
        service: "states.amazonaws.com",
        source_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:Orders",
        source_account: "123456789012",
        region: "us-east-1",
        session_name: Some("s"),
        now: super::NOW,
    };
    let session = at.access.assume_as_service(&arn, &call).unwrap();
    assert_eq!(session.arn(), format!("arn:aws:sts::123456789012:assumed-role/{name}/s"));
    let needs = || stepward_access::Needs::one("lambda:InvokeFunction", "*");
    assert!(at.access.authorize(&session.caller(super::NOW), (), needs()).is_ok());
    let elsewhere = stepward_access::ServiceCall { region: "eu-west-1", session_name: Some("t"), ..call };
    let session = at.access.assume_as_service(&arn, &elsewhere).unwrap();
    assert!(at.access.authorize(&session.caller(super::NOW), (), needs()).is_err());
}

#[tokio::test]
async fn an_instance_profile_needs_the_right_to_pass_its_role() {
    let at = fixture().await;
    at.root_calls::<CreateRole>(role("R")).await.unwrap();
    at.root_calls::<CreateInstanceProfile>(json!({"InstanceProfileName": "I"})).await.unwrap();
    let ada = at.user("ada", Some(allow("iam:AddRoleToInstanceProfile", "*"))).await;
    let add = json!({"InstanceProfileName": "I", "RoleName": "R"});
    let denied = at.calls::<AddRoleToInstanceProfile>(&ada, add.clone()).await.unwrap_err();
    assert!(denied.contains("iam:PassRole on resource: arn:aws:iam::123456789012:role/R"), "{denied}");
    at.root_calls::<AddRoleToInstanceProfile>(add.clone()).await.unwrap();
    let profile = at.root_calls::<GetInstanceProfile>(json!({"InstanceProfileName": "I"})).await.unwrap();
    assert_eq!(profile["InstanceProfile"]["Roles"][0]["RoleName"], "R");
    assert!(
        at.root_calls::<DeleteRole>(json!({"RoleName": "R"}))
            .await
            .unwrap_err()
            .starts_with("DeleteConflict")
    );
    assert!(at.root_calls::<DeleteInstanceProfile>(json!({"InstanceProfileName": "I"})).await.is_err());
    at.root_calls::<RemoveRoleFromInstanceProfile>(add).await.unwrap();
    at.root_calls::<DeleteInstanceProfile>(json!({"InstanceProfileName": "I"})).await.unwrap();
}

#[tokio::test]
async fn a_service_linked_role_is_the_services_own() {
    let at = fixture().await;
    let made = at
        .root_calls::<CreateServiceLinkedRole>(json!({"AWSServiceName": "ecs.amazonaws.com"}))
        .await
        .unwrap();
    assert_eq!(made["Role"]["RoleName"], "AWSServiceRoleForECS");
    let name = json!({"RoleName": "AWSServiceRoleForECS"});
    assert!(at.root_calls::<DeleteRole>(name.clone()).await.unwrap_err().starts_with("UnmodifiableEntity"));
    let again =
        at.root_calls::<CreateServiceLinkedRole>(json!({"AWSServiceName": "ecs.amazonaws.com"})).await;
    assert!(again.unwrap_err().starts_with("InvalidInput"));
    let task = at.root_calls::<DeleteServiceLinkedRole>(name).await.unwrap();
    assert_eq!(
        at.root_calls::<GetServiceLinkedRoleDeletionStatus>(task).await.unwrap()["Status"],
        "SUCCEEDED"
    );
}
