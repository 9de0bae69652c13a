//! Who uses a managed policy.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized};

use super::Answer;
use super::attachments::policy_exists;
use super::error::IamError;
use super::page::Paging;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EntitiesInput {
    policy_arn: String,
    entity_filter: Option<String>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(ListEntitiesForPolicy(EntitiesInput): |input, asked| asked.policy(&input.policy_arn) => entities);

async fn entities(call: &Authorized<EntitiesInput>, access: &Access) -> Answer {
    let found = access.read(call.caller().account(), |account| {
        if !policy_exists(account, &call.policy_arn) {
            return Err(IamError::no_such_policy(&call.policy_arn));
        }
        Ok(users_of(account, call))
    })?;
    let page = call.page.list("Entities", found)?;
    let mut answer = json!({"PolicyGroups": [], "PolicyUsers": [], "PolicyRoles": []});
    let items = page.get("Entities").and_then(Value::as_array).cloned().unwrap_or_default();
    for item in items {
        let list = item.get("list").and_then(Value::as_str).unwrap_or_default();
        let target = answer.get_mut(list).and_then(Value::as_array_mut);
        if let (Some(target), Some(value)) = (target, item.get("value")) {
            target.push(value.clone());
        }
    }
    if let (Some(answer), Value::Object(mut page)) = (answer.as_object_mut(), page) {
        page.remove("Entities");
        answer.extend(page);
    }
    Ok(answer)
}

/// The entities, each with the list it is answered in.
fn users_of(account: &Account, input: &EntitiesInput) -> Vec<(String, Value)> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let usage = input.policy_usage_filter.as_deref();
    let is_kind = |kind: &str| input.entity_filter.as_deref().is_none_or(|filter| filter == kind);
    let uses = |attached: &[String], boundary: Option<&String>, path: &str| {
        let is_attached = usage != Some("PermissionsBoundary") && attached.contains(&input.policy_arn);
        let is_boundary = usage != Some("PermissionsPolicy") && boundary == Some(&input.policy_arn);
        path.starts_with(prefix) && (is_attached || is_boundary)
    };
    let mut found = Vec::new();
    let mut add = |list: &str, key: &str, value: Value| {
        found.push((format!("{list} {key}"), json!({"list": list, "value": value})))
    };
    if is_kind("Group") {
        for group in account.groups.values().filter(|group| uses(&group.attached, None, &group.path)) {
            add("PolicyGroups", &group.name, json!({"GroupName": group.name, "GroupId": group.id}));
        }
    }
    if is_kind("User") {
        for user in
            account.users.values().filter(|user| uses(&user.attached, user.boundary.as_ref(), &user.path))
        {
            add("PolicyUsers", &user.name, json!({"UserName": user.name, "UserId": user.id}));
        }
    }
    if is_kind("Role") {
        for role in
            account.roles.values().filter(|role| uses(&role.attached, role.boundary.as_ref(), &role.path))
        {
            add("PolicyRoles", &role.name, json!({"RoleName": role.name, "RoleId": role.id}));
        }
    }
    found
}
