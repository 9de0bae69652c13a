//! Instance profiles.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use stepward_access::{
    Access, Account, Authorized, Entity as _, InstanceProfile, Link, Role, UniqueId, unique_id,
};

use super::Answer;
use super::error::IamError;
use super::page::Paging;
use super::quotas;
use super::roles::check_modifiable;
use super::shapes;
use super::tags::{Tag, checked, requested};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInput {
    instance_profile_name: String,
    path: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NameInput {
    instance_profile_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleInput {
    instance_profile_name: String,
    role_name: String,
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
pub(crate) struct OfRoleInput {
    role_name: String,
    #[serde(flatten)]
    page: Paging,
}

operation!(CreateInstanceProfile(CreateInput): |input, asked| asked.new_entity("instance-profile", input.path.as_deref(), &input.instance_profile_name, &requested(&input.tags)) => create);
operation!(GetInstanceProfile(NameInput): |input, asked| asked.instance_profile(&input.instance_profile_name) => get);
operation!(DeleteInstanceProfile(NameInput): |input, asked| asked.instance_profile(&input.instance_profile_name) => delete);
operation!(ListInstanceProfiles(ListInput): |input, asked| asked.all("instance-profile", input.path_prefix.as_deref()) => list);
operation!(ListInstanceProfilesForRole(OfRoleInput): |input, asked| asked.role(&input.role_name) => of_role);
// AWS: whoever puts a role into a profile hands it over to EC2.
operation!(AddRoleToInstanceProfile(RoleInput): |input, asked| {
    let role = asked.access.read(asked.caller.account(), |account| account.find::<Role>(&input.role_name).map(|role| role.arn.clone()));
    let role = role.unwrap_or_else(|| asked.arn("role", "/", &input.role_name));
    let needs = asked.instance_profile(&input.instance_profile_name)?;
    Ok(needs.and("iam:PassRole", role).key("iam:PassedToService", "ec2.amazonaws.com"))
} => add_role);
operation!(RemoveRoleFromInstanceProfile(RoleInput): |input, asked| asked.instance_profile(&input.instance_profile_name) => remove_role);

fn find(account: &Account, name: &str) -> Result<InstanceProfile, IamError> {
    let found = account.find::<InstanceProfile>(name).map(|profile| InstanceProfile::clone(profile));
    found.ok_or_else(|| IamError::NoSuchEntity(format!("Instance Profile {name} cannot be found.")))
}

async fn create(call: &Authorized<CreateInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let path = call.path.clone().unwrap_or_else(|| "/".to_owned());
    let profile = InstanceProfile {
        arn: format!("arn:aws:iam::{account}:instance-profile{path}{}", call.instance_profile_name),
        name: call.instance_profile_name.clone(),
        path,
        id: unique_id(UniqueId::InstanceProfile),
        created: call.caller().now(),
        role: None,
        tags: checked(&call.tags)?,
    };
    let change = access.change(account, |edit| {
        if edit.account().find::<InstanceProfile>(&profile.name).is_some() {
            return Err(IamError::EntityAlreadyExists(format!(
                "Instance Profile {} already exists.",
                profile.name
            )));
        }
        quotas::INSTANCE_PROFILES.check_one_more(edit.account().instance_profiles.len())?;
        let answer = json!({"InstanceProfile": shapes::instance_profile(&profile, edit.account(), access)});
        edit.put(profile)?;
        Ok(answer)
    });
    change.await
}

async fn get(call: &Authorized<NameInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let profile = find(account, &call.instance_profile_name)?;
        Ok(json!({"InstanceProfile": shapes::instance_profile(&profile, account, access)}))
    })
}

async fn delete(call: &Authorized<NameInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let profile = find(edit.account(), &call.instance_profile_name)?;
        if profile.role.is_some() {
            return Err(IamError::delete_conflict("remove roles from instance profile"));
        }
        edit.remove(&profile);
        Ok(json!({}))
    });
    change.await
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let show = |profile: &InstanceProfile| Some(shapes::profile_in_list(profile, account, access));
        call.page.below("InstanceProfiles", (account, call.path_prefix.as_deref()), show)
    })
}

/// The instance profiles that have a role, behind one of them.
pub(crate) fn of<'a>(
    account: &'a Account,
    role: &Role,
    after: Option<&str>,
) -> impl Iterator<Item = &'a Arc<InstanceProfile>> + use<'a> {
    let after = after.map(|after| (InstanceProfile::KIND, Arc::from(after)));
    let profiles = account.links().after(Link::Profile, &role.key(), after.as_ref());
    profiles.filter_map(|(_, key)| account.instance_profiles.get(key.as_ref()))
}

async fn of_role(call: &Authorized<OfRoleInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let role = account
            .find::<Role>(&call.role_name)
            .ok_or_else(|| IamError::no_such("role", &call.role_name))?;
        call.page.walk("InstanceProfiles", |after| {
            let profiles = of(account, role, after);
            profiles.map(|profile| (profile.key(), shapes::profile_in_list(profile, account, access)))
        })
    })
}

async fn add_role(call: &Authorized<RoleInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let mut profile = find(edit.account(), &call.instance_profile_name)?;
        let role: Role =
            edit.copy(&call.role_name).ok_or_else(|| IamError::no_such("role", &call.role_name))?;
        check_modifiable(&role)?;
        quotas::ROLES_PER_INSTANCE_PROFILE.check_one_more(usize::from(profile.role.is_some()))?;
        profile.role = Some(role.name);
        edit.put(profile)?;
        Ok(json!({}))
    });
    change.await
}

async fn remove_role(call: &Authorized<RoleInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let mut profile = find(edit.account(), &call.instance_profile_name)?;
        if !profile.role.as_ref().is_some_and(|role| role.eq_ignore_ascii_case(&call.role_name)) {
            return Err(IamError::no_such("role", &call.role_name));
        }
        profile.role = None;
        edit.put(profile)?;
        Ok(json!({}))
    });
    change.await
}
