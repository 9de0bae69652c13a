//! Features for the member accounts of an organization, which its management account switches on and off. An account
//! that is in none gets AWS's answer for one that stands alone.

use serde::Deserialize;
use serde_json::json;
use stepward_access::{Access, Account, AccountSettings, Authorized, RootFeature};

use super::error::IamError;
use super::{Answer, account};

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

operation!(EnableOrganizationsRootCredentialsManagement(NoInput): |_, asked| asked.any() => enable_credentials);
operation!(DisableOrganizationsRootCredentialsManagement(NoInput): |_, asked| asked.any() => disable_credentials);
operation!(EnableOrganizationsRootSessions(NoInput): |_, asked| asked.any() => enable_sessions);
operation!(DisableOrganizationsRootSessions(NoInput): |_, asked| asked.any() => disable_sessions);
operation!(ListOrganizationsFeatures(NoInput): |_, asked| asked.any() => list);
operation!(GenerateOrganizationsAccessReport(GenerateInput): |input, asked| {
    let needs = asked.named(&asked.arn("access-report", "/", &input.entity_path), &super::users::no_tags())?;
    Ok(match &input.organizations_policy_id {
        Some(id) => needs.key("iam:OrganizationsPolicyId", id),
        None => needs,
    })
} => generate_report);
operation!(GetOrganizationsAccessReport(GetInput): |_, asked| asked.any() => get_report);

/// The id of the organization that the caller's account manages.
fn managed<T>(call: &Authorized<T>, access: &Access) -> Result<String, IamError> {
    let account = call.caller().account();
    let organization = access.organization_of(account).ok_or(IamError::OrganizationNotFound)?;
    if organization.management != account {
        return Err(IamError::NotManagementAccount);
    }
    Ok(organization.id.clone())
}

/// Changes which features are on, and answers those that are.
async fn change(
    call: &Authorized<NoInput>,
    access: &Access,
    alter: impl FnOnce(&mut Vec<RootFeature>),
) -> Answer {
    let id = managed(call, access)?;
    let alter = |settings: &mut AccountSettings| {
        alter(&mut settings.root_features);
        settings.root_features.sort();
        settings.root_features.dedup();
        Ok(json!({"OrganizationId": id, "EnabledFeatures": settings.root_features}))
    };
    account::change(access, call.caller().account(), alter).await
}

async fn enable_credentials(call: &Authorized<NoInput>, access: &Access) -> Answer {
    change(call, access, |features| features.push(RootFeature::RootCredentialsManagement)).await
}

async fn disable_credentials(call: &Authorized<NoInput>, access: &Access) -> Answer {
    change(call, access, |features| features.retain(|on| *on != RootFeature::RootCredentialsManagement)).await
}

async fn enable_sessions(call: &Authorized<NoInput>, access: &Access) -> Answer {
    change(call, access, |features| features.push(RootFeature::RootSessions)).await
}

async fn disable_sessions(call: &Authorized<NoInput>, access: &Access) -> Answer {
    change(call, access, |features| features.retain(|on| *on != RootFeature::RootSessions)).await
}

async fn list(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let id = managed(call, access)?;
    let features = access.read(call.caller().account(), Account::account_settings).root_features;
    Ok(json!({"OrganizationId": id, "EnabledFeatures": features}))
}

async fn generate_report(call: &Authorized<GenerateInput>, access: &Access) -> Answer {
    managed(call, access)?;
    let text = "Access reports of an organization are not made here: ask GenerateServiceLastAccessedDetails of each identity.";
    Err(IamError::NotImplemented(text.to_owned()))
}

async fn get_report(call: &Authorized<GetInput>, _: &Access) -> Answer {
    Err(IamError::NoSuchEntity(format!("Job {} cannot be found.", call.job_id)))
}
