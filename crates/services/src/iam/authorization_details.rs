//! Everything about an account's identities and their policies in one answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized, Group, InstanceProfile, ManagedPolicy, Role, User};

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
        call.page.list("Items", all(account, &call.filter, access))
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

fn all(account: &Account, filter: &[String], access: &Access) -> Vec<(String, Value)> {
    let is_wanted = |kind: &str| filter.is_empty() || filter.iter().any(|wanted| wanted == kind);
    let mut items = Vec::new();
    let mut add = |order: u8, list: &str, key: &str, value: Value| {
        items.push((format!("{order} {key}"), json!({"list": list, "value": value})));
    };
    if is_wanted("User") {
        account.users.values().for_each(|each| add(0, "UserDetailList", &each.name, user(each)));
    }
    if is_wanted("Group") {
        account.groups.values().for_each(|each| add(1, "GroupDetailList", &each.name, group(each)));
    }
    if is_wanted("Role") {
        account
            .roles
            .values()
            .for_each(|each| add(2, "RoleDetailList", &each.name, role(each, account, access)));
    }
    if is_wanted("LocalManagedPolicy") {
        account
            .policies
            .values()
            .for_each(|each| add(3, "Policies", &each.name, local_policy(each, account)));
    }
    if is_wanted("AWSManagedPolicy") {
        // AWS: only those that are in use.
        for policy in stepward_models::managed_policies().filter_map(stepward_models::managed_policy) {
            if shapes::attachments(account, &policy.arn) + shapes::boundaries(account, &policy.arn) > 0 {
                let version = json!({
                    "VersionId": policy.version, "IsDefaultVersion": true,
                    "Document": url_encoded(&policy.document.to_string()),
                });
                let value = shapes::aws_policy(&policy, account);
                add(
                    4,
                    "Policies",
                    &policy.arn,
                    shapes::with(value, "PolicyVersionList", Some(json!([version]))),
                );
            }
        }
    }
    items
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
    shapes::with_tags(shapes::with_boundary(value, role.boundary.as_ref()), &role.tags)
}

fn local_policy(policy: &ManagedPolicy, account: &Account) -> Value {
    let value = shapes::policy_in_list(policy, account);
    let value = shapes::with(value, "Description", policy.description.as_ref().map(|text| json!(text)));
    shapes::with(value, "PolicyVersionList", Some(json!(all_with_documents(policy))))
}
