//! Versions of functions.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_integrations::{FunctionRecord, FunctionVersion, Published};

use super::configuration::shown;
use super::error::LambdaError;
use super::rights::{existing, named, on_function};
use crate::{Operation, Services};

pub(crate) struct PublishVersion;
pub(crate) struct ListVersionsByFunction;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublishInput {
    function_name: String,
    description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    function_name: String,
}

/// Publishes `$LATEST`; what has not changed since the last version is not published again.
pub(crate) fn publish(record: &mut FunctionRecord, description: Option<String>) -> (u64, FunctionVersion) {
    if let Some(last) = record.versions.last().filter(|last| last.version.revision == record.latest.revision)
    {
        return (last.number, last.version.clone());
    }
    let number = record.next_version;
    record.next_version += 1;
    let mut version = record.latest.clone();
    version.description = description.unwrap_or(version.description);
    record.versions.push(Published { number, version: version.clone() });
    (number, version)
}

impl Operation for PublishVersion {
    const NAME: &'static str = "PublishVersion";
    type Input = PublishInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(
        input: &PublishInput,
        caller: &Authenticated,
        at: &Services,
    ) -> Result<Needs, LambdaError> {
        on_function("lambda:PublishVersion", &named(&input.function_name, caller, at)?, at).await
    }

    async fn handle(call: Authorized<PublishInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = named(&call.function_name, call.caller(), at)?;
        let change = |found: Option<FunctionRecord>| {
            let mut record = existing(found, &arn)?;
            let (number, version) = publish(&mut record, call.description.clone());
            let answer = shown(&record, &version, (&format!("{}:{number}", record.arn), &number.to_string()));
            Ok((Some(record), answer))
        };
        at.functions.change(&arn.account, &arn.name, change).await
    }
}

impl Operation for ListVersionsByFunction {
    const NAME: &'static str = "ListVersionsByFunction";
    type Input = ListInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &ListInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        on_function("lambda:ListVersionsByFunction", &named(&input.function_name, caller, at)?, at).await
    }

    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = named(&call.function_name, call.caller(), at)?;
        let record = existing(at.functions.find(&arn.account, &arn.name).await?, &arn)?;
        let version = |version: &FunctionVersion, name: &str| {
            shown(&record, version, (&format!("{}:{name}", record.arn), name))
        };
        let mut versions = vec![version(&record.latest, "$LATEST")];
        versions.extend(
            record
                .versions
                .iter()
                .map(|published| version(&published.version, &published.number.to_string())),
        );
        Ok(json!({"Versions": versions}))
    }
}
