//! Every operation that answers in pages: pages of one are the whole list, in its order, with markers of its own.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use stepward_access::MfaDevice;
use stepward_models::service;

use super::{Fixture, allow, fixture, trust};
use crate::iam::error::IamError;

const PEM: &str = include_str!("certificate.pem");
const P: &str = "arn:aws:iam::123456789012:policy/p0";
const ROLE: &str = "arn:aws:iam::123456789012:role/r0";

/// An operation, what it is asked, the lists it answers, and how many entries there are; none where there is
/// nothing to page through, with the reason.
type Row = (&'static str, Value, &'static [&'static str], Result<usize, &'static str>);

#[rustfmt::skip]
fn rows([of_role, of_policy]: [&str; 2]) -> Vec<Row> {
    let (user, role, group, policy) = (json!({"UserName": "u0"}), json!({"RoleName": "r0"}), json!({"GroupName": "g0"}), json!({"PolicyArn": P}));
    let tagged = |member: &str, name: &str| json!({member: name});
    let simulation = json!({"PolicyInputList": [allow("s3:*", "*").to_string()], "ActionNames": ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]});
    let mut of_principal = simulation.clone();
    of_principal["PolicySourceArn"] = json!(ROLE);
    vec![
        ("GetAccountAuthorizationDetails", json!({}), &["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"], Ok(13)),
        ("GetGroup", group.clone(), &["Users"], Ok(3)),
        ("GetOrganizationsAccessReport", json!({"JobId": "0".repeat(36)}), &[], Err("there are no such reports here")),
        ("GetServiceLastAccessedDetails", json!({"JobId": of_role}), &["ServicesLastAccessed"], Ok(3)),
        ("GetServiceLastAccessedDetailsWithEntities", json!({"JobId": of_policy, "ServiceNamespace": "s3"}), &["EntityDetailsList"], Ok(6)),
        ("ListAccessKeys", user.clone(), &["AccessKeyMetadata"], Ok(2)),
        ("ListAccountAliases", json!({}), &["AccountAliases"], Err("an account has one alias")),
        ("ListAttachedGroupPolicies", group.clone(), &["AttachedPolicies"], Ok(3)),
        ("ListAttachedRolePolicies", role.clone(), &["AttachedPolicies"], Ok(3)),
        ("ListAttachedUserPolicies", user.clone(), &["AttachedPolicies"], Ok(3)),
        ("ListDelegationRequests", json!({}), &[], Err("there are no such requests here")),
        ("ListEntitiesForPolicy", policy.clone(), &["PolicyGroups", "PolicyRoles", "PolicyUsers"], Ok(9)),
        ("ListGroupPolicies", group.clone(), &["PolicyNames"], Ok(3)),
        ("ListGroups", json!({}), &["Groups"], Ok(3)),
        ("ListGroups", json!({"PathPrefix": "/team/"}), &["Groups"], Ok(3)),
        ("ListGroupsForUser", user.clone(), &["Groups"], Ok(3)),
        ("ListInstanceProfileTags", tagged("InstanceProfileName", "i0"), &["Tags"], Ok(3)),
        ("ListInstanceProfiles", json!({}), &["InstanceProfiles"], Ok(3)),
        ("ListInstanceProfiles", json!({"PathPrefix": "/team"}), &["InstanceProfiles"], Ok(3)),
        ("ListInstanceProfilesForRole", role.clone(), &["InstanceProfiles"], Ok(3)),
        ("ListMFADeviceTags", tagged("SerialNumber", "arn:aws:iam::123456789012:mfa/d0"), &["Tags"], Ok(3)),
        ("ListMFADevices", user.clone(), &["MFADevices"], Ok(3)),
        ("ListOpenIDConnectProviderTags", tagged("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/idp.example"), &["Tags"], Ok(3)),
        ("ListPolicies", json!({"Scope": "Local"}), &["Policies"], Ok(3)),
        ("ListPolicies", json!({"OnlyAttached": true}), &["Policies"], Ok(4)),
        ("ListPolicies", json!({"OnlyAttached": true, "Scope": "AWS"}), &["Policies"], Ok(1)),
        ("ListPoliciesGrantingServiceAccess", json!({"Arn": ROLE, "ServiceNamespaces": ["s3", "sqs"]}), &[], Err("has no MaxItems")),
        ("ListPolicyTags", policy.clone(), &["Tags"], Ok(3)),
        ("ListPolicyVersions", policy, &["Versions"], Ok(3)),
        ("ListRolePolicies", role.clone(), &["PolicyNames"], Ok(3)),
        ("ListRoleTags", role, &["Tags"], Ok(3)),
        ("ListRoles", json!({}), &["Roles"], Ok(3)),
        ("ListRoles", json!({"PathPrefix": "/t"}), &["Roles"], Ok(2)),
        ("ListSAMLProviderTags", tagged("SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/idp"), &["Tags"], Ok(3)),
        ("ListSSHPublicKeys", user.clone(), &["SSHPublicKeys"], Ok(3)),
        ("ListServerCertificateTags", tagged("ServerCertificateName", "c0"), &["Tags"], Ok(3)),
        ("ListServerCertificates", json!({}), &["ServerCertificateMetadataList"], Ok(3)),
        ("ListServiceSpecificCredentials", user.clone(), &["ServiceSpecificCredentials"], Ok(2)),
        ("ListSigningCertificates", user.clone(), &["Certificates"], Ok(2)),
        ("ListUserPolicies", user.clone(), &["PolicyNames"], Ok(3)),
        ("ListUserTags", user, &["Tags"], Ok(3)),
        ("ListUsers", json!({}), &["Users"], Ok(3)),
        ("ListUsers", json!({"PathPrefix": "/team/"}), &["Users"], Ok(3)),
        ("ListVirtualMFADevices", json!({}), &["VirtualMFADevices"], Ok(3)),
        ("SimulateCustomPolicy", simulation, &["EvaluationResults"], Ok(3)),
        ("SimulatePrincipalPolicy", of_principal, &["EvaluationResults"], Ok(3)),
    ]
}

