//! Aliases of functions: a name for a version.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_integrations::{FunctionArn, FunctionRecord};

use super::error::LambdaError;
use super::rights::{existing, named, on_function};
use crate::{Operation, Services};

pub(crate) struct CreateAlias;
pub(crate) struct UpdateAlias;
pub(crate) struct GetAlias;
pub(crate) struct DeleteAlias;
pub(crate) struct ListAliases;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AliasInput {
    function_name: String,
    name: String,
    function_version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    function_name: String,
    function_version: Option<String>,
}

fn shown(record: &FunctionRecord, name: &str, version: &str) -> Value {
    json!({
        "AliasArn": format!("{}:{name}", record.arn),
        "Name": name,
        "FunctionVersion": version,
        "Description": "",
        "RevisionId": record.latest.revision,
    })
}

fn check_version(record: &FunctionRecord, version: &str) -> Result<(), LambdaError> {
    let is_there = record.version(Some(version)).is_some() && !record.aliases.contains_key(version);
    if is_there { Ok(()) } else { Err(LambdaError::NotFound(format!("{}:{version}", record.arn))) }
}

fn missing(arn: &FunctionArn, name: &str) -> LambdaError {
    LambdaError::Missing(format!("Cannot find alias arn: {}:{name}", arn.unqualified()))
}

async fn needs(
    action: &str,
    name: &str,
    caller: &Authenticated,
    at: &Services,
) -> Result<Needs, LambdaError> {
    on_function(action, &named(name, caller, at)?, at).await
}

/// Changes an alias of an existing function.
async fn change(
    call: &AliasInput,
    caller: &Authenticated,
    at: &Services,
    change: impl FnOnce(&mut FunctionRecord, &FunctionArn) -> Result<Value, LambdaError> + Send,
) -> Result<Value, LambdaError> {
    let arn = named(&call.function_name, caller, at)?;
    let write = |found: Option<FunctionRecord>| {
        let mut record = existing(found, &arn)?;
        let answer = change(&mut record, &arn)?;
        Ok((Some(record), answer))
    };
    at.functions.change(&arn.account, &arn.name, write).await
}

impl Operation for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    type Input = AliasInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &AliasInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        needs("lambda:CreateAlias", &input.function_name, caller, at).await
    }

    async fn handle(call: Authorized<AliasInput>, at: &Services) -> Result<Value, LambdaError> {
        change(&call, call.caller(), at, |record, arn| {
            let version = call.function_version.clone().unwrap_or_default();
            check_version(record, &version)?;
            if record.aliases.contains_key(&call.name) {
                return Err(LambdaError::Conflict(format!(
                    "Alias already exists: {}:{}",
                    arn.unqualified(),
                    call.name
                )));
            }
            record.aliases.insert(call.name.clone(), version.clone());
            Ok(shown(record, &call.name, &version))
        })
        .await
    }
}

impl Operation for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    type Input = AliasInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &AliasInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        needs("lambda:UpdateAlias", &input.function_name, caller, at).await
    }

    async fn handle(call: Authorized<AliasInput>, at: &Services) -> Result<Value, LambdaError> {
        change(&call, call.caller(), at, |record, arn| {
            let current = record.aliases.get(&call.name).cloned().ok_or_else(|| missing(arn, &call.name))?;
            let version = call.function_version.clone().unwrap_or(current);
            check_version(record, &version)?;
            record.aliases.insert(call.name.clone(), version.clone());
            Ok(shown(record, &call.name, &version))
        })
        .await
    }
}

impl Operation for GetAlias {
    const NAME: &'static str = "GetAlias";
    type Input = AliasInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &AliasInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        needs("lambda:GetAlias", &input.function_name, caller, at).await
    }

    async fn handle(call: Authorized<AliasInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = named(&call.function_name, call.caller(), at)?;
        let record = existing(at.functions.find(&arn.account, &arn.name).await?, &arn)?;
        let version = record.aliases.get(&call.name).ok_or_else(|| missing(&arn, &call.name))?;
        Ok(shown(&record, &call.name, version))
    }
}

impl Operation for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    type Input = AliasInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &AliasInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        needs("lambda:DeleteAlias", &input.function_name, caller, at).await
    }

    async fn handle(call: Authorized<AliasInput>, at: &Services) -> Result<Value, LambdaError> {
        change(&call, call.caller(), at, |record, _| {
            record.aliases.remove(&call.name);
            record.policies.remove(&call.name);
            Ok(json!({}))
        })
        .await
    }
}

impl Operation for ListAliases {
    const NAME: &'static str = "ListAliases";
    type Input = ListInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &ListInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        needs("lambda:ListAliases", &input.function_name, caller, at).await
    }

    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = named(&call.function_name, call.caller(), at)?;
        let record = existing(at.functions.find(&arn.account, &arn.name).await?, &arn)?;
        let wanted = |version: &String| call.function_version.as_ref().is_none_or(|wanted| wanted == version);
        let aliases = record.aliases.iter().filter(|(_, version)| wanted(version));
        Ok(
            json!({"Aliases": aliases.map(|(name, version)| shown(&record, name, version)).collect::<Vec<_>>()}),
        )
    }
}
