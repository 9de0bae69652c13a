//! Each quota: everything up to it works, and one more is refused in AWS's words.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use stepward_access::{Edit, Group, InstanceProfile, ManagedPolicy, MfaDevice, Role, User};

use super::{Fixture, allow, fixture, trust};
use crate::iam::error::IamError;
use crate::iam::quotas;

const PEM: &str = include_str!("certificate.pem");
const METADATA: &str = include_str!("metadata.xml");
const POLICY: &str = "arn:aws:iam::123456789012:policy/P";

/// A quota: the call that uses it up, with the number of the one it makes, and AWS's refusal.
struct Row {
    operation: &'static str,
    input: fn(usize) -> Value,
    max: usize,
    refused: &'static str,
    /// Puts a copy of the first, where there are too many for calls.
    copy: Option<fn(&mut Edit<'_>, usize)>,
}

const fn row(operation: &'static str, max: usize, refused: &'static str, input: fn(usize) -> Value) -> Row {
    Row { operation, input, max, refused, copy: None }
}

macro_rules! copies {
    ($entity:ident) => {
        Some(|edit, number| {
            let first: $entity = edit.copy("n0").unwrap();
            edit.put($entity { name: format!("n{number}"), id: format!("{}{number}", first.id), ..first })
                .unwrap();
        })
    };
}

fn document() -> String {
    allow("s3:*", "*").to_string()
}

/// A document of a size without white space, with some around it.
fn document_of(size: usize) -> String {
    let empty = json!({"Version": "2012-10-17", "Statement": [{"Sid": "", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let sid = "S".repeat(size - empty.to_string().len());
    format!("  {}\n", empty.to_string().replace("\"Sid\":\"\"", &format!("\"Sid\": \"{sid}\"")))
}

fn trust_of(size: usize) -> String {
    let empty = trust("ec2.amazonaws.com").replace("{\"Effect", "{\"Sid\":\"\",\"Effect");
    let sid = "S".repeat(size - empty.len());
    empty.replace("\"Sid\":\"\"", &format!(" \"Sid\":\"{sid}\""))
}

fn of_account() -> Vec<Row> {
    [of_copies(), of_devices_and_providers()].into_iter().flatten().collect()
}

fn of_copies() -> Vec<Row> {
    vec![
        Row {
            copy: copies!(User),
            ..row("CreateUser", 5_000, "UsersPerAccount: 5000", |n| json!({"UserName": format!("n{n}")}))
        },
        Row {
            copy: copies!(Group),
            ..row("CreateGroup", 500, "GroupsPerAccount: 500", |n| json!({"GroupName": format!("n{n}")}))
        },
        Row {
            copy: copies!(Role),
            ..row(
                "CreateRole",
                10_000,
                "RolesPerAccount: 10000",
                |n| json!({"RoleName": format!("n{n}"), "AssumeRolePolicyDocument": trust("ec2.amazonaws.com")}),
            )
        },
        Row {
            copy: copies!(ManagedPolicy),
            ..row(
                "CreatePolicy",
                10_000,
                "PoliciesPerAccount: 10000",
                |n| json!({"PolicyName": format!("n{n}"), "PolicyDocument": document()}),
            )
        },
        Row {
            copy: copies!(InstanceProfile),
            ..row(
                "CreateInstanceProfile",
                5_000,
                "InstanceProfilesPerAccount: 5000",
                |n| json!({"InstanceProfileName": format!("n{n}")}),
            )
        },
    ]
}

fn of_devices_and_providers() -> Vec<Row> {
    vec![
        Row {
            copy: Some(|edit, number| {
                let serial = |number| format!("arn:aws:iam::123456789012:mfa/n{number}");
                let first: MfaDevice = edit.copy(&serial(0)).unwrap();
                edit.put(MfaDevice { serial_number: serial(number), ..first }).unwrap();
            }),
            ..row(
                "CreateVirtualMFADevice",
                5_000,
                "MFADevicesPerAccount: 5000",
                |n| json!({"VirtualMFADeviceName": format!("n{n}")}),
            )
        },
        row(
            "UploadServerCertificate",
            20,
            "ServerCertificatesPerAccount: 20",
            |n| json!({"ServerCertificateName": format!("n{n}"), "CertificateBody": PEM, "PrivateKey": PEM}),
        ),
        row(
            "CreateOpenIDConnectProvider",
            100,
            "OpenIdConnectProvidersPerAccount: 100",
            |n| json!({"Url": format!("https://n{n}.example")}),
        ),
        row(
            "CreateSAMLProvider",
            100,
            "SAMLProvidersPerAccount: 100",
            |n| json!({"Name": format!("n{n}"), "SAMLMetadataDocument": format!("{METADATA:<1000}")}),
        ),
        row(
            "PutAccountProperties",
            100,
            "PropertiesPerAccount: 100",
            |n| json!({"Properties": {format!("Feature/n{n}"): "x"}}),
        ),
    ]
}

fn of_entities() -> Vec<Row> {
    vec![
        row(
            "AddUserToGroup",
            10,
            "GroupsPerUser: 10",
            |n| json!({"UserName": "ada", "GroupName": format!("G{n}")}),
        ),
        row("CreateAccessKey", 2, "AccessKeysPerUser: 2", |_| json!({"UserName": "ada"})),
        row(
            "UploadSigningCertificate",
            2,
            "CertificatesPerUser: 2",
            |n| json!({"UserName": "ada", "CertificateBody": format!("{PEM}{}", "\n".repeat(n))}),
        ),
        row(
            "UploadSSHPublicKey",
            5,
            "SSHPublicKeysPerUser: 5",
            |n| json!({"UserName": "ada", "SSHPublicKeyBody": format!("ssh-rsa {}", BASE64.encode(format!("key {n}")))}),
        ),
        row(
            "CreateServiceSpecificCredential",
            2,
            "ServiceSpecificCredentialsPerUser: 2",
            |_| json!({"UserName": "ada", "ServiceName": "codecommit.amazonaws.com"}),
        ),
        row(
            "AddRoleToInstanceProfile",
            1,
            "InstanceSessionsPerInstanceProfile: 1",
            |_| json!({"InstanceProfileName": "I", "RoleName": "R"}),
        ),
        row(
            "AddClientIDToOpenIDConnectProvider",
            100,
            "ClientIdsPerOpenIdConnectProvider: 100",
            |n| json!({"OpenIDConnectProviderArn": "arn:aws:iam::123456789012:oidc-provider/idp.example", "ClientID": format!("n{n}")}),
        ),
        row(
            "AttachRolePolicy",
            20,
            "PoliciesPerRole: 20",
            |n| json!({"RoleName": "R", "PolicyArn": format!("{POLICY}{n}")}),
        ),
        row(
            "AttachUserPolicy",
            10,
            "PoliciesPerUser: 10",
            |n| json!({"UserName": "ada", "PolicyArn": format!("{POLICY}{n}")}),
        ),
        row(
            "AttachGroupPolicy",
            10,
            "PoliciesPerGroup: 10",
            |n| json!({"GroupName": "G0", "PolicyArn": format!("{POLICY}{n}")}),
        ),
        // The first is the one that CreatePolicy made.
        row(
            "CreatePolicyVersion",
            4,
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
            |_| json!({"PolicyArn": format!("{POLICY}0"), "PolicyDocument": document()}),
        ),
        row(
            "TagRole",
            50,
            "The number of tags has reached the maximum limit.",
            |n| json!({"RoleName": "R", "Tags": [{"Key": format!("n{n}"), "Value": "v"}]}),
        ),
    ]
}

/// What the calls are about.
async fn furnish(at: &Fixture) {
    at.does(&[
        ("CreateUser", json!({"UserName": "ada"})),
        ("CreateRole", json!({"RoleName": "R", "AssumeRolePolicyDocument": trust("ec2.amazonaws.com")})),
        ("CreateInstanceProfile", json!({"InstanceProfileName": "I"})),
        ("CreateOpenIDConnectProvider", json!({"Url": "https://idp.example"})),
    ])
    .await;
    for number in 0..21 {
        let policy = json!({"PolicyName": format!("P{number}"), "PolicyDocument": document()});
        at.does(&[("CreateGroup", json!({"GroupName": format!("G{number}")})), ("CreatePolicy", policy)])
            .await;
    }
}

async fn check(at: &Fixture, row: &Row) {
    let by_calls = if row.copy.is_some() { 1 } else { row.max };
    for number in 0..by_calls {
        at.does(&[(row.operation, (row.input)(number))]).await;
    }
    if let Some(copy) = row.copy {
        let change = at.access.change(super::ACCOUNT, |edit| {
            (1..row.max).for_each(|number| copy(edit, number));
            Ok::<_, IamError>(())
        });
        change.await.unwrap();
    }
    let refused = at.root_calls_named(row.operation, (row.input)(row.max)).await.unwrap_err();
    let sentence = match row.refused.ends_with('.') {
        true => row.refused.to_owned(),
        false => format!("Cannot exceed quota for {}", row.refused),
    };
    assert_eq!(refused, format!("LimitExceeded: {sentence}"), "{}", row.operation);
}

#[tokio::test]
async fn one_more_than_a_quota_is_refused_in_the_words_of_aws() {
    for row in of_account() {
        check(&fixture().await, &row).await;
    }
    let at = fixture().await;
    furnish(&at).await;
    for row in of_entities() {
        check(&at, &row).await;
    }
}

#[tokio::test]
async fn every_quota_is_in_the_table() {
    let rows: Vec<&str> = of_account().iter().chain(&of_entities()).map(|row| row.refused).collect();
    for quota in quotas::ALL {
        let name = quota.refusal();
        assert!(
            rows.contains(&name.as_str()) || SIZES.contains(&name.as_str()) || name == DEVICES,
            "{name} is not tried"
        );
    }
}

/// Tried below, for they are no counts of calls.
const SIZES: [&str; 2] = ["PolicySize: 6144", "ACLSizePerRole: 2048"];
const DEVICES: &str = "MFADevicesPerUser: 8";

#[tokio::test]
async fn a_user_has_eight_devices() {
    let at = fixture().await;
    at.does(&[("CreateUser", json!({"UserName": "ada"}))]).await;
    for number in 0..9 {
        at.does(&[("CreateVirtualMFADevice", json!({"VirtualMFADeviceName": format!("n{number}")}))]).await;
    }
    let serial = |number| format!("arn:aws:iam::123456789012:mfa/n{number}");
    let change = at.access.change(super::ACCOUNT, |edit| {
        for number in 0..8 {
            let device: MfaDevice = edit.copy(&serial(number)).unwrap();
            edit.put(MfaDevice { user: Some("ada".to_owned()), ..device })?;
        }
        Ok::<_, IamError>(())
    });
    change.await.unwrap();
    let ninth = json!({"UserName": "ada", "SerialNumber": serial(8), "AuthenticationCode1": "000000", "AuthenticationCode2": "000000"});
    let refused = at.root_calls_named("EnableMFADevice", ninth).await.unwrap_err();
    assert_eq!(refused, format!("LimitExceeded: Cannot exceed quota for {DEVICES}"));
}

#[tokio::test]
async fn documents_may_be_as_long_as_aws_lets_them_be_without_their_white_space() {
    let at = fixture().await;
    furnish(&at).await;
    let trusted = |size| json!({"RoleName": "R", "PolicyDocument": trust_of(size)});
    let managed = |size| json!({"PolicyName": "Long", "PolicyDocument": document_of(size)});
    let inline = |member: &str, name: &str, size| json!({member: name, "PolicyName": "I", "PolicyDocument": document_of(size)});
    let rows = [
        (
            "UpdateAssumeRolePolicy",
            trusted(2_048),
            trusted(2_049),
            "Cannot exceed quota for ACLSizePerRole: 2048",
        ),
        ("CreatePolicy", managed(6_144), managed(6_145), "Cannot exceed quota for PolicySize: 6144"),
        (
            "PutRolePolicy",
            inline("RoleName", "R", 10_240),
            inline("RoleName", "R", 10_241),
            "Maximum policy size of 10240 bytes exceeded for role R",
        ),
        (
            "PutUserPolicy",
            inline("UserName", "ada", 2_048),
            inline("UserName", "ada", 2_049),
            "Maximum policy size of 2048 bytes exceeded for user ada",
        ),
        (
            "PutGroupPolicy",
            inline("GroupName", "G0", 5_120),
            inline("GroupName", "G0", 5_121),
            "Maximum policy size of 5120 bytes exceeded for group G0",
        ),
    ];
    for (operation, fits, too_long, refused) in rows {
        let answer = at.root_calls_named(operation, too_long).await;
        assert_eq!(answer.unwrap_err(), format!("LimitExceeded: {refused}"), "{operation}");
        at.does(&[(operation, fits)]).await;
    }
    // Inline policies count together.
    let second = json!({"RoleName": "R", "PolicyName": "J", "PolicyDocument": document()});
    let refused = at.root_calls_named("PutRolePolicy", second).await.unwrap_err();
    assert_eq!(refused, "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role R");
}

#[tokio::test]
async fn the_summary_tells_the_quotas_that_are_enforced() {
    let summary = fixture().await.root_calls_named("GetAccountSummary", json!({})).await.unwrap();
    let quotas = [
        ("UsersQuota", 5_000),
        ("RolesQuota", 10_000),
        ("PoliciesQuota", 10_000),
        ("AttachedPoliciesPerRoleQuota", 20),
        ("AssumeRolePolicySizeQuota", 2_048),
        ("PolicySizeQuota", 6_144),
        ("AccessKeysPerUserQuota", 2),
    ];
    for (name, max) in quotas {
        assert_eq!(summary["SummaryMap"][name], max, "{name}");
    }
}
