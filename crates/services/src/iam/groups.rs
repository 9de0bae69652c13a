//! Groups, and who is in them.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized, Entity as _, Group, Link, UniqueId, User, unique_id};

use super::Answer;
use super::error::IamError;
use super::page::Paging;
use super::quotas;
use super::shapes;
use super::users::no_tags;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateGroupInput {
    group_name: String,
    path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GroupNameInput {
    group_name: String,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateGroupInput {
    group_name: String,
    new_path: Option<String>,
    new_group_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MemberInput {
    group_name: String,
    user_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    path_prefix: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OfUserInput {
    user_name: String,
    #[serde(flatten)]
    page: Paging,
}

operation!(CreateGroup(CreateGroupInput): |input, asked| asked.new_entity("group", input.path.as_deref(), &input.group_name, &no_tags()) => create);
operation!(GetGroup(GroupNameInput): |input, asked| asked.group(&input.group_name) => get);
operation!(UpdateGroup(UpdateGroupInput): |input, asked| {
    let (path, name) = asked.place::<Group>(&input.group_name, |group| (&group.path, &group.name));
    let new = (input.new_path.as_deref(), input.new_group_name.as_deref());
    Ok(asked.moved(asked.group(&input.group_name)?, ("group", path, name), new))
} => update);
operation!(DeleteGroup(GroupNameInput): |input, asked| asked.group(&input.group_name) => delete);
operation!(ListGroups(ListInput): |input, asked| asked.all("group", input.path_prefix.as_deref()) => list);
operation!(AddUserToGroup(MemberInput): |input, asked| asked.group(&input.group_name) => add_member);
operation!(RemoveUserFromGroup(MemberInput): |input, asked| asked.group(&input.group_name) => remove_member);
operation!(ListGroupsForUser(OfUserInput): |input, asked| asked.user(&input.user_name) => of_user);

async fn create(call: &Authorized<CreateGroupInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let path = call.path.clone().unwrap_or_else(|| "/".to_owned());
    let group = Group {
        arn: format!("arn:aws:iam::{account}:group{path}{}", call.group_name),
        name: call.group_name.clone(),
        path,
        id: unique_id(UniqueId::Group),
        created: call.caller().now(),
        inline: Default::default(),
        attached: Vec::new(),
    };
    let change = access.change(account, |edit| {
        if edit.account().find::<Group>(&group.name).is_some() {
            return Err(IamError::exists("Group", &group.name));
        }
        quotas::GROUPS.check_one_more(edit.account().groups.len())?;
        let answer = json!({"Group": shapes::group(&group)});
        edit.put(group)?;
        Ok(answer)
    });
    change.await
}

fn find(account: &Account, name: &str) -> Result<Group, IamError> {
    account
        .find::<Group>(name)
        .map(|group| Group::clone(group))
        .ok_or_else(|| IamError::no_such("group", name))
}

/// The users in a group, behind one of them, in the order of their names.
pub(crate) fn members<'a>(
    account: &'a Account,
    group: &Group,
    after: Option<&str>,
) -> impl Iterator<Item = (&'a str, &'a Arc<User>)> + use<'a> {
    let after = after.map(|after| (User::KIND, Arc::from(after)));
    let members = account.links().after(Link::Member, &group.key(), after.as_ref());
    members.filter_map(|(_, key)| Some((key.as_ref(), account.users.get(key.as_ref())?)))
}

async fn get(call: &Authorized<GroupNameInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let group = find(account, &call.group_name)?;
        let page = call.page.walk("Users", |after| {
            members(account, &group, after).map(|(key, user)| (key.to_owned(), shapes::user_in_list(user)))
        })?;
        Ok(shapes::with(page, "Group", Some(shapes::group(&group))))
    })
}

async fn update(call: &Authorized<UpdateGroupInput>, access: &Access) -> Answer {
    let id = call.caller().account();
    let change = access.change(id, |edit| {
        let account = edit.account();
        let mut group = find(account, &call.group_name)?;
        let name = call.new_group_name.as_ref().unwrap_or(&group.name).clone();
        if account.find::<Group>(&name).is_some_and(|other| other.id != group.id) {
            return Err(IamError::exists("Group", &name));
        }
        let members = members(account, &group, None);
        for mut user in members.map(|(_, user)| User::clone(user)) {
            user.groups
                .iter_mut()
                .filter(|known| **known == group.name)
                .for_each(|known| known.clone_from(&name));
            edit.put(user)?;
        }
        edit.remove(&group);
        group.name = name;
        group.path = call.new_path.as_ref().unwrap_or(&group.path).clone();
        group.arn = format!("arn:aws:iam::{id}:group{}{}", group.path, group.name);
        edit.put(group)?;
        Ok(json!({}))
    });
    change.await
}

async fn delete(call: &Authorized<GroupNameInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let group = find(edit.account(), &call.group_name)?;
        let conflict = |what: &str| Err(IamError::delete_conflict(what));
        match () {
            () if members(edit.account(), &group, None).next().is_some() => {
                conflict("remove users from group")
            }
            () if !group.attached.is_empty() => conflict("detach all policies"),
            () if !group.inline.is_empty() => conflict("delete policies"),
            () => {
                edit.remove(&group);
                Ok(json!({}))
            }
        }
    });
    change.await
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let show = |group: &Group| Some(shapes::group(group));
        call.page.below("Groups", (account, call.path_prefix.as_deref()), show)
    })
}

async fn add_member(call: &Authorized<MemberInput>, access: &Access) -> Answer {
    change_member(call, access, |user, group| {
        if user.groups.contains(&group) {
            return Ok(());
        }
        quotas::GROUPS_PER_USER.check_one_more(user.groups.len())?;
        user.groups.push(group);
        Ok(())
    })
    .await
}

async fn remove_member(call: &Authorized<MemberInput>, access: &Access) -> Answer {
    change_member(call, access, |user, group| {
        user.groups.retain(|known| *known != group);
        Ok(())
    })
    .await
}

async fn change_member(
    call: &Authorized<MemberInput>,
    access: &Access,
    alter: impl FnOnce(&mut User, String) -> Result<(), IamError>,
) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let group = find(edit.account(), &call.group_name)?;
        let mut user: User =
            edit.copy(&call.user_name).ok_or_else(|| IamError::no_such("user", &call.user_name))?;
        alter(&mut user, group.name)?;
        edit.put(user)?;
        Ok(json!({}))
    });
    change.await
}

async fn of_user(call: &Authorized<OfUserInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let user = account.find::<User>(&call.user_name);
        let user = user.ok_or_else(|| IamError::no_such("user", &call.user_name))?;
        let groups = user.groups.iter().filter_map(|name| account.find::<Group>(name));
        let shown: Vec<(String, Value)> =
            groups.map(|group| (group.name.clone(), shapes::group(group))).collect();
        call.page.list("Groups", shown)
    })
}