/// Three of everything, or as many as there may be.
async fn furnished() -> (Fixture, [String; 2]) {
    let at = fixture().await;
    let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]);
    let document = |service: &str| allow(&format!("{service}:*"), "*").to_string();
    at.does(&[
        ("CreateOpenIDConnectProvider", json!({"Url": "https://idp.example", "Tags": tags})),
        (
            "CreateSAMLProvider",
            json!({"Name": "idp", "SAMLMetadataDocument": format!("{:<1000}", include_str!("metadata.xml")), "Tags": tags}),
        ),
        ("CreateAccountAlias", json!({"AccountAlias": "my-alias"})),
    ])
    .await;
    for (n, service) in ["s3", "sqs", "sns"].into_iter().enumerate() {
        let path = if n == 0 { "/" } else { "/team/" };
        at.does(&[
            ("CreateUser", json!({"UserName": format!("u{n}"), "Path": "/team/", "Tags": tags})),
            ("CreateGroup", json!({"GroupName": format!("g{n}"), "Path": format!("/team/{n}/")})),
            ("CreateRole", json!({"RoleName": format!("r{n}"), "Path": path, "Tags": tags, "AssumeRolePolicyDocument": trust("ec2.amazonaws.com")})),
            ("CreatePolicy", json!({"PolicyName": format!("p{n}"), "PolicyDocument": document(service), "Tags": tags})),
            ("CreateInstanceProfile", json!({"InstanceProfileName": format!("i{n}"), "Path": "/team/", "Tags": tags})),
            ("UploadServerCertificate", json!({"ServerCertificateName": format!("c{n}"), "CertificateBody": PEM, "PrivateKey": PEM, "Tags": tags})),
            ("CreateVirtualMFADevice", json!({"VirtualMFADeviceName": format!("d{n}"), "Tags": tags})),
        ])
        .await;
    }
    for n in 0..3 {
        let policy = format!("arn:aws:iam::123456789012:policy/p{n}");
        let inline = |member: &str, name: &str| json!({member: name, "PolicyName": format!("in{n}"), "PolicyDocument": document("s3")});
        at.does(&[
            ("AddUserToGroup", json!({"UserName": format!("u{n}"), "GroupName": "g0"})),
            ("AttachUserPolicy", json!({"UserName": "u0", "PolicyArn": policy})),
            ("AttachRolePolicy", json!({"RoleName": "r0", "PolicyArn": policy})),
            ("AttachGroupPolicy", json!({"GroupName": "g0", "PolicyArn": policy})),
            ("AttachUserPolicy", json!({"UserName": format!("u{n}"), "PolicyArn": P})),
            ("AttachRolePolicy", json!({"RoleName": format!("r{n}"), "PolicyArn": P})),
            ("AttachGroupPolicy", json!({"GroupName": format!("g{n}"), "PolicyArn": P})),
            ("PutUserPolicy", inline("UserName", "u0")),
            ("PutRolePolicy", inline("RoleName", "r0")),
            ("PutGroupPolicy", inline("GroupName", "g0")),
            ("AddRoleToInstanceProfile", json!({"InstanceProfileName": format!("i{n}"), "RoleName": "r0"})),
            ("UploadSSHPublicKey", json!({"UserName": "u0", "SSHPublicKeyBody": format!("ssh-rsa {}", BASE64.encode(format!("key {n}")))})),
        ])
        .await;
    }
    give_pairs(&at).await;
    give_devices(&at).await;
    let job = async |arn: &str| {
        let job =
            at.root_calls_named("GenerateServiceLastAccessedDetails", json!({"Arn": arn})).await.unwrap();
        job["JobId"].as_str().unwrap().to_owned()
    };
    let jobs = [job(ROLE).await, job(P).await];
    (at, jobs)
}

