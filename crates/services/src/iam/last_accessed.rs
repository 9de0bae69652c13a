//! Which services an identity used and when, from the decisions that were really made.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, AccountSettings, Authorized, LastUse, ReportJob};

use super::error::IamError;
use super::granting::{Subject, Who, subject};
use super::page::Paging;
use super::shapes::{date, with};
use super::{Answer, account};
use crate::time::new_id;

/// Jobs that are remembered.
const JOBS_MAX: usize = 100;
const ACTION_LEVEL: &str = "ACTION_LEVEL";
const SERVICE_LEVEL: &str = "SERVICE_LEVEL";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateInput {
    arn: String,
    granularity: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInput {
    job_id: String,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EntitiesInput {
    job_id: String,
    service_namespace: String,
    #[serde(flatten)]
    page: Paging,
}

operation!(GenerateServiceLastAccessedDetails(GenerateInput): |input, asked| asked.identity(&input.arn) => generate);
operation!(GetServiceLastAccessedDetails(GetInput): |_, asked| asked.any() => get);
operation!(GetServiceLastAccessedDetailsWithEntities(EntitiesInput): |_, asked| asked.any() => with_entities);

async fn generate(call: &Authorized<GenerateInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    subject(account, &call.arn, access)?;
    let granularity = call.granularity.clone().unwrap_or_else(|| SERVICE_LEVEL.to_owned());
    let job = ReportJob { id: new_id(), at: call.caller().now(), arn: call.arn.clone(), granularity };
    let remember = |settings: &mut AccountSettings| {
        if settings.report_jobs.len() >= JOBS_MAX {
            settings.report_jobs.remove(0);
        }
        let answer = json!({"JobId": job.id});
        settings.report_jobs.push(job);
        Ok(answer)
    };
    account::change(access, account, remember).await
}

fn find_job(account: &str, id: &str, access: &Access) -> Result<ReportJob, IamError> {
    let jobs = access.read(account, Account::account_settings).report_jobs;
    let unknown = || IamError::NoSuchEntity(format!("Job {id} cannot be found."));
    jobs.into_iter().find(|job| job.id == id).ok_or_else(unknown)
}

async fn get(call: &Authorized<GetInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let job = find_job(account, &call.job_id, access)?;
    let subject = subject(account, &job.arn, access)?;
    let uses = Uses::of(&subject, access);
    let granted = stepward_models::authorization_prefixes()
        .filter(|namespace| subject.policies.iter().any(|held| held.grants(namespace)));
    let services = granted.map(|namespace| {
        let service = uses.service(namespace, job.granularity == ACTION_LEVEL);
        (namespace.to_owned(), service)
    });
    let page = call.page.list("ServicesLastAccessed", services.collect())?;
    let page = with(page, "JobType", Some(json!(job.granularity)));
    Ok(completed(page, &job))
}

fn completed(answer: Value, job: &ReportJob) -> Value {
    let answer = with(answer, "JobStatus", Some(json!("COMPLETED")));
    let answer = with(answer, "JobCreationDate", Some(date(job.at)));
    with(answer, "JobCompletionDate", Some(date(job.at)))
}

async fn with_entities(call: &Authorized<EntitiesInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let job = find_job(account, &call.job_id, access)?;
    if stepward_models::authorization(&call.service_namespace).is_none() {
        let text = format!("{} is not the namespace of a service.", call.service_namespace);
        return Err(IamError::InvalidInput(text));
    }
    let subject = subject(account, &job.arn, access)?;
    let uses = Uses::of(&subject, access);
    let shown = |(who, used): (&Who, Option<&LastUse>)| {
        let info = json!({
            "Arn": who.arn, "Name": who.name, "Type": who.kind, "Id": who.id, "Path": who.path,
        });
        let value = with(json!({"EntityInfo": info}), "LastAuthenticated", used.map(|used| date(used.at)));
        // AWS: the latest first.
        let age = u64::MAX - used.map_or(0, |used| u64::try_from(used.at.millis()).unwrap_or_default());
        (format!("{age:020} {}", who.arn), value)
    };
    let entities = uses.of_service(&call.service_namespace).map(shown).collect();
    Ok(completed(call.page.list("EntityDetailsList", entities)?, &job))
}

/// What entities used.
struct Uses {
    of: Vec<(Who, stepward_access::LastUses)>,
}

impl Uses {
    fn of(subject: &Subject, access: &Access) -> Self {
        let uses = |who: &Who| (who.clone(), access.last_accessed(&who.arn));
        Self { of: subject.entities.iter().map(uses).collect() }
    }

    /// Every entity with its last use of a service.
    fn of_service<'a>(
        &'a self,
        namespace: &'a str,
    ) -> impl Iterator<Item = (&'a Who, Option<&'a LastUse>)> + 'a {
        self.of.iter().map(move |(who, uses)| {
            let is_of = |action: &str| action.split(':').next().is_some_and(|prefix| prefix == namespace);
            (who, uses.iter().filter(|(action, _)| is_of(action)).map(|(_, used)| used).max())
        })
    }

    fn of_action(&self, action: &str) -> Option<(&Who, &LastUse)> {
        let used = self.of.iter().filter_map(|(who, uses)| Some((who, uses.get(action)?)));
        used.max_by_key(|(_, used)| used.at)
    }

    fn service(&self, namespace: &str, with_actions: bool) -> Value {
        let used: Vec<_> = self.of_service(namespace).filter_map(|(who, used)| Some((who, used?))).collect();
        let name = stepward_models::service_title(namespace).unwrap_or(namespace);
        let value = json!({
            "ServiceName": name, "ServiceNamespace": namespace, "TotalAuthenticatedEntities": used.len(),
        });
        let Some((who, last)) = used.iter().max_by_key(|(_, used)| used.at) else { return value };
        let value = with(value, "LastAuthenticated", Some(date(last.at)));
        let value = with(value, "LastAuthenticatedEntity", Some(json!(who.arn)));
        let value = with(value, "LastAuthenticatedRegion", Some(json!(last.region)));
        with(value, "TrackedActionsLastAccessed", with_actions.then(|| self.actions(namespace)))
    }

    fn actions(&self, namespace: &str) -> Value {
        let Some(authorization) = stepward_models::authorization(namespace) else { return json!([]) };
        let mut names: Vec<&String> = authorization.actions.keys().collect();
        names.sort_unstable();
        let shown = |name: &String| {
            let value = json!({"ActionName": name});
            let Some((who, used)) = self.of_action(&format!("{namespace}:{name}")) else { return value };
            let value = with(value, "LastAccessedEntity", Some(json!(who.arn)));
            let value = with(value, "LastAccessedTime", Some(date(used.at)));
            with(value, "LastAccessedRegion", Some(json!(used.region)))
        };
        names.into_iter().map(shown).collect()
    }
}
