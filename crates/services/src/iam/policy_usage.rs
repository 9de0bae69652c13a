//! Who uses a managed policy.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized, Entity as _, Group, Link, Role, User};

use super::Answer;
use super::attachments::policy_exists;
use super::error::IamError;
use super::page::{Item, Paging, sorted_out};

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
    let lists = ["PolicyGroups", "PolicyUsers", "PolicyRoles"];
    access.read(call.caller().account(), |account| {
        if !policy_exists(account, &call.policy_arn) {
            return Err(IamError::no_such_policy(&call.policy_arn));
        }
        let page = call.page.walk("Entities", |after| holders(account, call, after))?;
        Ok(sorted_out(page, "Entities", &lists))
    })
}

/// Who uses the policy in the wanted way behind one who does, each with the list it is answered in.
fn holders<'a>(
    account: &'a Account,
    input: &'a EntitiesInput,
    after: Option<&str>,
) -> impl Iterator<Item = Item> + use<'a> {
    let usage = input.policy_usage_filter.as_deref();
    let after = after.and_then(|after| after.split_once(' '));
    let after = after.and_then(|(kind, key)| Some((kind_of(kind)?, Arc::from(key))));
    let of = |link: Link, without: &str| {
        let holders = account.links().after(link, &input.policy_arn, after.as_ref());
        (usage != Some(without)).then_some(holders).into_iter().flatten()
    };
    let attached = of(Link::Attached, "PermissionsBoundary");
    let bounded = of(Link::Boundary, "PermissionsPolicy");
    merged(attached, bounded).filter_map(|(kind, key)| {
        let (path, value) = shown(account, kind, key)?;
        let (filter, list) = match *kind {
            Group::KIND => ("Group", "PolicyGroups"),
            User::KIND => ("User", "PolicyUsers"),
            _ => ("Role", "PolicyRoles"),
        };
        let is_wanted = input.entity_filter.as_deref().is_none_or(|wanted| wanted == filter)
            && path.starts_with(input.path_prefix.as_deref().unwrap_or("/"));
        is_wanted.then(|| (format!("{kind} {key}"), json!([list, value])))
    })
}

fn kind_of(kind: &str) -> Option<&'static str> {
    [Group::KIND, User::KIND, Role::KIND].into_iter().find(|known| *known == kind)
}

/// Two walks in one order; what is in both is there once.
pub(crate) fn merged<'a, T: Ord + ?Sized + 'a>(
    left: impl Iterator<Item = &'a T>,
    right: impl Iterator<Item = &'a T>,
) -> impl Iterator<Item = &'a T> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(one), Some(other)) if one == other => {
            right.next();
            left.next()
        }
        (Some(one), Some(other)) if one > other => right.next(),
        (None, _) => right.next(),
        _ => left.next(),
    })
}

fn shown<'a>(account: &'a Account, kind: &str, key: &str) -> Option<(&'a str, Value)> {
    match kind {
        Group::KIND => {
            let group = account.groups.get(key)?;
            Some((&group.path, json!({"GroupName": group.name, "GroupId": group.id})))
        }
        User::KIND => {
            let user = account.users.get(key)?;
            Some((&user.path, json!({"UserName": user.name, "UserId": user.id})))
        }
        _ => {
            let role = account.roles.get(key)?;
            Some((&role.path, json!({"RoleName": role.name, "RoleId": role.id})))
        }
    }
}
