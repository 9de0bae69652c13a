//! Access keys.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    Access, AccessKey, Account, Authenticated, Authorized, KeyOwner, Link, User, access_key_account,
};

use super::Answer;
use super::error::IamError;
use super::page::Paging;
use super::quotas;
use super::shapes::date;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OwnerInput {
    user_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyInput {
    user_name: Option<String>,
    access_key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateInput {
    user_name: Option<String>,
    access_key_id: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    user_name: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LastUsedInput {
    access_key_id: String,
}

operation!(CreateAccessKey(OwnerInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => create);
operation!(DeleteAccessKey(KeyInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => delete);
operation!(UpdateAccessKey(UpdateInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => update);
operation!(ListAccessKeys(ListInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => list);
operation!(GetAccessKeyLastUsed(LastUsedInput): |input, asked| {
    let owner = asked.access.read(asked.caller.account(), |account| owner_of(account, &input.access_key_id));
    match owner {
        Some(KeyOwner::User(name)) => asked.user(&name),
        // Named, for the policies of root's tasks, which deny it on everybody but root.
        Some(KeyOwner::Root) => asked.named(&asked.arn("root", "", ""), &super::users::no_tags()),
        None => asked.any(),
    }
} => last_used);

/// Whose keys a call is about: the named user's, else the caller's own.
fn owner(name: Option<&String>, caller: &Authenticated) -> Result<KeyOwner, IamError> {
    match name.map(String::as_str).or(caller.user_name()) {
        Some(name) => Ok(KeyOwner::User(name.to_owned())),
        None if caller.is_root() => Ok(KeyOwner::Root),
        None => Err(IamError::Validation(
            "Must specify userName when calling with non-User credentials".to_owned(),
        )),
    }
}

fn owner_of(account: &Account, id: &str) -> Option<KeyOwner> {
    account.access_keys.get(id).map(|key| key.owner.clone())
}

/// The owner with the name as it was created: names have no case.
fn existing(account: &Account, owner: KeyOwner) -> Result<KeyOwner, IamError> {
    match owner {
        KeyOwner::Root => Ok(KeyOwner::Root),
        KeyOwner::User(name) => match account.find::<User>(&name) {
            Some(user) => Ok(KeyOwner::User(user.name.clone())),
            None => Err(IamError::no_such("user", &name)),
        },
    }
}

/// The access keys of a user or of root.
pub(crate) fn of_owner<'a>(
    account: &'a Account,
    owner: &KeyOwner,
) -> impl Iterator<Item = &'a Arc<AccessKey>> + use<'a> {
    account.links().to(Link::Key, &owner.target()).filter_map(|id| account.access_keys.get(id))
}

fn status(key: &AccessKey) -> &'static str {
    if key.active { "Active" } else { "Inactive" }
}

fn user_name(owner: &KeyOwner) -> Option<&String> {
    match owner {
        KeyOwner::Root => None,
        KeyOwner::User(name) => Some(name),
    }
}

async fn create(call: &Authorized<OwnerInput>, access: &Access) -> Answer {
    let caller = call.caller();
    let owner = owner(call.user_name.as_ref(), caller)?;
    let (mut key, secret) = access.new_access_key(caller.account(), owner, caller.now())?;
    let change = access.change(caller.account(), |edit| {
        key.owner = existing(edit.account(), key.owner)?;
        quotas::ACCESS_KEYS_PER_USER.check_one_more(of_owner(edit.account(), &key.owner).count())?;
        edit.put(key.clone())?;
        Ok(json!({"AccessKey": {
            "UserName": user_name(&key.owner).map_or("root", String::as_str), "AccessKeyId": key.id, "Status": status(&key),
            "SecretAccessKey": secret, "CreateDate": date(key.created),
        }}))
    });
    change.await
}

/// Changes a key of an owner.
async fn alter(
    access: &Access,
    caller: &Authenticated,
    (name, id): (Option<&String>, &str),
    alter: impl FnOnce(AccessKey, &mut stepward_access::Edit<'_>) -> Result<(), IamError>,
) -> Answer {
    let owner = owner(name, caller)?;
    let change = access.change(caller.account(), |edit| {
        let owner = existing(edit.account(), owner)?;
        let key: Option<AccessKey> = edit.copy::<AccessKey>(id).filter(|key| key.owner == owner);
        let unknown = || IamError::NoSuchEntity(format!("The Access Key with id {id} cannot be found."));
        alter(key.ok_or_else(unknown)?, edit)?;
        Ok(json!({}))
    });
    change.await
}

async fn delete(call: &Authorized<KeyInput>, access: &Access) -> Answer {
    let named = (call.user_name.as_ref(), call.access_key_id.as_str());
    alter(access, call.caller(), named, |key, edit| {
        edit.remove(&key);
        Ok(())
    })
    .await
}

async fn update(call: &Authorized<UpdateInput>, access: &Access) -> Answer {
    let named = (call.user_name.as_ref(), call.access_key_id.as_str());
    let active = call.status == "Active";
    alter(access, call.caller(), named, |key, edit| Ok(edit.put(AccessKey { active, ..key })?)).await
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    let owner = owner(call.user_name.as_ref(), call.caller())?;
    access.read(call.caller().account(), |account| {
        let owner = existing(account, owner)?;
        let shown = |key: &Arc<AccessKey>| -> (String, Value) {
            let value = json!({
                "UserName": user_name(&owner).map_or("root", String::as_str), "AccessKeyId": key.id,
                "Status": status(key), "CreateDate": date(key.created),
            });
            (key.id.clone(), value)
        };
        call.page.list("AccessKeyMetadata", of_owner(account, &owner).map(shown).collect())
    })
}

async fn last_used(call: &Authorized<LastUsedInput>, access: &Access) -> Answer {
    let id = &call.access_key_id;
    let is_ours = access_key_account(id).as_deref() == Some(call.caller().account());
    let owner = access.read(call.caller().account(), |account| owner_of(account, id)).filter(|_| is_ours);
    let unknown = || IamError::NoSuchEntity(format!("The Access Key with id {id} cannot be found."));
    let owner = owner.ok_or_else(unknown)?;
    let used = match access.key_last_used(id) {
        Some(used) => {
            json!({"LastUsedDate": date(used.at), "ServiceName": used.service, "Region": used.region})
        }
        None => json!({"ServiceName": "N/A", "Region": "N/A"}),
    };
    Ok(json!({"UserName": user_name(&owner).map_or("root", String::as_str), "AccessKeyLastUsed": used}))
}
