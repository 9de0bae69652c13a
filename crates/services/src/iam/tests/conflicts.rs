//! What keeps an entity from being deleted, AWS's sentence for it, and that it goes once that is gone.

use serde_json::{Value, json};
use stepward_access::{MfaDevice, User};

use super::{Fixture, allow, fixture, trust};
use crate::iam::error::IamError;

const POLICY: &str = "arn:aws:iam::123456789012:policy/P";
const FOREIGN: &str = "arn:aws:iam::aws:policy/PowerUserAccess";
const DEVICE: &str = "arn:aws:iam::123456789012:mfa/phone";
const PEM: &str = include_str!("certificate.pem");
const SSH_KEY: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== ada";

type Call = (&'static str, Value);

struct Row {
    what: &'static str,
    /// What is in the way; `$` in the undoing is looked up in the answer to the last of these.
    does: Vec<Call>,
    delete: Call,
    refused: &'static str,
    undoes: Vec<Call>,
}

fn row(what: &'static str, does: Vec<Call>, delete: &Call, refused: &'static str, undoes: Vec<Call>) -> Row {
    Row { what, does, delete: delete.clone(), refused, undoes }
}

fn named(member: &str, name: &str, more: Value) -> Value {
    let mut input = json!({member: name});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

fn users() -> Vec<Row> {
    let u = |more: Value| named("UserName", "ada", more);
    let delete = ("DeleteUser", u(json!({})));
    let document = allow("s3:*", "*").to_string();
    let rows = [
        (
            "a login profile",
            ("CreateLoginProfile", u(json!({"Password": "Correct-Horse-1"}))),
            "delete login profile",
            ("DeleteLoginProfile", u(json!({}))),
        ),
        (
            "an access key",
            ("CreateAccessKey", u(json!({}))),
            "delete access keys",
            ("DeleteAccessKey", u(json!({"AccessKeyId": "$/AccessKey/AccessKeyId"}))),
        ),
        (
            "an attached policy",
            ("AttachUserPolicy", u(json!({"PolicyArn": FOREIGN}))),
            "detach all policies",
            ("DetachUserPolicy", u(json!({"PolicyArn": FOREIGN}))),
        ),
        (
            "an inline policy",
            ("PutUserPolicy", u(json!({"PolicyName": "I", "PolicyDocument": document}))),
            "delete policies",
            ("DeleteUserPolicy", u(json!({"PolicyName": "I"}))),
        ),
        (
            "a group",
            ("AddUserToGroup", u(json!({"GroupName": "G"}))),
            "remove users from group",
            ("RemoveUserFromGroup", u(json!({"GroupName": "G"}))),
        ),
        (
            "a device",
            ("Device", json!({})),
            "delete MFA device",
            ("DeactivateMFADevice", u(json!({"SerialNumber": DEVICE}))),
        ),
        (
            "a signing certificate",
            ("UploadSigningCertificate", u(json!({"CertificateBody": PEM}))),
            "delete certificates",
            ("DeleteSigningCertificate", u(json!({"CertificateId": "$/Certificate/CertificateId"}))),
        ),
        (
            "an SSH key",
            ("UploadSSHPublicKey", u(json!({"SSHPublicKeyBody": SSH_KEY}))),
            "remove referenced objects",
            ("DeleteSSHPublicKey", u(json!({"SSHPublicKeyId": "$/SSHPublicKey/SSHPublicKeyId"}))),
        ),
        (
            "a credential of a service",
            ("CreateServiceSpecificCredential", u(json!({"ServiceName": "codecommit.amazonaws.com"}))),
            "remove referenced objects",
            (
                "DeleteServiceSpecificCredential",
                u(
                    json!({"ServiceSpecificCredentialId": "$/ServiceSpecificCredential/ServiceSpecificCredentialId"}),
                ),
            ),
        ),
    ];
    let made = ("CreateUser", u(json!({})));
    rows.into_iter()
        .map(|(what, put, must, taken)| row(what, vec![made.clone(), put], &delete, must, vec![taken]))
        .collect()
}

fn groups_and_roles() -> Vec<Row> {
    let document = allow("s3:*", "*").to_string();
    let (g, r) = (|more| named("GroupName", "H", more), |more| named("RoleName", "R", more));
    let group = ("CreateGroup", g(json!({})));
    let role = ("CreateRole", r(json!({"AssumeRolePolicyDocument": trust("ec2.amazonaws.com")})));
    let (delete_group, delete_role) = (("DeleteGroup", g(json!({}))), ("DeleteRole", r(json!({}))));
    let in_profile = json!({"InstanceProfileName": "I", "RoleName": "R"});
    vec![
        row(
            "a member",
            vec![group.clone(), ("AddUserToGroup", g(json!({"UserName": "eve"})))],
            &delete_group,
            "remove users from group",
            vec![("RemoveUserFromGroup", g(json!({"UserName": "eve"})))],
        ),
        row(
            "an attached policy of a group",
            vec![group.clone(), ("AttachGroupPolicy", g(json!({"PolicyArn": FOREIGN})))],
            &delete_group,
            "detach all policies",
            vec![("DetachGroupPolicy", g(json!({"PolicyArn": FOREIGN})))],
        ),
        row(
            "an inline policy of a group",
            vec![group, ("PutGroupPolicy", g(json!({"PolicyName": "I", "PolicyDocument": document})))],
            &delete_group,
            "delete policies",
            vec![("DeleteGroupPolicy", g(json!({"PolicyName": "I"})))],
        ),
        row(
            "an instance profile",
            vec![role.clone(), ("AddRoleToInstanceProfile", in_profile.clone())],
            &delete_role,
            "remove roles from instance profile",
            vec![("RemoveRoleFromInstanceProfile", in_profile.clone())],
        ),
        row(
            "an attached policy of a role",
            vec![role.clone(), ("AttachRolePolicy", r(json!({"PolicyArn": FOREIGN})))],
            &delete_role,
            "detach all policies",
            vec![("DetachRolePolicy", r(json!({"PolicyArn": FOREIGN})))],
        ),
        row(
            "an inline policy of a role",
            vec![role.clone(), ("PutRolePolicy", r(json!({"PolicyName": "I", "PolicyDocument": document})))],
            &delete_role,
            "delete policies",
            vec![("DeleteRolePolicy", r(json!({"PolicyName": "I"})))],
        ),
        row(
            "a role of a profile",
            vec![role, ("AddRoleToInstanceProfile", in_profile.clone())],
            &("DeleteInstanceProfile", json!({"InstanceProfileName": "I"})),
            "remove roles from instance profile",
            vec![("RemoveRoleFromInstanceProfile", in_profile)],
        ),
    ]
}

fn policies() -> Vec<Row> {
    let document = allow("s3:*", "*").to_string();
    let made = ("CreatePolicy", json!({"PolicyName": "P", "PolicyDocument": document}));
    let p = |more| named("PolicyArn", POLICY, more);
    let version = || ("CreatePolicyVersion", p(json!({"PolicyDocument": document, "SetAsDefault": true})));
    let delete = ("DeletePolicy", p(json!({})));
    let attached = "Cannot delete a policy attached to entities.";
    let held = json!({"UserName": "eve", "PolicyArn": POLICY});
    vec![
        row(
            "its holder",
            vec![made.clone(), ("AttachUserPolicy", held.clone())],
            &delete,
            attached,
            vec![("DetachUserPolicy", held)],
        ),
        row(
            "who is bound by it",
            vec![
                made.clone(),
                ("PutUserPermissionsBoundary", json!({"UserName": "eve", "PermissionsBoundary": POLICY})),
            ],
            &delete,
            attached,
            vec![("DeleteUserPermissionsBoundary", json!({"UserName": "eve"}))],
        ),
        row(
            "a second version",
            vec![made.clone(), version()],
            &delete,
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
            vec![("DeletePolicyVersion", p(json!({"VersionId": "v1"})))],
        ),
        row(
            "the version that counts",
            vec![made, version()],
            &("DeletePolicyVersion", p(json!({"VersionId": "v2"}))),
            "Cannot delete the default version of a policy.",
            vec![("SetDefaultPolicyVersion", p(json!({"VersionId": "v1"})))],
        ),
    ]
}

fn devices() -> Vec<Row> {
    let delete = ("DeleteVirtualMFADevice", json!({"SerialNumber": DEVICE}));
    let user = json!({"UserName": "ada"});
    let taken = json!({"UserName": "ada", "SerialNumber": DEVICE});
    vec![row(
        "the user of a device",
        vec![("CreateUser", user), ("Device", json!({}))],
        &delete,
        "MFA VirtualDevice is in use. Must deactivate first.",
        vec![("DeactivateMFADevice", taken)],
    )]
}

/// The input with what the answer has at the places that are named in it.
fn filled(input: &Value, answer: &Value) -> Value {
    let look = |value: &Value| match value.as_str().and_then(|text| text.strip_prefix('$')) {
        Some(pointer) => answer.pointer(pointer).unwrap().clone(),
        None => value.clone(),
    };
    input.as_object().unwrap().iter().map(|(name, value)| (name.clone(), look(value))).collect()
}

/// Gives ada a device, whose codes nobody has to type.
async fn give_device(at: &Fixture) {
    let _ = at.root_calls_named("CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "phone"})).await;
    let change = at.access.change(super::ACCOUNT, |edit| {
        let device: MfaDevice = edit.copy(DEVICE).unwrap();
        Ok::<_, IamError>(edit.put(MfaDevice { user: Some("ada".to_owned()), ..device })?)
    });
    change.await.unwrap();
}

#[tokio::test]
async fn what_is_in_the_way_of_deleting_is_said_as_aws_says_it() {
    for row in users().into_iter().chain(groups_and_roles()).chain(policies()).chain(devices()) {
        let at = fixture().await;
        at.does(&[
            ("CreateUser", json!({"UserName": "eve"})),
            ("CreateGroup", json!({"GroupName": "G"})),
            ("CreateInstanceProfile", json!({"InstanceProfileName": "I"})),
        ])
        .await;
        let mut last = Value::Null;
        for (name, input) in &row.does {
            match *name {
                "Device" => give_device(&at).await,
                _ => last = at.root_calls_named(name, input.clone()).await.unwrap(),
            }
        }
        let (delete, input) = &row.delete;
        let refused = at.root_calls_named(delete, input.clone()).await.unwrap_err();
        let sentence = match row.refused.ends_with('.') {
            true => row.refused.to_owned(),
            false => format!("Cannot delete entity, must {} first.", row.refused),
        };
        assert_eq!(refused, format!("DeleteConflict: {sentence}"), "{}", row.what);
        for (name, input) in &row.undoes {
            at.does(&[(name, filled(input, &last))]).await;
        }
        at.does(&[row.delete]).await;
    }
}

#[tokio::test]
async fn a_role_of_a_service_is_changed_by_nobody_else() {
    let at = fixture().await;
    let document = allow("s3:*", "*").to_string();
    at.does(&[
        ("CreateServiceLinkedRole", json!({"AWSServiceName": "ecs.amazonaws.com"})),
        ("CreateInstanceProfile", json!({"InstanceProfileName": "I"})),
    ])
    .await;
    let role = |more| named("RoleName", "AWSServiceRoleForECS", more);
    let refused = [
        ("DeleteRole", json!({})),
        ("UpdateRole", json!({"MaxSessionDuration": 7200})),
        ("UpdateAssumeRolePolicy", json!({"PolicyDocument": trust("ec2.amazonaws.com")})),
        ("PutRolePolicy", json!({"PolicyName": "I", "PolicyDocument": document})),
        ("DeleteRolePolicy", json!({"PolicyName": "I"})),
        ("AttachRolePolicy", json!({"PolicyArn": FOREIGN})),
        ("DetachRolePolicy", json!({"PolicyArn": FOREIGN})),
        ("PutRolePermissionsBoundary", json!({"PermissionsBoundary": FOREIGN})),
        ("DeleteRolePermissionsBoundary", json!({})),
        ("AddRoleToInstanceProfile", json!({"InstanceProfileName": "I"})),
    ];
    for (name, input) in refused {
        assert_eq!(
            at.root_calls_named(name, role(input)).await.unwrap_err(),
            "UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is \
             only modifiable by AWS",
            "{name}"
        );
    }
    at.does(&[
        ("UpdateRoleDescription", role(json!({"Description": "ours"}))),
        ("TagRole", role(json!({"Tags": [{"Key": "k", "Value": "v"}]}))),
        ("DeleteServiceLinkedRole", role(json!({}))),
    ])
    .await;
    at.root_calls_named("CreateUser", json!({"UserName": "ada"})).await.unwrap();
    let service_policy = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy";
    let attach = json!({"UserName": "ada", "PolicyArn": service_policy});
    assert_eq!(
        at.root_calls_named("AttachUserPolicy", attach).await.unwrap_err(),
        "PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role."
    );
    assert!(
        at.access.read(super::ACCOUNT, |account| account.find::<User>("ada").unwrap().attached.is_empty())
    );
}
