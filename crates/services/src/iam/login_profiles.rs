//! Console passwords.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::pbkdf2;
use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    Access, Account, AccountSettings, Authenticated, Authorized, LoginProfile, PasswordPolicy, User, letters,
};
use stepward_types::Timestamp;

use super::error::IamError;
use super::shapes::date;
use super::users;
use super::{Answer, account};

/// OWASP's recommendation for PBKDF2 with SHA-256.
const ITERATIONS: NonZeroU32 = match NonZeroU32::new(600_000) {
    Some(iterations) => iterations,
    None => NonZeroU32::MIN,
};
const SALT_CHARACTERS: usize = 24;
const LENGTH_MIN_DEFAULT: u32 = 8;
/// How the root user is named where a name has to be told.
const ROOT: &str = "root";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInput {
    user_name: Option<String>,
    password: Option<String>,
    #[serde(default)]
    password_reset_required: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NameInput {
    user_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateInput {
    user_name: String,
    password: Option<String>,
    password_reset_required: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeInput {
    old_password: String,
    new_password: String,
}

operation!(CreateLoginProfile(CreateInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => create);
operation!(GetLoginProfile(NameInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => get);
operation!(UpdateLoginProfile(UpdateInput): |input, asked| asked.user(&input.user_name) => update);
operation!(DeleteLoginProfile(NameInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => delete);
operation!(ChangePassword(ChangeInput): |_, asked| asked.user_or_self(None) => change_password);

fn no_profile(name: &str) -> IamError {
    IamError::NoSuchEntity(format!("Login Profile for User {name} cannot be found."))
}

/// Salt and hash of a password.
async fn hashed(password: &str) -> Result<String, IamError> {
    let (salt, password) = (letters(SALT_CHARACTERS), password.to_owned());
    // It takes a good part of a second: not on a thread that serves others.
    let hash = tokio::task::spawn_blocking(move || {
        let mut hash = [0_u8; 32];
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            ITERATIONS,
            salt.as_bytes(),
            password.as_bytes(),
            &mut hash,
        );
        format!("{salt}${}", BASE64.encode(hash))
    });
    hash.await.map_err(|_| IamError::Fault)
}

async fn is_password(stored: String, password: String) -> bool {
    let verified = tokio::task::spawn_blocking(move || {
        let (salt, hash) = stored.split_once('$')?;
        let hash = BASE64.decode(hash).ok()?;
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt.as_bytes(), password.as_bytes(), &hash)
            .ok()
    });
    verified.await.ok().flatten().is_some()
}

fn check_password(account: &Account, password: &str) -> Result<(), IamError> {
    let policy = account.account_settings().password_policy;
    let length_min = policy.as_ref().map_or(LENGTH_MIN_DEFAULT, |policy| policy.length_min);
    let is_long = password.chars().count() >= usize::try_from(length_min).unwrap_or(usize::MAX);
    let fits = |policy: &PasswordPolicy| {
        let has = |is: fn(char) -> bool| password.chars().any(is);
        (!policy.symbols || has(|character| character.is_ascii_punctuation()))
            && (!policy.numbers || has(|character| character.is_ascii_digit()))
            && (!policy.uppercase || has(char::is_uppercase))
            && (!policy.lowercase || has(char::is_lowercase))
    };
    if is_long && policy.as_ref().is_none_or(fits) {
        return Ok(());
    }
    Err(IamError::PasswordPolicyViolation(
        "Password does not conform to the account password policy.".to_owned(),
    ))
}

fn shown(name: &str, profile: &LoginProfile) -> Value {
    json!({"LoginProfile": {
        "UserName": name, "CreateDate": date(profile.created), "PasswordResetRequired": profile.reset_required,
    }})
}

async fn create(call: &Authorized<CreateInput>, access: &Access) -> Answer {
    let caller = call.caller();
    if is_of_root(caller, call.user_name.as_deref())? {
        return create_of_root(call, access).await;
    }
    let name = call.user_name.as_deref().or(caller.user_name()).unwrap_or_default();
    let missing = || IamError::Validation("A password must be given for an IAM user.".to_owned());
    let password = call.password.as_deref().ok_or_else(missing)?;
    access.read(caller.account(), |account| check_password(account, password))?;
    let profile = LoginProfile {
        created: caller.now(),
        password_hash: hashed(password).await?,
        reset_required: call.password_reset_required,
    };
    let alter = |user: &mut User| {
        if user.login.is_some() {
            return Err(IamError::EntityAlreadyExists(format!(
                "Login Profile for user {name} already exists."
            )));
        }
        let answer = shown(&user.name, &profile);
        user.login = Some(profile);
        Ok(answer)
    };
    users::change(access, caller.account(), name, alter).await
}

/// Whether a call is about the root user. AWS: only root by AssumeRoot may leave out the name.
fn is_of_root(caller: &Authenticated, name: Option<&str>) -> Result<bool, IamError> {
    if name.is_some() || !caller.is_root() {
        return Ok(false);
    }
    if caller.is_assumed_root() {
        return Ok(true);
    }
    Err(IamError::Validation("Must specify userName when calling with non-User credentials".to_owned()))
}

/// Lets the root user set a password again: AWS sends the user a link, so that there is none to be given here.
async fn create_of_root(call: &Authorized<CreateInput>, access: &Access) -> Answer {
    if call.password.is_some() {
        let text = "The password must be omitted in a session of AssumeRoot: the root user resets it.";
        return Err(IamError::Validation(text.to_owned()));
    }
    let now = call.caller().now();
    let alter = |settings: &mut AccountSettings| {
        if settings.root_login.is_some() {
            return Err(IamError::EntityAlreadyExists(format!(
                "Login Profile for User {ROOT} already exists."
            )));
        }
        settings.root_login = Some(now);
        Ok(shown_of_root(now))
    };
    account::change(access, call.caller().account(), alter).await
}

fn shown_of_root(created: Timestamp) -> Value {
    json!({"LoginProfile": {"UserName": ROOT, "CreateDate": date(created), "PasswordResetRequired": true}})
}

async fn get(call: &Authorized<NameInput>, access: &Access) -> Answer {
    if is_of_root(call.caller(), call.user_name.as_deref())? {
        let settings = access.read(call.caller().account(), Account::account_settings);
        return settings.root_login.map(shown_of_root).ok_or_else(|| no_profile(ROOT));
    }
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    access.read(call.caller().account(), |account| {
        let user = account.find::<User>(name).ok_or_else(|| IamError::no_such("user", name))?;
        let profile = user.login.as_ref().ok_or_else(|| no_profile(name))?;
        Ok(shown(&user.name, profile))
    })
}

async fn update(call: &Authorized<UpdateInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let mut hash = None;
    if let Some(password) = &call.password {
        access.read(account, |account| check_password(account, password))?;
        hash = Some(hashed(password).await?);
    }
    let alter = |user: &mut User| {
        let profile = user.login.as_mut().ok_or_else(|| no_profile(&call.user_name))?;
        if let Some(hash) = hash {
            profile.password_hash = hash;
        }
        profile.reset_required = call.password_reset_required.unwrap_or(profile.reset_required);
        Ok(json!({}))
    };
    users::change(access, account, &call.user_name, alter).await
}

async fn delete(call: &Authorized<NameInput>, access: &Access) -> Answer {
    if is_of_root(call.caller(), call.user_name.as_deref())? {
        let alter = |settings: &mut AccountSettings| {
            settings.root_login.take().map(|_| json!({})).ok_or_else(|| no_profile(ROOT))
        };
        return account::change(access, call.caller().account(), alter).await;
    }
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    let alter = |user: &mut User| match user.login.take() {
        Some(_) => Ok(json!({})),
        None => Err(no_profile(name)),
    };
    users::change(access, call.caller().account(), name, alter).await
}

async fn change_password(call: &Authorized<ChangeInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let only_users = || IamError::InvalidInput("Only IAM Users can change their own password.".to_owned());
    let name = call.caller().user_name().ok_or_else(only_users)?;
    let stored = access.read(account, |account| {
        check_password(account, &call.new_password)?;
        let login = account.find::<User>(name).and_then(|user| user.login.clone());
        login.map(|login| login.password_hash).ok_or_else(|| no_profile(name))
    })?;
    if !is_password(stored, call.old_password.clone()).await {
        return Err(IamError::InvalidInput("The old password was incorrect.".to_owned()));
    }
    let hash = hashed(&call.new_password).await?;
    let alter = |user: &mut User| {
        let profile = user.login.as_mut().ok_or_else(|| no_profile(name))?;
        profile.password_hash = hash;
        profile.reset_required = false;
        Ok(json!({}))
    };
    users::change(access, account, name, alter).await
}
