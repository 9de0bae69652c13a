//! SSH public keys of users.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Authorized, SshKey, UniqueId, User, unique_id};

use super::Answer;
use super::error::IamError;
use super::page::Paging;
use super::quotas;
use super::shapes::date;
use super::users;

#[derive(Deserialize)]
pub(crate) struct UploadInput {
    #[serde(rename = "UserName")]
    user_name: String,
    #[serde(rename = "SSHPublicKeyBody")]
    body: String,
}

#[derive(Deserialize)]
pub(crate) struct KeyInput {
    #[serde(rename = "UserName")]
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    #[serde(rename = "Status")]
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    user_name: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(UploadSSHPublicKey(UploadInput): |input, asked| asked.user(&input.user_name) => upload);
operation!(GetSSHPublicKey(KeyInput): |input, asked| asked.user(&input.user_name) => get);
operation!(ListSSHPublicKeys(ListInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => list);
operation!(UpdateSSHPublicKey(KeyInput): |input, asked| asked.user(&input.user_name) => update);
operation!(DeleteSSHPublicKey(KeyInput): |input, asked| asked.user(&input.user_name) => delete);

/// The fingerprint of an OpenSSH or PEM public key.
fn fingerprint(body: &str) -> Result<String, IamError> {
    let invalid = || IamError::InvalidPublicKey("The public key is invalid.".to_owned());
    let encoded: String = if body.starts_with("ssh-rsa ") {
        body.split_whitespace().nth(1).unwrap_or_default().to_owned()
    } else if body.trim_start().starts_with("-----BEGIN PUBLIC KEY-----") {
        body.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect()
    } else {
        return Err(invalid());
    };
    let bytes = BASE64.decode(encoded).map_err(|_| invalid())?;
    // AWS: the MD5 digest of the key.
    let pairs: Vec<String> = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(pairs.join(":"))
}

fn metadata(user: &str, key: &SshKey) -> Value {
    json!({
        "UserName": user, "SSHPublicKeyId": key.id, "Status": if key.active { "Active" } else { "Inactive" },
        "UploadDate": date(key.uploaded),
    })
}

fn whole(user: &str, key: &SshKey) -> Value {
    let mut value = metadata(user, key);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("Fingerprint".to_owned(), json!(key.fingerprint));
        fields.insert("SSHPublicKeyBody".to_owned(), json!(key.body));
    }
    json!({"SSHPublicKey": value})
}

fn no_such(id: &str) -> IamError {
    IamError::NoSuchEntity(format!("The Public Key with id {id} cannot be found."))
}

async fn upload(call: &Authorized<UploadInput>, access: &Access) -> Answer {
    let key = SshKey {
        id: unique_id(UniqueId::PublicKey),
        fingerprint: fingerprint(&call.body)?,
        body: call.body.clone(),
        active: true,
        uploaded: call.caller().now(),
    };
    let alter = |user: &mut User| {
        if user.ssh_keys.iter().any(|known| known.fingerprint == key.fingerprint) {
            let text = "The SSH public key is already associated with the specified IAM user.";
            return Err(IamError::DuplicateSshPublicKey(text.to_owned()));
        }
        quotas::SSH_KEYS_PER_USER.check_one_more(user.ssh_keys.len())?;
        let answer = whole(&user.name, &key);
        user.ssh_keys.push(key);
        Ok(answer)
    };
    users::change(access, call.caller().account(), &call.user_name, alter).await
}

async fn get(call: &Authorized<KeyInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let user = account
            .find::<User>(&call.user_name)
            .ok_or_else(|| IamError::no_such("user", &call.user_name))?;
        let key = user.ssh_keys.iter().find(|key| key.id == call.id).ok_or_else(|| no_such(&call.id))?;
        Ok(whole(&user.name, key))
    })
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    access.read(call.caller().account(), |account| {
        let user = account.find::<User>(name).ok_or_else(|| IamError::no_such("user", name))?;
        let keys = user.ssh_keys.iter().map(|key| (key.id.clone(), metadata(&user.name, key)));
        call.page.list("SSHPublicKeys", keys.collect())
    })
}

async fn update(call: &Authorized<KeyInput>, access: &Access) -> Answer {
    let alter = |user: &mut User| {
        let key = user.ssh_keys.iter_mut().find(|key| key.id == call.id).ok_or_else(|| no_such(&call.id))?;
        key.active = call.status.as_deref() == Some("Active");
        Ok(json!({}))
    };
    users::change(access, call.caller().account(), &call.user_name, alter).await
}

async fn delete(call: &Authorized<KeyInput>, access: &Access) -> Answer {
    let alter = |user: &mut User| {
        let before = user.ssh_keys.len();
        user.ssh_keys.retain(|key| key.id != call.id);
        if user.ssh_keys.len() == before { Err(no_such(&call.id)) } else { Ok(json!({})) }
    };
    users::change(access, call.caller().account(), &call.user_name, alter).await
}
