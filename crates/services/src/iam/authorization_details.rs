//! Everything about an account's identities and their policies in one answer.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    Access, Account, Authorized, Group, InstanceProfile, ManagedPolicy, PolicyUsage, Role, User,
};

use super::Answer;
use super::document::url_encoded;
use super::page::Paging;
use super::policy_versions::all_with_documents;
use super::shapes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    filter: Vec<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(GetAccountAuthorizationDetails(Input): |_, asked| asked.any() => details);

async fn details(call: &Authorized<Input>, access: &Access) -> Answer {
    let page = access.read(call.caller().account(), |account| {
        let usage = account.policy_usage();
        let items = all(account, &call.filter, usage);
        call.page.lazily("Items", items, |detail| show(detail, account, usage, access))
    })?;
    let mut answer =
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []});
    let items = page.get("Items").and_then(Value::as_array).cloned().unwrap_or_default();
    for item in items {
        let list = item.get("list").and_then(Value::as_str).unwrap_or_default();
        let target = answer.get_mut(list).and_then(Value::as_array_mut);
        if let (Some(target), Some(value)) = (target, item.get("value")) {
            target.push(value.clone());
        }
    }
    if let (Some(answer), Value::Object(mut page)) = (answer.as_object_mut(), page) {
        page.remove("Items");
        answer.extend(page);
    }
    Ok(answer)
}

/// What is answered, in this order.
enum Detail<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Policy(&'a ManagedPolicy),
    /// The ARN of one of AWS's policies that is in use.
    AwsPolicy(&'a str),
}

/// Everything that is asked for, with the keys that order it.
fn all<'a>(account: &'a Account, filter: &[String], usage: &'a PolicyUsage) -> Vec<(String, Detail<'a>)> {
    let is_wanted = |kind: &str| filter.is_empty() || filter.iter().any(|wanted| wanted == kind);
    let mut items = Vec::new();
    if is_wanted("User") {
        items.extend(account.users.iter().map(|(key, each)| (format!("0 {key}"), Detail::User(each))));
    }
    if is_wanted("Group") {
        items.extend(account.groups.iter().map(|(key, each)| (format!("1 {key}"), Detail::Group(each))));
    }
    if is_wanted("Role") {
        items.extend(account.roles.iter().map(|(key, each)| (format!("2 {key}"), Detail::Role(each))));
    }
    if is_wanted("LocalManagedPolicy") {
        items.extend(account.policies.iter().map(|(key, each)| (format!("3 {key}"), Detail::Policy(each))));
    }
    if is_wanted("AWSManagedPolicy") {
        let in_use: BTreeSet<&str> =
            usage.arns().filter(|arn| arn.starts_with("arn:aws:iam::aws:")).collect();
        items.extend(in_use.into_iter().map(|arn| (format!("4 {arn}"), Detail::AwsPolicy(arn))));
    }
    items
}

fn show(detail: &Detail<'_>, account: &Account, usage: &PolicyUsage, access: &Access) -> Option<Value> {
    let (list, value) = match detail {
        Detail::User(each) => ("UserDetailList", user(each)),
        Detail::Group(each) => ("GroupDetailList", group(each)),
        Detail::Role(each) => ("RoleDetailList", role(each, account, access)),
        Detail::Policy(each) => ("Policies", local_policy(each, usage)),
        Detail::AwsPolicy(arn) => ("Policies", aws_policy(arn, usage)?),
    };
    Some(json!({"list": list, "value": value}))
}

fn aws_policy(arn: &str, usage: &PolicyUsage) -> Option<Value> {
    let policy = stepward_models::managed_policy(arn)?;
    let version = json!({
        "VersionId": policy.version, "IsDefaultVersion": true,
        "Document": url_encoded(&policy.document.to_string()),
    });
    Some(shapes::with(shapes::aws_policy(&policy, usage), "PolicyVersionList", Some(json!([version]))))
}

fn inline(policies: &BTreeMap<String, String>) -> Value {
    let shown = |(name, document): (&String, &String)| json!({"PolicyName": name, "PolicyDocument": url_encoded(document)});
    policies.iter().map(shown).collect()
}

fn user(user: &User) -> Value {
    let value = json!({
        "Path": user.path, "UserName": user.name, "UserId": user.id, "Arn": user.arn,
        "CreateDate": shapes::date(user.created), "UserPolicyList": inline(&user.inline), "GroupList": user.groups,
        "AttachedManagedPolicies": shapes::attached(&user.attached),
    });
    shapes::with_tags(shapes::with_boundary(value, user.boundary.as_ref()), &user.tags)
}

fn group(group: &Group) -> Value {
    let value = shapes::with(shapes::group(group), "GroupPolicyList", Some(inline(&group.inline)));
    shapes::with(value, "AttachedManagedPolicies", Some(json!(shapes::attached(&group.attached))))
}

fn role(role: &Role, account: &Account, access: &Access) -> Value {
    let has = |profile: &&std::sync::Arc<InstanceProfile>| profile.role.as_ref() == Some(&role.name);
    let profiles: Vec<Value> = account
        .instance_profiles
        .values()
        .filter(has)
        .map(|profile| shapes::instance_profile(profile, account, access))
        .collect();
    let value = json!({
        "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": role.arn,
        "CreateDate": shapes::date(role.created),
        "AssumeRolePolicyDocument": url_encoded(&access.show_principals(&role.trust)),
        "InstanceProfileList": profiles, "RolePolicyList": inline(&role.inline),
        "AttachedManagedPolicies": shapes::attached(&role.attached),
    });
    let value = shapes::with(value, "RoleLastUsed", Some(shapes::role_last_used(role, access)));
    shapes::with_tags(shapes::with_boundary(value, role.boundary.as_ref()), &role.tags)
}

fn local_policy(policy: &ManagedPolicy, usage: &PolicyUsage) -> Value {
    let value = shapes::policy_in_list(policy, usage);
    let value = shapes::with(value, "Description", policy.description.as_ref().map(|text| json!(text)));
    shapes::with(value, "PolicyVersionList", Some(json!(all_with_documents(policy))))
}
