//! The shapes that several operations answer.

use serde_json::{Value, json};
use stepward_access::{Access, Account, Group, InstanceProfile, Links, ManagedPolicy, Role, User};
use stepward_types::Timestamp;

use super::document::url_encoded;
use super::tags::shown;

/// IAM's dates have whole seconds.
pub(crate) fn date(at: Timestamp) -> Value {
    json!(at.millis().div_euclid(1_000))
}

/// Adds a member when there is something to answer.
pub(crate) fn with(mut value: Value, member: &str, more: Option<Value>) -> Value {
    if let (Some(fields), Some(more)) = (value.as_object_mut(), more) {
        fields.insert(member.to_owned(), more);
    }
    value
}

/// Adds tags when there are any.
pub(crate) fn with_tags(value: Value, tags: &stepward_access::Tags) -> Value {
    with(value, "Tags", (!tags.is_empty()).then(|| json!(shown(tags))))
}

/// Adds the permissions boundary when there is one.
pub(crate) fn with_boundary(value: Value, boundary: Option<&String>) -> Value {
    let boundary =
        boundary.map(|arn| json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}));
    with(value, "PermissionsBoundary", boundary)
}

/// A user as lists have it.
pub(crate) fn user_in_list(user: &User) -> Value {
    let value = json!({
        "Path": user.path, "UserName": user.name, "UserId": user.id, "Arn": user.arn, "CreateDate": date(user.created),
    });
    with(value, "PasswordLastUsed", user.password_last_used.map(date))
}

pub(crate) fn user(user: &User) -> Value {
    with_tags(with_boundary(user_in_list(user), user.boundary.as_ref()), &user.tags)
}

/// A role as lists have it.
pub(crate) fn role_in_list(role: &Role, access: &Access) -> Value {
    let value = json!({
        "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": role.arn,
        "CreateDate": date(role.created),
        "AssumeRolePolicyDocument": url_encoded(&access.show_principals(&role.trust)),
        "MaxSessionDuration": role.session_seconds_max,
    });
    with(value, "Description", role.description.as_ref().map(|text| json!(text)))
}

pub(crate) fn role(role: &Role, access: &Access) -> Value {
    let value = with_tags(with_boundary(role_in_list(role, access), role.boundary.as_ref()), &role.tags);
    with(value, "RoleLastUsed", Some(role_last_used(role, access)))
}

/// When and where a role was last used; nothing when it never was.
pub(crate) fn role_last_used(role: &Role, access: &Access) -> Value {
    let last_used = access.last_use(&role.arn);
    last_used.map_or_else(|| json!({}), |last| json!({"LastUsedDate": date(last.at), "Region": last.region}))
}

pub(crate) fn group(group: &Group) -> Value {
    json!({
        "Path": group.path, "GroupName": group.name, "GroupId": group.id, "Arn": group.arn,
        "CreateDate": date(group.created),
    })
}

/// An instance profile with its role.
pub(crate) fn instance_profile(profile: &InstanceProfile, account: &Account, access: &Access) -> Value {
    with_tags(profile_in_list(profile, account, access), &profile.tags)
}

/// An instance profile as lists have it: AWS leaves its tags out.
pub(crate) fn profile_in_list(profile: &InstanceProfile, account: &Account, access: &Access) -> Value {
    let role = profile.role.as_ref().and_then(|name| account.find::<Role>(name));
    let roles: Vec<Value> = role.into_iter().map(|role| role_in_list(role, access)).collect();
    json!({
        "Path": profile.path, "InstanceProfileName": profile.name, "InstanceProfileId": profile.id,
        "Arn": profile.arn, "CreateDate": date(profile.created), "Roles": roles,
    })
}

/// A customer managed policy as lists have it.
pub(crate) fn policy_in_list(policy: &ManagedPolicy, links: &Links) -> Value {
    json!({
        "PolicyName": policy.name, "PolicyId": policy.id, "Arn": policy.arn, "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default_version),
        "AttachmentCount": links.attachments(&policy.arn),
        "PermissionsBoundaryUsageCount": links.boundaries(&policy.arn),
        "IsAttachable": true, "CreateDate": date(policy.created), "UpdateDate": date(policy.updated),
    })
}

pub(crate) fn policy(policy: &ManagedPolicy, links: &Links) -> Value {
    let value = policy_in_list(policy, links);
    let value = with(value, "Description", policy.description.as_ref().map(|text| json!(text)));
    with_tags(value, &policy.tags)
}

/// A policy that AWS manages.
pub(crate) fn aws_policy(policy: &stepward_models::ManagedPolicy, links: &Links) -> Value {
    let moment = |text: &str| Timestamp::parse_rfc3339(text).map(date).unwrap_or(json!(0));
    let value = json!({
        "PolicyName": policy.name, "Arn": policy.arn, "Path": policy.path, "DefaultVersionId": policy.version,
        "AttachmentCount": links.attachments(&policy.arn),
        "PermissionsBoundaryUsageCount": links.boundaries(&policy.arn),
        "IsAttachable": true, "CreateDate": moment(&policy.created), "UpdateDate": moment(&policy.updated),
    });
    with(value, "PolicyId", policy.policy_id.as_ref().map(|id| json!(id)))
}

/// Attached policies by name and ARN.
pub(crate) fn attached(arns: &[String]) -> Vec<Value> {
    arns.iter().map(|arn| json!({"PolicyName": policy_name(arn), "PolicyArn": arn})).collect()
}

pub(crate) fn policy_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}
