use serde_json::json;

use super::{allow, fixture};
use crate::iam::{access_keys::*, account::*, login_profiles::*, mfa_devices::*, tagging::*, users::*};

#[tokio::test]
async fn a_user_is_made_read_renamed_and_deleted() {
    let at = fixture().await;
    let made = at.root_calls::<CreateUser>(json!({"UserName": "ada", "Path": "/team/"})).await.unwrap();
    assert_eq!(made["User"]["Arn"], "arn:aws:iam::123456789012:user/team/ada");
    assert!(made["User"]["UserId"].as_str().unwrap().starts_with("AIDA"));
    let again = at.root_calls::<CreateUser>(json!({"UserName": "ADA"})).await.unwrap_err();
    assert_eq!(again, "EntityAlreadyExists: User with name ADA already exists.");
    at.root_calls::<UpdateUser>(json!({"UserName": "ada", "NewUserName": "Lovelace"})).await.unwrap();
    let missing = at.root_calls::<GetUser>(json!({"UserName": "ada"})).await.unwrap_err();
    assert_eq!(missing, "NoSuchEntity: The user with name ada cannot be found.");
    let read = at.root_calls::<GetUser>(json!({"UserName": "lovelace"})).await.unwrap();
    assert_eq!(read["User"]["UserId"], made["User"]["UserId"]);
    at.root_calls::<DeleteUser>(json!({"UserName": "Lovelace"})).await.unwrap();
    assert_eq!(at.root_calls::<ListUsers>(json!({})).await.unwrap()["Users"], json!([]));
}

#[tokio::test]
async fn a_user_with_keys_is_not_deleted_and_may_have_two() {
    let at = fixture().await;
    let ada = at.user("ada", Some(allow("iam:*", "*"))).await;
    // Without a name, it is about the caller.
    at.calls::<CreateAccessKey>(&ada, json!({})).await.unwrap();
    let third = at.calls::<CreateAccessKey>(&ada, json!({})).await.unwrap_err();
    assert_eq!(third, "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
    let keys = at.calls::<ListAccessKeys>(&ada, json!({})).await.unwrap();
    assert_eq!(keys["AccessKeyMetadata"].as_array().unwrap().len(), 2);
    assert_eq!(keys["AccessKeyMetadata"][0]["SecretAccessKey"], json!(null));
    let used = json!({"AccessKeyId": ada.access_key_id().unwrap()});
    let used = at.root_calls::<GetAccessKeyLastUsed>(used).await.unwrap();
    assert_eq!(
        (&used["UserName"], &used["AccessKeyLastUsed"]["ServiceName"]),
        (&json!("ada"), &json!("iam"))
    );
    let wrong = json!({"UserName": "ada", "AccessKeyId": "AKIANONE"});
    let wrong = at.root_calls::<DeleteAccessKey>(wrong).await.unwrap_err();
    assert_eq!(wrong, "NoSuchEntity: The Access Key with id AKIANONE cannot be found.");
    let kept = at.root_calls::<DeleteUser>(json!({"UserName": "ada"})).await.unwrap_err();
    assert_eq!(kept, "DeleteConflict: Cannot delete entity, must delete policies first.");
}

#[tokio::test]
async fn who_has_no_right_is_told_so() {
    let at = fixture().await;
    let eve = at.user("eve", None).await;
    assert_eq!(
        at.calls::<CreateUser>(&eve, json!({"UserName": "x"})).await.unwrap_err(),
        "AccessDenied: User: arn:aws:iam::123456789012:user/eve is not authorized to perform: iam:CreateUser on resource: \
         arn:aws:iam::123456789012:user/x because no identity-based policy allows the iam:CreateUser action"
    );
}

#[tokio::test]
async fn tags_are_one_per_key_whatever_its_case_and_the_request_sees_them() {
    let at = fixture().await;
    let condition = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "iam:TagUser", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/cost": "1"}},
    }]});
    let ada = at.user("ada", Some(condition)).await;
    let tag = |key: &str, value: &str| json!({"UserName": "ada", "Tags": [{"Key": key, "Value": value}]});
    at.calls::<TagUser>(&ada, tag("cost", "1")).await.unwrap();
    assert!(at.calls::<TagUser>(&ada, tag("cost", "2")).await.unwrap_err().starts_with("AccessDenied"));
    at.root_calls::<TagUser>(tag("COST", "3")).await.unwrap();
    let tags = at.root_calls::<ListUserTags>(json!({"UserName": "ada"})).await.unwrap();
    assert_eq!(tags["Tags"], json!([{"Key": "COST", "Value": "3"}]));
    let reserved = at.root_calls::<TagUser>(tag("aws:x", "1")).await.unwrap_err();
    assert_eq!(reserved, "InvalidInput: Tag keys starting with aws: are reserved for system use");
    at.root_calls::<UntagUser>(json!({"UserName": "ada", "TagKeys": ["cost"]})).await.unwrap();
    assert_eq!(at.root_calls::<ListUserTags>(json!({"UserName": "ada"})).await.unwrap()["Tags"], json!([]));
}

