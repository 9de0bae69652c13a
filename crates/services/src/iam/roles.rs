//! Roles.

use serde::Deserialize;
use serde_json::json;
use stepward_access::{Access, Authorized, Entity as _, Link, Role, UniqueId, unique_id};

use super::Answer;
use super::boundaries::check_boundary;
use super::document::check_trust;
use super::error::IamError;
use super::page::Paging;
use super::quotas;
use super::shapes;
use super::tags::{Tag, checked, requested};

const SESSION_SECONDS_DEFAULT: u32 = 3_600;
/// Below it are the roles that belong to services.
const SERVICE_PATH: &str = "/aws-service-role/";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRoleInput {
    role_name: String,
    path: Option<String>,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleNameInput {
    role_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateRoleInput {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrustInput {
    role_name: String,
    policy_document: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    path_prefix: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(CreateRole(CreateRoleInput): |input, asked| {
    let needs = asked.new_entity("role", input.path.as_deref(), &input.role_name, &requested(&input.tags))?;
    Ok(match &input.permissions_boundary {
        Some(boundary) => needs.key("iam:PermissionsBoundary", boundary),
        None => needs,
    })
} => create);
operation!(GetRole(RoleNameInput): |input, asked| asked.role(&input.role_name) => get);
operation!(UpdateRole(UpdateRoleInput): |input, asked| asked.role(&input.role_name) => update);
operation!(UpdateRoleDescription(UpdateRoleInput): |input, asked| asked.role(&input.role_name) => describe);
operation!(UpdateAssumeRolePolicy(TrustInput): |input, asked| asked.role(&input.role_name) => trust);
operation!(DeleteRole(RoleNameInput): |input, asked| asked.role(&input.role_name) => delete);
operation!(ListRoles(ListInput): |input, asked| asked.all("role", input.path_prefix.as_deref()) => list);

async fn create(call: &Authorized<CreateRoleInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    check_trust(&call.assume_role_policy_document)?;
    let path = call.path.clone().unwrap_or_else(|| "/".to_owned());
    if path.starts_with(SERVICE_PATH) {
        let text = "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles";
        return Err(IamError::InvalidInput(text.to_owned()));
    }
    let role = Role {
        arn: format!("arn:aws:iam::{account}:role{path}{}", call.role_name),
        name: call.role_name.clone(),
        path,
        id: unique_id(UniqueId::Role),
        created: call.caller().now(),
        trust: access.store_principals(&call.assume_role_policy_document)?,
        description: call.description.clone(),
        session_seconds_max: call.max_session_duration.unwrap_or(SESSION_SECONDS_DEFAULT),
        tags: checked(&call.tags)?,
        inline: Default::default(),
        attached: Vec::new(),
        boundary: call.permissions_boundary.clone(),
    };
    insert(access, account, role.clone()).await?;
    Ok(json!({"Role": shapes::with(shapes::role(&role, access), "RoleLastUsed", Some(json!({})))}))
}

/// Writes a role that must not exist.
pub(crate) async fn insert(access: &Access, account: &str, role: Role) -> Result<(), IamError> {
    let change = access.change(account, |edit| {
        if edit.account().find::<Role>(&role.name).is_some() {
            return Err(IamError::exists("Role", &role.name));
        }
        quotas::ROLES.check_one_more(edit.account().roles.len())?;
        check_boundary(edit.account(), role.boundary.as_deref())?;
        Ok(edit.put(role)?)
    });
    change.await
}

/// Changes a role that is not a service's.
pub(crate) async fn change<T>(
    access: &Access,
    account: &str,
    name: &str,
    alter: impl FnOnce(&mut Role) -> Result<T, IamError>,
) -> Result<T, IamError> {
    let change = access.change(account, |edit| {
        let mut role: Role = edit.copy(name).ok_or_else(|| IamError::no_such("role", name))?;
        check_modifiable(&role)?;
        let answer = alter(&mut role)?;
        edit.put(role)?;
        Ok(answer)
    });
    change.await
}

/// Refuses to change a role that belongs to a service (AWS: its description and its tags apart).
pub(crate) fn check_modifiable(role: &Role) -> Result<(), IamError> {
    if !role.path.starts_with(SERVICE_PATH) {
        return Ok(());
    }
    let text =
        "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS";
    Err(IamError::UnmodifiableEntity(text.replace("{}", &role.name)))
}

async fn get(call: &Authorized<RoleNameInput>, access: &Access) -> Answer {
    let found =
        access.read(call.caller().account(), |account| account.find::<Role>(&call.role_name).cloned());
    let role = found.ok_or_else(|| IamError::no_such("role", &call.role_name))?;
    Ok(json!({"Role": shapes::role(&role, access)}))
}

async fn update(call: &Authorized<UpdateRoleInput>, access: &Access) -> Answer {
    let alter = |role: &mut Role| {
        if let Some(description) = &call.description {
            role.description = Some(description.clone());
        }
        role.session_seconds_max = call.max_session_duration.unwrap_or(role.session_seconds_max);
        Ok(json!({}))
    };
    change(access, call.caller().account(), &call.role_name, alter).await
}

async fn describe(call: &Authorized<UpdateRoleInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let role: Option<Role> = edit.copy(&call.role_name);
        let mut role = role.ok_or_else(|| IamError::no_such("role", &call.role_name))?;
        role.description.clone_from(&call.description);
        edit.put(role.clone())?;
        Ok::<_, IamError>(role)
    });
    Ok(json!({"Role": shapes::role(&change.await?, access)}))
}

async fn trust(call: &Authorized<TrustInput>, access: &Access) -> Answer {
    check_trust(&call.policy_document)?;
    let trust = access.store_principals(&call.policy_document)?;
    let alter = |role: &mut Role| {
        role.trust = trust;
        Ok(json!({}))
    };
    change(access, call.caller().account(), &call.role_name, alter).await
}

async fn delete(call: &Authorized<RoleNameInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let role: Role =
            edit.copy(&call.role_name).ok_or_else(|| IamError::no_such("role", &call.role_name))?;
        check_modifiable(&role)?;
        let conflict = |what: &str| Err(IamError::delete_conflict(what));
        let mut profiles = edit.account().links().to(Link::Profile, &role.key());
        match () {
            () if profiles.next().is_some() => conflict("remove roles from instance profile"),
            () if !role.attached.is_empty() => conflict("detach all policies"),
            () if !role.inline.is_empty() => conflict("delete policies"),
            () => {
                access.forget_last_use(&role.arn);
                edit.remove(&role);
                Ok(json!({}))
            }
        }
    });
    change.await
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let show = |role: &Role| Some(shapes::role_in_list(role, access));
        call.page.below("Roles", (account, call.path_prefix.as_deref()), show)
    })
}
