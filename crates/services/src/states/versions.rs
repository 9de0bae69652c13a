//! Versions of a state machine: publish, list, delete.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::StateMachineArn;
use super::page::Page;
use super::record::StateMachineRecord;
use super::rights::on_machine;
use crate::time::now;
use crate::{Operation, Services};

/// AWS quota.
const VERSIONS_MAX: usize = 1_000;

pub(crate) struct PublishStateMachineVersion;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublishInput {
    state_machine_arn: String,
    revision_id: Option<String>,
    description: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublishOutput {
    creation_date: f64,
    state_machine_version_arn: String,
}

impl Operation for PublishStateMachineVersion {
    const NAME: &'static str = "PublishStateMachineVersion";
    type Input = PublishInput;
    type Output = PublishOutput;
    type Error = StatesError;

    async fn needs(input: &PublishInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = StateMachineArn::parse(&input.state_machine_arn)?;
        on_machine("states:PublishStateMachineVersion", &arn, at).await
    }

    async fn handle(call: Authorized<PublishInput>, at: &Services) -> Result<PublishOutput, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_arn)?;
        let missing = StatesError::StateMachineDoesNotExist(call.state_machine_arn.clone());
        if arn.qualifier.is_some() {
            return Err(missing);
        }
        let (revision, description) = (call.revision_id.clone(), call.description.clone());
        let publish = |record: Option<StateMachineRecord>| {
            let mut record = record.ok_or(missing)?;
            check_publishable(&record, revision.as_deref())?;
            let version = record.publish(description, now());
            let output = PublishOutput {
                creation_date: version.created.epoch_seconds(),
                state_machine_version_arn: arn.with_qualifier(version.number),
            };
            Ok((Some(record), output))
        };
        at.states.change(&arn.account, &arn.name, publish).await
    }
}

fn check_publishable(record: &StateMachineRecord, revision: Option<&str>) -> Result<(), StatesError> {
    if record.is_deleting {
        return Err(StatesError::StateMachineDeleting(record.arn.clone()));
    }
    if record.versions.len() >= VERSIONS_MAX {
        let text = format!("A state machine can have at most {VERSIONS_MAX} versions.");
        return Err(StatesError::ServiceQuotaExceeded(text));
    }
    // AWS: INITIAL names the revision that was never updated.
    let current = record.revision.revision_id.as_deref().unwrap_or("INITIAL");
    match revision {
        Some(expected) if expected != current => {
            let text = format!(
                "Failed to publish the State Machine version for revision {expected}. The current State Machine \
                 revision is {current}."
            );
            Err(StatesError::Conflict(text))
        }
        _ => Ok(()),
    }
}

pub(crate) struct ListStateMachineVersions;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListInput {
    state_machine_arn: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Operation for ListStateMachineVersions {
    const NAME: &'static str = "ListStateMachineVersions";
    type Input = ListInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &ListInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = StateMachineArn::parse(&input.state_machine_arn)?;
        on_machine("states:ListStateMachineVersions", &arn, at).await
    }

    /// Newest first.
    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_arn)?;
        let page = Page::new(call.max_results, call.next_token.as_deref())?;
        let before: u64 = page.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(u64::MAX);
        let record = at.states.find(&arn.account, &arn.name).await?;
        let record =
            record.ok_or_else(|| StatesError::StateMachineDoesNotExist(call.state_machine_arn.clone()))?;
        let versions = record.versions.iter().rev().filter(|version| version.number < before);
        let (versions, next) =
            page.cut(versions.take(page.size + 1).collect(), |version| version.number.to_string());
        let shown = versions.iter().map(|version| {
            json!({
                "stateMachineVersionArn": arn.with_qualifier(version.number),
                "creationDate": version.created.epoch_seconds(),
            })
        });
        Ok(next.into_answer("stateMachineVersions", shown.collect()))
    }
}

pub(crate) struct DeleteStateMachineVersion;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteInput {
    state_machine_version_arn: String,
}

impl Operation for DeleteStateMachineVersion {
    const NAME: &'static str = "DeleteStateMachineVersion";
    type Input = DeleteInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &DeleteInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = StateMachineArn::parse(&input.state_machine_version_arn)?;
        on_machine("states:DeleteStateMachineVersion", &arn, at).await
    }

    /// AWS: deleting what is not there succeeds.
    async fn handle(call: Authorized<DeleteInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_version_arn)?;
        let Some(number) = arn.version() else {
            return Err(StatesError::Validation(format!(
                "'{}' is not the ARN of a state machine version",
                call.state_machine_version_arn
            )));
        };
        let delete = |record: Option<StateMachineRecord>| {
            let Some(mut record) = record else { return Ok((None, json!({}))) };
            check_unreferenced(&record, number)?;
            record.versions.retain(|version| version.number != number);
            Ok((Some(record), json!({})))
        };
        at.states.change(&arn.account, &arn.name, delete).await
    }
}

fn check_unreferenced(record: &StateMachineRecord, number: u64) -> Result<(), StatesError> {
    let names: Vec<&str> = record
        .aliases
        .iter()
        .filter(|alias| alias.routes.iter().any(|route| route.version == number))
        .map(|alias| alias.name.as_str())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(StatesError::Conflict(format!(
        "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: \
         [{}]",
        names.join(", ")
    )))
}