#[tokio::test]
async fn a_password_follows_the_policy_of_the_account() {
    let at = fixture().await;
    at.user("ada", None).await;
    let policy = json!({"MinimumPasswordLength": 10, "RequireNumbers": true});
    at.root_calls::<UpdateAccountPasswordPolicy>(policy).await.unwrap();
    let weak = at.root_calls::<CreateLoginProfile>(json!({"UserName": "ada", "Password": "short"})).await;
    assert!(weak.unwrap_err().starts_with("PasswordPolicyViolation"));
    let good = json!({"UserName": "ada", "Password": "long enough 1"});
    at.root_calls::<CreateLoginProfile>(good.clone()).await.unwrap();
    assert!(at.root_calls::<CreateLoginProfile>(good).await.unwrap_err().starts_with("EntityAlreadyExists"));
    at.root_calls::<DeleteLoginProfile>(json!({"UserName": "ada"})).await.unwrap();
    let none = at.root_calls::<GetLoginProfile>(json!({"UserName": "ada"})).await.unwrap_err();
    assert_eq!(none, "NoSuchEntity: Login Profile for User ada cannot be found.");
    at.root_calls::<DeleteAccountPasswordPolicy>(json!({})).await.unwrap();
    assert!(
        at.root_calls::<GetAccountPasswordPolicy>(json!({})).await.unwrap_err().starts_with("NoSuchEntity")
    );
}

#[tokio::test]
async fn an_account_has_an_alias_and_a_summary() {
    let at = fixture().await;
    at.user("ada", None).await;
    at.root_calls::<CreateAccountAlias>(json!({"AccountAlias": "acme"})).await.unwrap();
    let aliases = at.root_calls::<ListAccountAliases>(json!({})).await.unwrap();
    assert_eq!(aliases["AccountAliases"], json!(["acme"]));
    assert!(at.root_calls::<DeleteAccountAlias>(json!({"AccountAlias": "x"})).await.is_err());
    assert_eq!(at.root_calls::<GetAccountSummary>(json!({})).await.unwrap()["SummaryMap"]["Users"], 1);
}

#[tokio::test]
async fn a_device_is_enabled_with_two_codes_only() {
    let at = fixture().await;
    at.user("ada", None).await;
    let made =
        at.root_calls::<CreateVirtualMFADevice>(json!({"VirtualMFADeviceName": "phone"})).await.unwrap();
    let serial = &made["VirtualMFADevice"]["SerialNumber"];
    let codes = json!({
        "UserName": "ada", "SerialNumber": serial, "AuthenticationCode1": "000000", "AuthenticationCode2": "000000",
    });
    let wrong = at.root_calls::<EnableMFADevice>(codes).await.unwrap_err();
    assert!(wrong.starts_with("InvalidAuthenticationCode"), "{wrong}");
    let devices =
        at.root_calls::<ListVirtualMFADevices>(json!({"AssignmentStatus": "Unassigned"})).await.unwrap();
    assert_eq!(devices["VirtualMFADevices"][0]["SerialNumber"], *serial);
    at.root_calls::<DeleteVirtualMFADevice>(json!({"SerialNumber": serial})).await.unwrap();
}

#[tokio::test]
async fn who_moves_a_user_needs_the_right_on_both_places() {
    let at = fixture().await;
    at.root_calls::<CreateUser>(json!({"UserName": "ada", "Path": "/dev/"})).await.unwrap();
    let eve = at.user("eve", Some(allow("iam:UpdateUser", "arn:aws:iam::123456789012:user/dev/*"))).await;
    let moved =
        at.calls::<UpdateUser>(&eve, json!({"UserName": "ada", "NewPath": "/admin/"})).await.unwrap_err();
    assert!(moved.contains("on resource: arn:aws:iam::123456789012:user/admin/ada"), "{moved}");
    let moved = json!({"UserName": "ada", "NewPath": "/", "NewUserName": "root-like"});
    assert!(at.calls::<UpdateUser>(&eve, moved).await.is_err());
    // A new name on the same path stays where the right is.
    at.calls::<UpdateUser>(&eve, json!({"UserName": "ADA", "NewUserName": "lovelace"})).await.unwrap();
    let read = at.root_calls::<GetUser>(json!({"UserName": "lovelace"})).await.unwrap();
    assert_eq!(read["User"]["Arn"], "arn:aws:iam::123456789012:user/dev/lovelace");
}
