//! Features for the member accounts of an organization. There are no organizations here: every account stands
//! alone, and gets AWS's answer for one that does.

use serde::Deserialize;
use stepward_access::{Access, Authorized};

use super::Answer;
use super::error::IamError;

#[derive(Deserialize)]
pub(crate) struct NoInput {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateInput {
    entity_path: String,
    organizations_policy_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInput {
    job_id: String,
}

operation!(EnableOrganizationsRootCredentialsManagement(NoInput): |_, asked| asked.any() => no_organization);
operation!(DisableOrganizationsRootCredentialsManagement(NoInput): |_, asked| asked.any() => no_organization);
operation!(EnableOrganizationsRootSessions(NoInput): |_, asked| asked.any() => no_organization);
operation!(DisableOrganizationsRootSessions(NoInput): |_, asked| asked.any() => no_organization);
operation!(ListOrganizationsFeatures(NoInput): |_, asked| asked.any() => no_organization);
operation!(GenerateOrganizationsAccessReport(GenerateInput): |input, asked| {
    let needs = asked.named(&asked.arn("access-report", "/", &input.entity_path), &super::users::no_tags())?;
    Ok(match &input.organizations_policy_id {
        Some(id) => needs.key("iam:OrganizationsPolicyId", id),
        None => needs,
    })
} => no_organization);
operation!(GetOrganizationsAccessReport(GetInput): |_, asked| asked.any() => get_report);

async fn no_organization<T>(_: &Authorized<T>, _: &Access) -> Answer {
    Err(IamError::OrganizationNotFound)
}

async fn get_report(call: &Authorized<GetInput>, _: &Access) -> Answer {
    Err(IamError::NoSuchEntity(format!("Job {} cannot be found.", call.job_id)))
}
