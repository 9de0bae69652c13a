//! AssumeRole: a session of a role, for whom its trust policy and the caller's own policies allow it.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    Access, AssumeRequest, Authenticated, Authorized, CHAINED_SECONDS_MAX, MfaDevice, Needs, Role, Tags,
};

use super::error::StsError;
use super::policies::{PolicyDescriptor, checked, packed_percent};
use super::{Tag, credentials, session_tags};
use crate::{Operation, Services};

const SECONDS_DEFAULT: u32 = 3_600;

pub(crate) struct AssumeRole;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_arn: String,
    role_session_name: String,
    #[serde(default)]
    policy_arns: Vec<PolicyDescriptor>,
    policy: Option<String>,
    duration_seconds: Option<u32>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    transitive_tag_keys: Vec<String>,
    external_id: Option<String>,
    serial_number: Option<String>,
    token_code: Option<String>,
    source_identity: Option<String>,
    #[serde(default)]
    provided_contexts: Vec<serde_json::Value>,
}

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(input: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, StsError> {
        needs(input, caller, &at.access)
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        answer(&call, &at.access).await
    }
}

pub(crate) fn needs(input: &Input, caller: &Authenticated, access: &Access) -> Result<Needs, StsError> {
    if caller.is_root() {
        // AWS: even where policies would allow it.
        return Err(StsError::AccessDenied("Roles may not be assumed by root accounts.".to_owned()));
    }
    check_role_arn(&input.role_arn)?;
    check_tags(input, caller)?;
    Ok(access.assume_needs(&request(input, caller)?, caller))
}

/// Refuses what is not the ARN of a role.
pub(crate) fn check_role_arn(arn: &str) -> Result<(), StsError> {
    let is_role = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':'));
    if is_role.is_some_and(|(_, resource)| resource.starts_with("role/")) {
        return Ok(());
    }
    Err(StsError::Validation(format!("{arn} is invalid")))
}

/// The account in a role's ARN.
pub(crate) fn role_account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// The call as `access` takes it, apart from what only an authorized call is checked for.
fn request(input: &Input, _: &Authenticated) -> Result<AssumeRequest, StsError> {
    Ok(AssumeRequest {
        role_arn: input.role_arn.clone(),
        session_name: input.role_session_name.clone(),
        external_id: input.external_id.clone(),
        tags: session_tags(&input.tags)?,
        transitive_tag_keys: input.transitive_tag_keys.clone(),
        source_identity: input.source_identity.clone(),
        policies: None,
        duration_seconds: input.duration_seconds.unwrap_or(SECONDS_DEFAULT),
        // A code that turns out to be wrong refuses the call, whatever was allowed.
        mfa: input.token_code.is_some(),
        context: Default::default(),
    })
}

fn check_tags(input: &Input, caller: &Authenticated) -> Result<(), StsError> {
    let is_sent = |key: &String| input.tags.iter().any(|tag| tag.key.eq_ignore_ascii_case(key));
    if !input.transitive_tag_keys.iter().all(is_sent) {
        let text = "The specified transitive tag key must be included in the requested tags.";
        return Err(StsError::Validation(text.to_owned()));
    }
    if caller.transitive_tags().keys().any(is_sent) {
        let text = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
                    from the calling session.";
        return Err(StsError::InvalidParameter(text.to_owned()));
    }
    let changes = caller
        .source_identity()
        .is_some_and(|known| input.source_identity.as_deref().is_some_and(|asked| asked != known));
    if changes {
        let text = "The source identity of a session cannot be changed by role chaining.";
        return Err(StsError::AccessDenied(text.to_owned()));
    }
    Ok(())
}

pub(crate) async fn answer(call: &Authorized<Input>, access: &Access) -> Result<Value, StsError> {
    if !call.provided_contexts.is_empty() {
        // A context that is not verified must not come into a session.
        let text =
            "Context assertions (ProvidedContexts) cannot be verified here: their providers are not hosted.";
        return Err(StsError::NotImplemented(text.to_owned()));
    }
    let mut request = request(call, call.caller())?;
    let account = role_account(&call.role_arn);
    check_duration(&request, call.caller(), account, access)?;
    check_mfa(call, access).await?;
    request.policies = checked(call.policy.as_ref(), &call.policy_arns, account, access)?;
    let all_tags: Tags = call.caller().transitive_tags().into_iter().chain(request.tags.clone()).collect();
    let percent = packed_percent(&request.policies, &all_tags)?;
    let session = access.assume(call, &request)?;
    let mut answer = json!({
        "Credentials": credentials(&session)?,
        "AssumedRoleUser": {"AssumedRoleId": session.user_id(), "Arn": session.arn()},
    });
    if let Some(fields) = answer.as_object_mut() {
        let more = [
            ("PackedPolicySize", percent.map(|percent| json!(percent))),
            ("SourceIdentity", session.source_identity().map(|identity| json!(identity))),
        ];
        fields.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    Ok(answer)
}

pub(crate) fn check_duration(
    request: &AssumeRequest,
    caller: &Authenticated,
    account: &str,
    access: &Access,
) -> Result<(), StsError> {
    let asked = request.duration_seconds;
    if caller.is_role_session() && asked > CHAINED_SECONDS_MAX {
        let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
        return Err(StsError::Validation(text.to_owned()));
    }
    let name = request.role_arn.rsplit('/').next().unwrap_or_default();
    let limit =
        access.read(account, |account| account.find::<Role>(name).map(|role| role.session_seconds_max));
    if limit.is_some_and(|limit| asked > limit) {
        let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(StsError::Validation(text.to_owned()));
    }
    Ok(())
}

async fn check_mfa(call: &Authorized<Input>, access: &Access) -> Result<(), StsError> {
    match (&call.serial_number, &call.token_code) {
        (None, None) => Ok(()),
        (Some(serial), Some(code)) => use_code(call.caller(), serial, code, access).await,
        _ => Err(StsError::Validation("SerialNumber and TokenCode must be given together.".to_owned())),
    }
}

/// Uses up a code of a device that belongs to the caller.
pub(crate) async fn use_code(
    caller: &Authenticated,
    serial: &str,
    code: &str,
    access: &Access,
) -> Result<(), StsError> {
    let wrong = || {
        StsError::AccessDenied(
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ".to_owned(),
        )
    };
    let owner = caller.user_name().unwrap_or("<root>");
    let change = access.change(caller.account(), |edit| {
        let device: Option<MfaDevice> = edit.copy(serial);
        let mut device = device.filter(|device| device.user.as_deref() == Some(owner)).ok_or_else(wrong)?;
        device.last_step = access.mfa_step(&device, code, caller.now()).ok_or_else(wrong)?;
        Ok::<(), StsError>(edit.put(device)?)
    });
    change.await
}