/// Two of what there may be two of.
async fn give_pairs(at: &Fixture) {
    for n in 0..2 {
        at.does(&[
            ("CreateAccessKey", json!({"UserName": "u0"})),
            ("AddUserToGroup", json!({"UserName": "u0", "GroupName": format!("g{}", n + 1)})),
            (
                "CreatePolicyVersion",
                json!({"PolicyArn": P, "PolicyDocument": allow("s3:*", "*").to_string()}),
            ),
            (
                "UploadSigningCertificate",
                json!({"UserName": "u0", "CertificateBody": format!("{PEM}{}", "\n".repeat(n))}),
            ),
            (
                "CreateServiceSpecificCredential",
                json!({"UserName": "u0", "ServiceName": "codecommit.amazonaws.com"}),
            ),
        ])
        .await;
    }
    at.does(&[(
        "AttachUserPolicy",
        json!({"UserName": "u1", "PolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}),
    )])
    .await;
}

async fn give_devices(at: &Fixture) {
    let change = at.access.change(super::ACCOUNT, |edit| {
        for n in 0..3 {
            let device: MfaDevice = edit.copy(&format!("arn:aws:iam::123456789012:mfa/d{n}")).unwrap();
            edit.put(MfaDevice { user: Some("u0".to_owned()), ..device })?;
        }
        Ok::<_, IamError>(())
    });
    change.await.unwrap();
}

fn with(input: &Value, member: &str, value: Value) -> Value {
    let mut input = input.clone();
    input[member] = value;
    input
}

/// The entries of all lists of a page.
fn entries(page: &Value, lists: &[&str]) -> Vec<Value> {
    lists.iter().flat_map(|list| page[*list].as_array().unwrap().clone()).collect()
}

#[tokio::test]
async fn pages_of_one_are_the_whole_list_in_its_order() {
    let (at, [of_role, of_policy]) = furnished().await;
    let mut foreign: Option<(&str, Value)> = None;
    for (name, input, lists, count) in rows([&of_role, &of_policy]) {
        let Ok(count) = count else { continue };
        let whole = at.root_calls_named(name, input.clone()).await.unwrap();
        assert_eq!(
            (entries(&whole, lists).len(), &whole["IsTruncated"], &whole["Marker"]),
            (count, &json!(false), &Value::Null),
            "{name} {input}"
        );
        let (mut seen, mut asked) = (Vec::new(), with(&input, "MaxItems", json!(1)));
        loop {
            let page = at.root_calls_named(name, asked.clone()).await.unwrap();
            let on_page = entries(&page, lists);
            assert_eq!(on_page.len(), 1, "{name} {input}");
            seen.extend(on_page);
            if page["IsTruncated"] == false {
                assert_eq!(page["Marker"], Value::Null, "{name}");
                break;
            }
            asked["Marker"] = page["Marker"].clone();
            assert!(seen.len() < count, "{name} goes on for ever");
        }
        assert_eq!(seen, entries(&whole, lists), "{name} {input}");
        let nonsense = at.root_calls_named(name, with(&input, "Marker", json!("nonsense"))).await;
        assert_eq!(nonsense.unwrap_err(), "ValidationError: Invalid Marker.", "{name}");
        if let Some((other, marker)) = foreign.filter(|(other, _)| *other != name) {
            let answer = at.root_calls_named(name, with(&input, "Marker", marker)).await;
            assert_eq!(
                answer.unwrap_err(),
                "ValidationError: Invalid Marker.",
                "{name} with a marker of {other}"
            );
        }
        foreign = (name == "GetGroup").then(|| (name, asked["Marker"].clone()));
    }
}

#[tokio::test]
async fn every_operation_with_pages_is_in_the_table() {
    let model = service("iam").unwrap();
    let has = |name: &str| {
        let output = model.operations[name].output.map(|output| model.shape(output).members());
        output.into_iter().flatten().any(|member| member.name.eq_ignore_ascii_case("IsTruncated"))
    };
    let paged: BTreeSet<&str> =
        model.operations.keys().map(String::as_str).filter(|name| has(name)).collect();
    let rows = rows(["job"; 2]);
    assert_eq!(paged, rows.iter().map(|(name, ..)| *name).collect::<BTreeSet<_>>());
}

#[tokio::test]
async fn a_page_goes_on_where_it_was_while_entries_come_and_go() {
    let at = fixture().await;
    let role = |name: &str, path: &str| {
        (
            "CreateRole",
            json!({"RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust("ec2.amazonaws.com")}),
        )
    };
    for (prefix, path) in [("/", "/"), ("/a", "/a/")] {
        at.does(&[role("b", path), role("D", path), role("f", path)]).await;
        let asked = json!({"PathPrefix": prefix, "MaxItems": 2});
        let first = at.root_calls_named("ListRoles", asked.clone()).await.unwrap();
        let names = |page: &Value| -> Vec<String> {
            page["Roles"]
                .as_array()
                .unwrap()
                .iter()
                .map(|role| role["RoleName"].as_str().unwrap().to_owned())
                .collect()
        };
        // In the order of names, whatever their case.
        assert_eq!(names(&first), ["b", "D"]);
        // The last that was answered goes, one comes before it and one behind.
        at.does(&[("DeleteRole", json!({"RoleName": "d"})), role("a", path), role("e", path)]).await;
        let next =
            at.root_calls_named("ListRoles", with(&asked, "Marker", first["Marker"].clone())).await.unwrap();
        assert_eq!(
            (names(&next), &next["IsTruncated"]),
            (vec!["e".to_owned(), "f".to_owned()], &json!(false))
        );
        for name in ["a", "b", "e", "f"] {
            at.does(&[("DeleteRole", json!({"RoleName": name}))]).await;
        }
    }
}

#[tokio::test]
async fn lists_leave_out_what_aws_leaves_out() {
    let (at, _) = furnished().await;
    at.does(&[
        ("PutRolePermissionsBoundary", json!({"RoleName": "r0", "PermissionsBoundary": P})),
        ("PutUserPermissionsBoundary", json!({"UserName": "u0", "PermissionsBoundary": P})),
    ])
    .await;
    /// A list, its first entry, what that leaves out; what tells of one entry with it.
    type LeftOut<'a> = (&'a str, &'a str, &'a [&'a str], &'a str, Value, &'a str);
    let rows: [LeftOut<'_>; 5] = [
        (
            "ListRoles",
            "/Roles/0",
            &["Tags", "PermissionsBoundary", "RoleLastUsed"],
            "GetRole",
            json!({"RoleName": "r0"}),
            "/Role",
        ),
        (
            "ListUsers",
            "/Users/0",
            &["Tags", "PermissionsBoundary"],
            "GetUser",
            json!({"UserName": "u0"}),
            "/User",
        ),
        ("ListPolicies", "/Policies/0", &["Tags"], "GetPolicy", json!({"PolicyArn": P}), "/Policy"),
        (
            "ListInstanceProfiles",
            "/InstanceProfiles/0",
            &["Tags"],
            "GetInstanceProfile",
            json!({"InstanceProfileName": "i0"}),
            "/InstanceProfile",
        ),
        (
            "ListServerCertificates",
            "/ServerCertificateMetadataList/0",
            &["Tags"],
            "GetServerCertificate",
            json!({"ServerCertificateName": "c0"}),
            "/ServerCertificate",
        ),
    ];
    for (list, entry, left_out, get, input, whole) in rows {
        let listed = at.root_calls_named(list, json!({})).await.unwrap();
        let got = at.root_calls_named(get, input).await.unwrap();
        for member in left_out {
            assert_eq!(listed.pointer(entry).unwrap().get(member), None, "{list} {member}");
            assert!(got.pointer(whole).unwrap().get(member).is_some(), "{get} {member}");
        }
    }
}
