//! What an account has once: alias, password policy, summary.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, AccountSettings, Authorized, KeyOwner, PasswordPolicy};

use super::Answer;
use super::access_keys::of_owner;
use super::error::IamError;
use super::page::Paging;
use super::quotas;

/// An alias that looks like the id of an account would be taken for one.
const ACCOUNT_DIGITS: usize = 12;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AliasInput {
    account_alias: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
pub(crate) struct NoInput {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PasswordPolicyInput {
    minimum_password_length: Option<u32>,
    #[serde(default)]
    require_symbols: bool,
    #[serde(default)]
    require_numbers: bool,
    #[serde(default)]
    require_uppercase_characters: bool,
    #[serde(default)]
    require_lowercase_characters: bool,
    #[serde(default)]
    allow_users_to_change_password: bool,
    max_password_age: Option<u32>,
    password_reuse_prevention: Option<u32>,
    hard_expiry: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TokenInput {
    global_endpoint_token_version: String,
}

operation!(CreateAccountAlias(AliasInput): |_, asked| asked.any() => create_alias);
operation!(DeleteAccountAlias(AliasInput): |_, asked| asked.any() => delete_alias);
operation!(ListAccountAliases(ListInput): |_, asked| asked.any() => list_aliases);
operation!(GetAccountSummary(NoInput): |_, asked| asked.any() => summary);
operation!(GetAccountPasswordPolicy(NoInput): |_, asked| asked.any() => password_policy);
operation!(UpdateAccountPasswordPolicy(PasswordPolicyInput): |_, asked| asked.any() => set_password_policy);
operation!(DeleteAccountPasswordPolicy(NoInput): |_, asked| asked.any() => delete_password_policy);
operation!(SetSecurityTokenServicePreferences(TokenInput): |_, asked| asked.any() => set_token_version);

/// Changes the settings of an account.
pub(crate) async fn change(
    access: &Access,
    account: &str,
    alter: impl FnOnce(&mut AccountSettings) -> Result<Value, IamError>,
) -> Answer {
    let change = access.change(account, |edit| {
        let mut settings = edit.account().account_settings();
        let answer = alter(&mut settings)?;
        edit.put(settings)?;
        Ok(answer)
    });
    change.await
}

async fn create_alias(call: &Authorized<AliasInput>, access: &Access) -> Answer {
    let (alias, account) = (&call.account_alias, call.caller().account());
    if alias.len() == ACCOUNT_DIGITS && alias.bytes().all(|byte| byte.is_ascii_digit()) {
        let text = format!("The account alias {alias} must not be a number of {ACCOUNT_DIGITS} digits.");
        return Err(IamError::InvalidInput(text));
    }
    // AWS: an alias is unique among all accounts, and a new one of the same account replaces it.
    let alter = |settings: &mut AccountSettings| {
        if access.account_of_alias(alias).is_some_and(|owner| owner != account) {
            return Err(IamError::EntityAlreadyExists(format!("The account alias {alias} already exists.")));
        }
        settings.alias = Some(alias.clone());
        Ok(json!({}))
    };
    change(access, account, alter).await
}

async fn delete_alias(call: &Authorized<AliasInput>, access: &Access) -> Answer {
    let alter = |settings: &mut AccountSettings| {
        if settings.alias.as_ref() != Some(&call.account_alias) {
            let text = format!("The account alias {} cannot be found.", call.account_alias);
            return Err(IamError::NoSuchEntity(text));
        }
        settings.alias = None;
        Ok(json!({}))
    };
    change(access, call.caller().account(), alter).await
}

async fn list_aliases(call: &Authorized<ListInput>, access: &Access) -> Answer {
    let settings = access.read(call.caller().account(), Account::account_settings);
    let aliases = settings.alias.into_iter().map(|alias| (alias.clone(), json!(alias)));
    call.page.list("AccountAliases", aliases.collect())
}

async fn summary(call: &Authorized<NoInput>, access: &Access) -> Answer {
    Ok(json!({"SummaryMap": access.read(call.caller().account(), count)}))
}

fn count(account: &Account) -> Value {
    let versions: usize = account.policies.values().map(|policy| policy.versions.len()).sum();
    let root_keys = of_owner(account, &KeyOwner::Root).count();
    let in_use = account.mfa_devices.values().filter(|device| device.user.is_some()).count();
    let root_mfa = account.mfa_devices.values().any(|device| device.user.as_deref() == Some("<root>"));
    json!({
        "Users": account.users.len(), "UsersQuota": quotas::USERS.max,
        "Groups": account.groups.len(), "GroupsQuota": quotas::GROUPS.max, "GroupsPerUserQuota": quotas::GROUPS_PER_USER.max,
        "Roles": account.roles.len(), "RolesQuota": quotas::ROLES.max,
        "InstanceProfiles": account.instance_profiles.len(), "InstanceProfilesQuota": quotas::INSTANCE_PROFILES.max,
        "Policies": account.policies.len(), "PoliciesQuota": quotas::POLICIES.max,
        "PolicyVersionsInUse": versions, "PolicyVersionsInUseQuota": quotas::POLICY_VERSIONS_IN_USE, "VersionsPerPolicyQuota": quotas::VERSIONS_PER_POLICY,
        "PolicySizeQuota": quotas::POLICY_SIZE.max, "UserPolicySizeQuota": quotas::USER_INLINE_SIZE, "GroupPolicySizeQuota": quotas::GROUP_INLINE_SIZE,
        "RolePolicySizeQuota": quotas::ROLE_INLINE_SIZE, "AssumeRolePolicySizeQuota": quotas::TRUST_POLICY_SIZE.max,
        "AttachedPoliciesPerUserQuota": quotas::POLICIES_PER_USER.max, "AttachedPoliciesPerGroupQuota": quotas::POLICIES_PER_GROUP.max, "AttachedPoliciesPerRoleQuota": quotas::POLICIES_PER_ROLE.max,
        "AccessKeysPerUserQuota": quotas::ACCESS_KEYS_PER_USER.max, "SigningCertificatesPerUserQuota": quotas::SIGNING_CERTIFICATES_PER_USER.max,
        "ServerCertificates": account.server_certificates.len(), "ServerCertificatesQuota": quotas::SERVER_CERTIFICATES.max,
        "MFADevices": account.mfa_devices.len(), "MFADevicesInUse": in_use,
        "AccountMFAEnabled": usize::from(root_mfa), "AccountAccessKeysPresent": usize::from(root_keys > 0),
        "AccountPasswordPresent": usize::from(account.account_settings().root_login.is_some()), "AccountSigningCertificatesPresent": 0,
        "Providers": account.oidc_providers.len() + account.saml_providers.len(), "GlobalEndpointTokenVersion": 1,
    })
}

fn no_password_policy(account: &str) -> IamError {
    IamError::NoSuchEntity(format!("The Password Policy with domain name {account} cannot be found."))
}

async fn password_policy(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let policy = access.read(account, Account::account_settings).password_policy;
    let policy = policy.ok_or_else(|| no_password_policy(account))?;
    let mut shown = json!({
        "MinimumPasswordLength": policy.length_min, "RequireSymbols": policy.symbols, "RequireNumbers": policy.numbers,
        "RequireUppercaseCharacters": policy.uppercase, "RequireLowercaseCharacters": policy.lowercase,
        "AllowUsersToChangePassword": policy.users_may_change, "ExpirePasswords": policy.age_days_max.is_some(),
    });
    if let Some(fields) = shown.as_object_mut() {
        let more = [
            ("MaxPasswordAge", policy.age_days_max.map(|days| json!(days))),
            ("PasswordReusePrevention", policy.reuse_prevention.map(|count| json!(count))),
            ("HardExpiry", policy.hard_expiry.map(|hard| json!(hard))),
        ];
        fields.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    Ok(json!({"PasswordPolicy": shown}))
}

async fn set_password_policy(call: &Authorized<PasswordPolicyInput>, access: &Access) -> Answer {
    // AWS: what is not sent takes its default.
    let policy = PasswordPolicy {
        length_min: call.minimum_password_length.unwrap_or(6),
        symbols: call.require_symbols,
        numbers: call.require_numbers,
        uppercase: call.require_uppercase_characters,
        lowercase: call.require_lowercase_characters,
        users_may_change: call.allow_users_to_change_password,
        age_days_max: call.max_password_age.filter(|days| *days > 0),
        reuse_prevention: call.password_reuse_prevention.filter(|count| *count > 0),
        hard_expiry: call.hard_expiry,
    };
    let alter = |settings: &mut AccountSettings| {
        settings.password_policy = Some(policy);
        Ok(json!({}))
    };
    change(access, call.caller().account(), alter).await
}

async fn delete_password_policy(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let alter = |settings: &mut AccountSettings| match settings.password_policy.take() {
        Some(_) => Ok(json!({})),
        None => Err(no_password_policy(account)),
    };
    change(access, account, alter).await
}

async fn set_token_version(call: &Authorized<TokenInput>, access: &Access) -> Answer {
    let alter = |settings: &mut AccountSettings| {
        settings.token_version = Some(call.global_endpoint_token_version.clone());
        Ok(json!({}))
    };
    change(access, call.caller().account(), alter).await
}
