//! Which services an identity used, from the decisions that were really made.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, AccountSettings, Authorized, letters};

use super::error::IamError;
use super::shapes::date;
use super::{Answer, account};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateInput {
    arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInput {
    job_id: String,
}

/// Jobs that are remembered.
const JOBS_MAX: usize = 100;
const JOB_ID_CHARACTERS: usize = 36;

operation!(GenerateServiceLastAccessedDetails(GenerateInput): |input, asked| asked.named(&input.arn, &super::users::no_tags()) => generate);
operation!(GetServiceLastAccessedDetails(GetInput): |_, asked| asked.any() => get);

async fn generate(call: &Authorized<GenerateInput>, access: &Access) -> Answer {
    let exists = access.policies_of(call.caller().account(), &call.arn).is_some();
    if !exists {
        return Err(IamError::NoSuchEntity(format!("ARN {} cannot be found.", call.arn)));
    }
    let (id, now) = (letters(JOB_ID_CHARACTERS), call.caller().now());
    let remember = |settings: &mut AccountSettings| {
        if settings.last_accessed_jobs.len() >= JOBS_MAX {
            settings.last_accessed_jobs.remove(0);
        }
        settings.last_accessed_jobs.push((id.clone(), now, call.arn.clone()));
        Ok(json!({"JobId": id}))
    };
    account::change(access, call.caller().account(), remember).await
}

async fn get(call: &Authorized<GetInput>, access: &Access) -> Answer {
    let unknown = || IamError::NoSuchEntity(format!("Job {} cannot be found.", call.job_id));
    let jobs = access.read(call.caller().account(), Account::account_settings).last_accessed_jobs;
    let (_, at, arn) = jobs.into_iter().find(|(id, _, _)| *id == call.job_id).ok_or_else(unknown)?;
    let mut services: Vec<(String, Value)> = access
        .decisions()
        .last_accessed(&arn)
        .into_iter()
        .map(|(service, used)| {
            let value = json!({
                "ServiceName": service, "ServiceNamespace": service, "LastAuthenticated": date(used),
                "LastAuthenticatedEntity": arn, "TotalAuthenticatedEntities": 1,
            });
            (service, value)
        })
        .collect();
    services.sort_by(|(left, _), (right, _)| left.cmp(right));
    let services: Vec<Value> = services.into_iter().map(|(_, value)| value).collect();
    Ok(json!({
        "JobStatus": "COMPLETED", "JobType": "SERVICE_LEVEL", "JobCreationDate": date(at), "JobCompletionDate": date(at),
        "ServicesLastAccessed": services, "IsTruncated": false,
    }))
}
