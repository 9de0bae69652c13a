//! Delegation requests: AWS's partners make them from policy templates that they registered with AWS. No template
//! is registered here, so that no request can be made: every other operation answers as AWS does when there is none.

use serde::Deserialize;
use serde_json::json;
use stepward_access::{Access, Authorized, Needs};

use super::Answer;
use super::asked::Asked;
use super::error::IamError;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInput {
    permissions: Permissions,
    notification_channel: String,
    session_duration: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Permissions {
    policy_template_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IdInput {
    delegation_request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    owner_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SummaryInput {
    entity_arn: String,
}

operation!(CreateDelegationRequest(CreateInput): |input, asked| {
    let template = input.permissions.policy_template_arn.as_deref().unwrap_or_default();
    Ok(request(asked, "*")?
        .key("iam:DelegationDuration", input.session_duration)
        .key("iam:NotificationChannel", &input.notification_channel)
        .key("iam:TemplateArn", template))
} => create);
operation!(GetDelegationRequest(IdInput): |input, asked| request(asked, &input.delegation_request_id) => none);
operation!(AcceptDelegationRequest(IdInput): |input, asked| request(asked, &input.delegation_request_id) => none);
operation!(AssociateDelegationRequest(IdInput): |input, asked| request(asked, &input.delegation_request_id) => none);
operation!(RejectDelegationRequest(IdInput): |input, asked| request(asked, &input.delegation_request_id) => none);
operation!(SendDelegationToken(IdInput): |input, asked| request(asked, &input.delegation_request_id) => none);
operation!(UpdateDelegationRequest(IdInput): |input, asked| request(asked, &input.delegation_request_id) => none);
operation!(ListDelegationRequests(ListInput): |input, asked| {
    let needs = asked.any()?;
    Ok(match &input.owner_id {
        Some(owner) => needs.key("iam:DelegationRequestOwner", owner),
        None => needs,
    })
} => list);
operation!(GetHumanReadableSummary(SummaryInput): |input, asked| asked.named(&input.entity_arn, &super::users::no_tags()) => summary);

fn request(asked: &Asked<'_>, id: &str) -> Result<Needs, IamError> {
    asked.named(&asked.arn("delegation-request", "/", id), &super::users::no_tags())
}

async fn create(call: &Authorized<CreateInput>, _: &Access) -> Answer {
    let template = call.permissions.policy_template_arn.as_deref().unwrap_or_default();
    Err(IamError::InvalidInput(format!("The policy template {template} is not registered.")))
}

async fn none(call: &Authorized<IdInput>, _: &Access) -> Answer {
    let text = format!("Delegation request {} cannot be found.", call.delegation_request_id);
    Err(IamError::NoSuchEntity(text))
}

async fn list(_: &Authorized<ListInput>, _: &Access) -> Answer {
    Ok(json!({"DelegationRequests": [], "isTruncated": false}))
}

async fn summary(call: &Authorized<SummaryInput>, _: &Access) -> Answer {
    if call.entity_arn.contains(":delegation-request/") {
        return Err(IamError::NoSuchEntity(format!("{} cannot be found.", call.entity_arn)));
    }
    Err(IamError::InvalidInput(format!("{} is not the ARN of a delegation request.", call.entity_arn)))
}
