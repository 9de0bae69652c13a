use std::fmt::Write as _;

use stepward_access::Authenticated;

use super::{Fixture, NOW, allow, fixture};
use crate::Operations;
use crate::iam::asked::Asked;
use crate::iam::{
    IamOperation, access_keys, account, attachments, authorization_details, boundaries, certificates,
    credential_report, groups, inline_policies, instance_profiles, last_accessed, login_profiles,
    mfa_devices, policies, policy_usage, policy_versions, providers, roles, service_credentials,
    service_linked_roles, simulate, ssh_keys, tagging, users,
};

/// Every member that any operation needs: what an operation does not know it does not read.
const EVERYTHING: &str = r#"{
    "UserName": "u", "RoleName": "r", "GroupName": "g", "PolicyName": "p", "InstanceProfileName": "i",
    "PolicyArn": "arn:aws:iam::123456789012:policy/p", "PolicyDocument": "{}", "AssumeRolePolicyDocument": "{}",
    "VersionId": "v1", "AccessKeyId": "AKIA", "Status": "Active", "Tags": [{"Key": "k", "Value": "v"}],
    "TagKeys": ["k"], "AccountAlias": "a", "PermissionsBoundary": "arn:aws:iam::123456789012:policy/b",
    "ServerCertificateName": "c", "CertificateBody": "x", "PrivateKey": "x", "CertificateId": "x", "Password": "x",
    "OldPassword": "x", "NewPassword": "x", "VirtualMFADeviceName": "m",
    "SerialNumber": "arn:aws:iam::123456789012:mfa/m", "AuthenticationCode1": "1", "AuthenticationCode2": "2",
    "OpenIDConnectProviderArn": "arn:aws:iam::123456789012:oidc-provider/o", "Url": "https://o", "ClientID": "x",
    "ThumbprintList": [], "SAMLProviderArn": "arn:aws:iam::123456789012:saml-provider/s", "Name": "s",
    "SAMLMetadataDocument": "x", "SSHPublicKeyId": "x", "SSHPublicKeyBody": "x", "ServiceName": "x",
    "ServiceSpecificCredentialId": "x", "AWSServiceName": "ecs.amazonaws.com",
    "DeletionTaskId": "task/aws-service-role/ecs.amazonaws.com/r/1",
    "PolicySourceArn": "arn:aws:iam::123456789012:user/u", "PolicyInputList": [], "ActionNames": ["a:b"],
    "Arn": "arn:aws:iam::123456789012:user/u", "JobId": "x", "GlobalEndpointTokenVersion": "v2Token"
}"#;

struct Callers {
    anonymous: Authenticated,
    powerless: Authenticated,
    allowed: Authenticated,
}

fn line<O: IamOperation>(at: &Fixture, callers: &Callers, table: &mut String) {
    let decide = |caller: &Authenticated| {
        let input: O::Input = serde_json::from_str(EVERYTHING).unwrap();
        let needs = O::needs(&input, &Asked::new(O::ACTION, caller, &at.access)).unwrap();
        at.access.authorize(caller, (), needs)
    };
    let word = |is_allowed: bool| if is_allowed { "allowed" } else { "denied" };
    let powerless = decide(&callers.powerless);
    let right = powerless.as_ref().err().and_then(|denied| denied.explanation().cloned());
    let (action, resource) = right.map(|right| (right.action, right.resource)).unwrap_or_default();
    let anonymous = word(decide(&callers.anonymous).is_ok());
    let (powerless, allowed) = (word(powerless.is_ok()), word(decide(&callers.allowed).is_ok()));
    writeln!(table, "{action} {resource} {anonymous} {powerless} {allowed}").unwrap();
}

#[tokio::test]
async fn every_operation_is_denied_to_the_anonymous_and_the_powerless() {
    let at = fixture().await;
    let callers = Callers {
        anonymous: Authenticated::anonymous(Default::default(), "us-east-1", NOW),
        powerless: at.user("powerless", None).await,
        allowed: at.user("allowed", Some(allow("iam:*", "*"))).await,
    };
    let mut table = String::new();
    macro_rules! lines {
        ($($module:ident: $($name:ident),*;)*) => {
            $($(line::<$module::$name>(&at, &callers, &mut table);)*)*
        };
    }
    every_operation!(lines);
    let declared = table.lines().filter(|line| line.starts_with("iam:")).count();
    assert_eq!(declared, super::super::operations().names().len());
    assert!(table.lines().all(|line| line.ends_with(" denied denied allowed")), "{table}");
    insta::assert_snapshot!(table);
}

#[test]
fn operations_are_registered_once() {
    let names = super::super::operations().names();
    let mut unique = names.clone();
    unique.dedup();
    assert_eq!(names, unique);
    let _: Operations = super::super::operations();
}
