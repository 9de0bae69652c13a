//! Users.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    Access, AccessKey, Authorized, KeyOwner, Link, MfaDevice, Tags, UniqueId, User, unique_id,
};

use super::Answer;
use super::boundaries::check_boundary;
use super::error::IamError;
use super::page::Paging;
use super::quotas;
use super::shapes;
use super::tags::{Tag, checked, requested};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateUserInput {
    user_name: String,
    path: Option<String>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UserNameInput {
    user_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateUserInput {
    user_name: String,
    new_path: Option<String>,
    new_user_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    path_prefix: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(CreateUser(CreateUserInput): |input, asked| {
    let needs = asked.new_entity("user", input.path.as_deref(), &input.user_name, &requested(&input.tags))?;
    Ok(match &input.permissions_boundary {
        Some(boundary) => needs.key("iam:PermissionsBoundary", boundary),
        None => needs,
    })
} => create);

operation!(GetUser(UserNameInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => get);

operation!(UpdateUser(UpdateUserInput): |input, asked| {
    let (path, name) = asked.place::<User>(&input.user_name, |user| (&user.path, &user.name));
    let new = (input.new_path.as_deref(), input.new_user_name.as_deref());
    Ok(asked.moved(asked.user(&input.user_name)?, ("user", path, name), new))
} => update);

operation!(DeleteUser(UserNameInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => delete);

operation!(ListUsers(ListInput): |input, asked| asked.all("user", input.path_prefix.as_deref()) => list);

async fn create(call: &Authorized<CreateUserInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let path = call.path.clone().unwrap_or_else(|| "/".to_owned());
    let user = User {
        arn: format!("arn:aws:iam::{account}:user{path}{}", call.user_name),
        name: call.user_name.clone(),
        path,
        id: unique_id(UniqueId::User),
        created: call.caller().now(),
        tags: checked(&call.tags)?,
        inline: Default::default(),
        attached: Vec::new(),
        boundary: call.permissions_boundary.clone(),
        groups: Vec::new(),
        password_last_used: None,
        login: None,
        ssh_keys: Vec::new(),
        signing_certificates: Vec::new(),
        service_credentials: Vec::new(),
    };
    let change = access.change(account, |edit| {
        if edit.account().find::<User>(&user.name).is_some() {
            return Err(IamError::exists("User", &user.name));
        }
        quotas::USERS.check_one_more(edit.account().users.len())?;
        check_boundary(edit.account(), user.boundary.as_deref())?;
        edit.put(user.clone())?;
        Ok(json!({"User": shapes::user(&user)}))
    });
    change.await
}

async fn get(call: &Authorized<UserNameInput>, access: &Access) -> Answer {
    let caller = call.caller();
    match call.user_name.as_deref().or(caller.user_name()) {
        Some(name) => access.read(caller.account(), |account| {
            let user = account.find::<User>(name).ok_or_else(|| IamError::no_such("user", name))?;
            Ok(json!({"User": shapes::user(user)}))
        }),
        None if caller.is_root() => Ok(json!({"User": root(caller.account())})),
        None => Err(IamError::Validation(
            "Must specify userName when calling with non-User credentials".to_owned(),
        )),
    }
}

/// The root user, as GetUser answers it.
fn root(account: &str) -> Value {
    json!({"Path": "/", "UserName": "root", "UserId": account, "Arn": format!("arn:aws:iam::{account}:root"), "CreateDate": 0})
}

async fn update(call: &Authorized<UpdateUserInput>, access: &Access) -> Answer {
    let id = call.caller().account();
    let change = access.change(id, |edit| {
        let account = edit.account();
        let mut user: User =
            edit.copy(&call.user_name).ok_or_else(|| IamError::no_such("user", &call.user_name))?;
        let new_name = call.new_user_name.as_ref().unwrap_or(&user.name).clone();
        let is_taken = account.find::<User>(&new_name).is_some_and(|other| other.id != user.id);
        if is_taken {
            return Err(IamError::exists("User", &new_name));
        }
        edit.remove(&user);
        rename_keys(&user.name, &new_name, edit)?;
        user.name = new_name;
        user.path = call.new_path.as_ref().unwrap_or(&user.path).clone();
        user.arn = format!("arn:aws:iam::{id}:user{}{}", user.path, user.name);
        edit.put(user)?;
        Ok(json!({}))
    });
    change.await
}

// Access keys and MFA devices name their user.
fn rename_keys(old: &str, new: &str, edit: &mut stepward_access::Edit<'_>) -> Result<(), IamError> {
    if old == new {
        return Ok(());
    }
    for key in keys_of(edit.account(), old) {
        edit.put(AccessKey { owner: KeyOwner::User(new.to_owned()), ..key })?;
    }
    for device in devices_of(edit.account(), old) {
        edit.put(MfaDevice { user: Some(new.to_owned()), ..device })?;
    }
    Ok(())
}

fn keys_of(account: &stepward_access::Account, user: &str) -> Vec<AccessKey> {
    let keys = account.links().to(Link::Key, &user.to_lowercase());
    keys.filter_map(|id| account.access_keys.get(id)).map(|key| AccessKey::clone(key)).collect()
}

pub(crate) fn devices_of(account: &stepward_access::Account, user: &str) -> Vec<MfaDevice> {
    let devices = account.links().to(Link::Device, &user.to_lowercase());
    devices.filter_map(|id| account.mfa_devices.get(id)).map(|device| MfaDevice::clone(device)).collect()
}

async fn delete(call: &Authorized<UserNameInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    let change = access.change(call.caller().account(), |edit| {
        let user: User = edit.copy(name).ok_or_else(|| IamError::no_such("user", name))?;
        let conflict = |what: &str| Err(IamError::delete_conflict(what));
        match () {
            () if !user.attached.is_empty() => conflict("detach all policies"),
            () if !user.inline.is_empty() => conflict("delete policies"),
            () if !keys_of(edit.account(), &user.name).is_empty() => conflict("delete access keys"),
            () if !user.groups.is_empty() => conflict("remove users from group"),
            () if user.login.is_some() => conflict("delete login profile"),
            () if !devices_of(edit.account(), &user.name).is_empty() => conflict("delete MFA device"),
            () if !user.signing_certificates.is_empty() => conflict("delete certificates"),
            () if has_credentials(&user) => conflict("remove referenced objects"),
            () => {
                access.forget_last_use(&user.arn);
                edit.remove(&user);
                Ok(json!({}))
            }
        }
    });
    change.await
}

fn has_credentials(user: &User) -> bool {
    !(user.ssh_keys.is_empty() && user.service_credentials.is_empty())
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let show = |user: &User| Some(shapes::user_in_list(user));
        call.page.below("Users", (account, call.path_prefix.as_deref()), show)
    })
}

/// Changes a user and answers nothing.
pub(crate) async fn change(
    access: &Access,
    account: &str,
    name: &str,
    alter: impl FnOnce(&mut User) -> Result<Value, IamError>,
) -> Answer {
    let change = access.change(account, |edit| {
        let mut user: User = edit.copy(name).ok_or_else(|| IamError::no_such("user", name))?;
        let answer = alter(&mut user)?;
        edit.put(user)?;
        Ok(answer)
    });
    change.await
}

/// No tags, for what has none.
pub(crate) fn no_tags() -> Tags {
    Tags::new()
}
