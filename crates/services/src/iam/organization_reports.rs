//! Which services the accounts of an organization used and when, from the decisions that were really made.
//!
//! There are no service control policies here, so that every service is accessible to every account
//! (AWS: `FullAWSAccess`, which is attached everywhere unless somebody takes it away).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    Access, Account, AccountSettings, AccountUse, Authorized, LastUse, Organization, OrganizationReport,
};

use super::error::IamError;
use super::page::Paging;
use super::shapes::{date, with};
use super::{Answer, account};
use crate::time::new_id;

/// Reports that are remembered.
const REPORTS_MAX: usize = 100;
const FULL_ACCESS: &str = "p-FullAWSAccess";

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
    sort_key: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(GenerateOrganizationsAccessReport(GenerateInput): |input, asked| {
    let needs = asked.named(&asked.arn("access-report", "/", &input.entity_path), &super::users::no_tags())?;
    Ok(match &input.organizations_policy_id {
        Some(id) => needs.key("iam:OrganizationsPolicyId", id),
        None => needs,
    })
} => generate);
operation!(GetOrganizationsAccessReport(GetInput): |_, asked| asked.any() => get);

/// AWS: only the management account may ask, not its delegated administrators.
fn managed<'a, T>(call: &Authorized<T>, access: &'a Access) -> Result<&'a Organization, IamError> {
    let account = call.caller().account();
    let organization = access.organization_of(account).ok_or(IamError::OrganizationNotFound)?;
    if organization.management != account {
        return Err(IamError::NotManagementAccount);
    }
    Ok(organization)
}

async fn generate(call: &Authorized<GenerateInput>, access: &Access) -> Answer {
    let organization = managed(call, access)?;
    if accounts_below(organization, &call.entity_path).is_empty() {
        let text =
            format!("Entity path {} is not in the organization {}.", call.entity_path, organization.id);
        return Err(IamError::InvalidInput(text));
    }
    if let Some(id) = call.organizations_policy_id.as_ref().filter(|id| *id != FULL_ACCESS) {
        let text = format!("Policy {id} was not found in the organization {}.", organization.id);
        return Err(IamError::NoSuchEntity(text));
    }
    let report =
        OrganizationReport { id: new_id(), at: call.caller().now(), entity_path: call.entity_path.clone() };
    let remember = |settings: &mut AccountSettings| {
        if settings.organization_reports.len() >= REPORTS_MAX {
            settings.organization_reports.remove(0);
        }
        let answer = json!({"JobId": report.id});
        settings.organization_reports.push(report);
        Ok(answer)
    };
    account::change(access, call.caller().account(), remember).await
}

/// The accounts that a path means: one of them, or those below the root or a unit, where the management account
/// does not count.
fn accounts_below<'o>(organization: &'o Organization, path: &str) -> Vec<&'o str> {
    let path = path.trim_end_matches('/');
    let stands = |account: &&str| organization.path_of(account);
    let own = organization.accounts().find(|account| format!("{}{account}", stands(account)) == path);
    if let Some(account) = own {
        return vec![account];
    }
    let below = format!("{path}/");
    organization.accounts().skip(1).filter(|account| stands(account).starts_with(&below)).collect()
}

async fn get(call: &Authorized<GetInput>, access: &Access) -> Answer {
    let reports = access.read(call.caller().account(), Account::account_settings).organization_reports;
    let unknown = || IamError::NoSuchEntity(format!("Job {} cannot be found.", call.job_id));
    let report = reports.into_iter().find(|report| report.id == call.job_id).ok_or_else(unknown)?;
    let organization = managed(call, access)?;
    let used = uses(organization, &report.entity_path, access);
    let services: Vec<&str> = stepward_models::authorization_prefixes().collect();
    let unused = services.iter().filter(|service| !used.contains_key(**service)).count();
    let details = services.iter().map(|service| {
        let used = used.get(*service);
        (sort_key(service, used, call.sort_key.as_deref()), detail(service, used))
    });
    let mut details: Vec<(String, Value)> = details.collect();
    details.sort_by(|(one, _), (other, _)| one.cmp(other));
    if call.sort_key.as_deref().is_some_and(|key| key.ends_with("_DESCENDING")) {
        details.reverse();
    }
    // Pages go by place: the order may be any.
    let places = details.into_iter().enumerate().map(|(place, (_, value))| (format!("{place:06}"), value));
    let answer = call.page.list("AccessDetails", places.collect())?;
    let answer = with(answer, "JobStatus", Some(json!("COMPLETED")));
    let answer = with(answer, "JobCreationDate", Some(date(report.at)));
    let answer = with(answer, "JobCompletionDate", Some(date(report.at)));
    let answer = with(answer, "NumberOfServicesAccessible", Some(json!(services.len())));
    Ok(with(answer, "NumberOfServicesNotAccessed", Some(json!(unused))))
}

/// What was used last, where, and by how many.
struct Used {
    last: LastUse,
    account_path: String,
    entities: usize,
}

fn uses(organization: &Organization, path: &str, access: &Access) -> BTreeMap<String, Used> {
    let mut all: BTreeMap<String, Used> = BTreeMap::new();
    for account in accounts_below(organization, path) {
        for (service, AccountUse { last, entities }) in access.last_accessed_by_account(account) {
            let Some(last) = last else { continue };
            let account_path = format!("{}{account}", organization.path_of(account));
            match all.get_mut(&service) {
                Some(used) => {
                    used.entities += entities;
                    if last > used.last {
                        (used.last, used.account_path) = (last, account_path);
                    }
                }
                None => {
                    all.insert(service, Used { last, account_path, entities });
                }
            }
        }
    }
    all
}

fn sort_key(service: &str, used: Option<&Used>, sort: Option<&str>) -> String {
    let by_time = sort.is_some_and(|sort| sort.starts_with("LAST_AUTHENTICATED_TIME"));
    let at = used.filter(|_| by_time).map_or(0, |used| used.last.at.millis());
    format!("{at:020} {service}")
}

fn detail(service: &str, used: Option<&Used>) -> Value {
    let name = stepward_models::service_title(service).unwrap_or(service);
    let value = json!({
        "ServiceName": name, "ServiceNamespace": service, "TotalAuthenticatedEntities": used.map_or(0, |used| used.entities),
    });
    let Some(used) = used else { return value };
    let value = with(value, "LastAuthenticatedTime", Some(date(used.last.at)));
    let value = with(value, "Region", Some(json!(used.last.region)));
    with(value, "EntityPath", Some(json!(used.account_path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_an_account_or_the_members_below_it() {
        let organization = Organization {
            id: "o-exampleorg1".to_owned(),
            root: "r-ab12".to_owned(),
            management: "1".to_owned(),
            members: vec!["2".to_owned(), "3".to_owned()],
            units: BTreeMap::from([("3".to_owned(), "ou-ab12-11111111".to_owned())]),
            ..Organization::default()
        };
        let below = |path: &str| accounts_below(&organization, path);
        assert_eq!(below("o-exampleorg1/r-ab12"), ["2", "3"]);
        assert_eq!(below("o-exampleorg1/r-ab12/"), ["2", "3"]);
        assert_eq!(below("o-exampleorg1/r-ab12/ou-ab12-11111111"), ["3"]);
        assert_eq!(below("o-exampleorg1/r-ab12/ou-ab12-11111111/3"), ["3"]);
        assert_eq!(below("o-exampleorg1/r-ab12/1"), ["1"]);
        assert!(below("o-exampleorg1/r-ab12/3").is_empty());
        assert!(below("o-exampleorg2/r-ab12").is_empty());
    }
}
