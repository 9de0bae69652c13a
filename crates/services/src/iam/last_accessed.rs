//! Which services an identity used, from the decisions that were really made.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Authorized};

use super::Answer;
use super::error::IamError;
use super::shapes::date;

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

/// What a job id is sealed for: it carries the ARN, so that no job has to be kept.
const PURPOSE: &str = "service last accessed";

operation!(GenerateServiceLastAccessedDetails(GenerateInput): |input, asked| asked.named(&input.arn, &super::users::no_tags()) => generate);
operation!(GetServiceLastAccessedDetails(GetInput): |_, asked| asked.any() => get);

async fn generate(call: &Authorized<GenerateInput>, access: &Access) -> Answer {
    let exists = access.policies_of(call.caller().account(), &call.arn).is_some();
    if !exists {
        return Err(IamError::NoSuchEntity(format!("ARN {} cannot be found.", call.arn)));
    }
    let job = json!([call.caller().now(), call.caller().account(), call.arn]).to_string();
    // AWS's job ids are 36 characters; ours are longer and stand for themselves.
    Ok(json!({"JobId": access.seal(PURPOSE, job.as_bytes())?}))
}

async fn get(call: &Authorized<GetInput>, access: &Access) -> Answer {
    let unknown = || IamError::NoSuchEntity(format!("Job {} cannot be found.", call.job_id));
    let job = access.unseal(PURPOSE, &call.job_id).ok_or_else(unknown)?;
    let (at, account, arn): (stepward_types::Timestamp, String, String) =
        serde_json::from_slice(&job).map_err(|_| unknown())?;
    if account != call.caller().account() {
        return Err(unknown());
    }
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
