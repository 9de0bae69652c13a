//! Features for the member accounts of an organization, which its management account or a delegated administrator
//! switches on and off. An account that is in none gets AWS's answer for one that stands alone.

use serde::Deserialize;
use serde_json::json;
use stepward_access::{Access, Account, AccountSettings, Authorized, Organization, RootFeature};

use super::error::IamError;
use super::{Answer, account};

#[derive(Deserialize)]
pub(crate) struct NoInput {}

operation!(EnableOrganizationsRootCredentialsManagement(NoInput): |_, asked| asked.any() => enable_credentials);
operation!(DisableOrganizationsRootCredentialsManagement(NoInput): |_, asked| asked.any() => disable_credentials);
operation!(EnableOrganizationsRootSessions(NoInput): |_, asked| asked.any() => enable_sessions);
operation!(DisableOrganizationsRootSessions(NoInput): |_, asked| asked.any() => disable_sessions);
operation!(ListOrganizationsFeatures(NoInput): |_, asked| asked.any() => list);

/// The organization that the caller's account manages, itself or as a delegated administrator.
fn managed<'a, T>(call: &Authorized<T>, access: &'a Access) -> Result<&'a Organization, IamError> {
    let account = call.caller().account();
    let organization = access.organization_of(account).ok_or(IamError::OrganizationNotFound)?;
    if !organization.is_managed_by(account) {
        return Err(IamError::NotManagementAccount);
    }
    Ok(organization)
}

/// Changes which features are on, and answers those that are.
async fn change(
    call: &Authorized<NoInput>,
    access: &Access,
    alter: impl FnOnce(&mut Vec<RootFeature>),
) -> Answer {
    let organization = managed(call, access)?;
    let alter = |settings: &mut AccountSettings| {
        alter(&mut settings.root_features);
        settings.root_features.sort();
        settings.root_features.dedup();
        Ok(json!({"OrganizationId": organization.id, "EnabledFeatures": settings.root_features}))
    };
    account::change(access, &organization.management, alter).await
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
    let organization = managed(call, access)?;
    let features = access.read(&organization.management, Account::account_settings).root_features;
    Ok(json!({"OrganizationId": organization.id, "EnabledFeatures": features}))
}
