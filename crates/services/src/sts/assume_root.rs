//! AssumeRoot: root sessions of an organization's member accounts. There are no organizations here, so that nobody
//! manages another account: who has the right is told why it does not help.

use serde::Deserialize;
use serde_json::Value;
use stepward_access::{Authenticated, Authorized, Needs};

use super::error::StsError;
use super::policies::PolicyDescriptor;
use crate::{Operation, Services};

pub(crate) struct AssumeRoot;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    target_principal: String,
    task_policy_arn: PolicyDescriptor,
}

impl Operation for AssumeRoot {
    const NAME: &'static str = "AssumeRoot";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(input: &Input, caller: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        let is_account = input.target_principal.len() == 12;
        let target = if is_account {
            format!("arn:aws:iam::{}:root", input.target_principal)
        } else {
            input.target_principal.clone()
        };
        // The management account's own policies decide: the member has none that could.
        let needs = Needs::one("sts:AssumeRoot", target).resource_account(caller.account());
        Ok(match &input.task_policy_arn.arn {
            Some(arn) => needs.key("sts:TaskPolicyArn", arn),
            None => needs,
        })
    }

    async fn handle(call: Authorized<Input>, _: &Services) -> Result<Value, StsError> {
        let text = format!(
            "Account {} is not the management account or a delegated administrator of an organization of which {} is a \
             member.",
            call.caller().account(),
            call.target_principal
        );
        Err(StsError::AccessDenied(text))
    }
}
