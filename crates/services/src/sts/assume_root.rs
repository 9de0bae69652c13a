//! AssumeRoot: a session as root of a member account of the caller's organization, for one of five tasks.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Account, Authenticated, Authorized, Needs, RootTask};

use super::error::StsError;
use super::policies::PolicyDescriptor;
use super::{credentials, with};
use crate::{Operation, Services};

/// AWS quota, and the default.
const SECONDS_MAX: u32 = 900;

pub(crate) struct AssumeRoot;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    target_principal: String,
    task_policy_arn: PolicyDescriptor,
    duration_seconds: Option<u32>,
}

impl Input {
    fn account(&self) -> &str {
        let target = &self.target_principal;
        target.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")).unwrap_or(target)
    }
}

impl Operation for AssumeRoot {
    const NAME: &'static str = "AssumeRoot";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(input: &Input, caller: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        if caller.is_root() {
            let text = "Root credentials cannot be used to call AssumeRoot.";
            return Err(StsError::AccessDenied(text.to_owned()));
        }
        let target = format!("arn:aws:iam::{}:root", input.account());
        // The management account's own policies decide: the member has none that could.
        let needs = Needs::one("sts:AssumeRoot", target).resource_account(caller.account());
        Ok(match &input.task_policy_arn.arn {
            Some(arn) => needs.key("sts:TaskPolicyArn", arn),
            None => needs,
        })
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        answer(&call, at)
    }
}

fn answer(call: &Authorized<Input>, at: &Services) -> Result<Value, StsError> {
    let (caller, target) = (call.caller(), call.account());
    let organization = at.access.organization_of(caller.account()).filter(|organization| {
        organization.is_managed_by(caller.account())
            && organization.members.iter().any(|member| member == target)
    });
    let Some(organization) = organization else {
        let text = format!(
            "Account {} is not the management account or a delegated administrator of an organization of which {} is a member.",
            caller.account(),
            call.target_principal
        );
        return Err(StsError::AccessDenied(text));
    };
    let arn = call.task_policy_arn.arn.as_deref().unwrap_or_default();
    let task = RootTask::of_policy(arn).ok_or_else(|| {
        StsError::Validation(format!(
            "{arn} is none of the policies below arn:aws:iam::aws:policy/root-task/"
        ))
    })?;
    let features = at.access.read(&organization.management, Account::account_settings).root_features;
    if !features.contains(&task.feature) {
        let text = format!("{:?} is not enabled for the organization.", task.feature);
        return Err(StsError::AccessDenied(text));
    }
    let seconds = call.duration_seconds.unwrap_or(SECONDS_MAX);
    if seconds > SECONDS_MAX {
        let text =
            format!("The requested DurationSeconds exceeds the limit of {SECONDS_MAX} of root sessions.");
        return Err(StsError::Validation(text));
    }
    let session = at.access.assume_root(call, target, task, seconds)?;
    let answer = json!({"Credentials": credentials(&session)?});
    Ok(with(answer, "SourceIdentity", session.source_identity().map(|identity| json!(identity))))
}
