//! Permissions boundaries of roles and users.

use serde::Deserialize;
use serde_json::json;
use stepward_access::{Access, Account, Authorized, Role, User};

use super::Answer;
use super::attachments::{check_policy_arn, policy_exists};
use super::error::IamError;
use super::{roles, users};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRoleInput {
    role_name: String,
    permissions_boundary: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleInput {
    role_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutUserInput {
    user_name: String,
    permissions_boundary: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UserInput {
    user_name: String,
}

// AWS: with a put, the key is the boundary that is asked for; with a delete, the one that is there.
operation!(PutRolePermissionsBoundary(PutRoleInput): |input, asked| Ok(asked.role(&input.role_name)?.key("iam:PermissionsBoundary", &input.permissions_boundary)) => put_role);
operation!(DeleteRolePermissionsBoundary(RoleInput): |input, asked| asked.role(&input.role_name) => delete_role);
operation!(PutUserPermissionsBoundary(PutUserInput): |input, asked| Ok(asked.user(&input.user_name)?.key("iam:PermissionsBoundary", &input.permissions_boundary)) => put_user);
operation!(DeleteUserPermissionsBoundary(UserInput): |input, asked| asked.user(&input.user_name) => delete_user);

/// Refuses a boundary that is no managed policy.
pub(crate) fn check_boundary(account: &Account, arn: Option<&str>) -> Result<(), IamError> {
    let Some(arn) = arn else { return Ok(()) };
    check_policy_arn(arn)?;
    if policy_exists(account, arn) {
        return Ok(());
    }
    Err(IamError::NoSuchEntity(format!("Scope ARN: {arn} does not exist or is not attachable.")))
}

async fn put_role(call: &Authorized<PutRoleInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    access.read(account, |account| check_boundary(account, Some(&call.permissions_boundary)))?;
    let alter = |role: &mut Role| {
        role.boundary = Some(call.permissions_boundary.clone());
        Ok(json!({}))
    };
    roles::change(access, account, &call.role_name, alter).await
}

async fn delete_role(call: &Authorized<RoleInput>, access: &Access) -> Answer {
    let alter = |role: &mut Role| match role.boundary.take() {
        Some(_) => Ok(json!({})),
        None => Err(none("role", &call.role_name)),
    };
    roles::change(access, call.caller().account(), &call.role_name, alter).await
}

async fn put_user(call: &Authorized<PutUserInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    access.read(account, |account| check_boundary(account, Some(&call.permissions_boundary)))?;
    let alter = |user: &mut User| {
        user.boundary = Some(call.permissions_boundary.clone());
        Ok(json!({}))
    };
    users::change(access, account, &call.user_name, alter).await
}

async fn delete_user(call: &Authorized<UserInput>, access: &Access) -> Answer {
    let alter = |user: &mut User| match user.boundary.take() {
        Some(_) => Ok(json!({})),
        None => Err(none("user", &call.user_name)),
    };
    users::change(access, call.caller().account(), &call.user_name, alter).await
}

fn none(kind: &str, name: &str) -> IamError {
    IamError::NoSuchEntity(format!("The {kind} with name {name} does not have a permissions boundary."))
}
