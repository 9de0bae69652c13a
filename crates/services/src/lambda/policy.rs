//! Resource policies: AddPermission, GetPolicy, RemovePermission.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_integrations::{FunctionArn, FunctionRecord, Permission};
use stepward_policy::{Policy, PolicyKind};

use super::condition_keys::principals;
use super::error::LambdaError;
use super::rights::{existing, named, on_function, resource_policy};
use crate::time::new_id;
use crate::{Operation, Services};

/// AWS: a function's policy has at most 20 KiB.
const POLICY_BYTES_MAX: usize = 20_480;
const NO_POLICY: &str = "The resource you requested does not exist.";

pub(crate) struct AddPermission;
pub(crate) struct GetPolicy;
pub(crate) struct RemovePermission;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddInput {
    function_name: String,
    qualifier: Option<String>,
    statement_id: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
    #[serde(rename = "PrincipalOrgID")]
    principal_org_id: Option<String>,
    function_url_auth_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInput {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveInput {
    function_name: String,
    qualifier: Option<String>,
    statement_id: String,
}

fn arn(
    name: &str,
    qualifier: Option<&str>,
    caller: &Authenticated,
    at: &Services,
) -> Result<FunctionArn, LambdaError> {
    Ok(named(name, caller, at)?.or_qualifier(qualifier))
}

impl Operation for AddPermission {
    const NAME: &'static str = "AddPermission";
    type Input = AddInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &AddInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        let arn = arn(&input.function_name, input.qualifier.as_deref(), caller, at)?;
        let needs =
            on_function("lambda:AddPermission", &arn, at).await?.key("lambda:Principal", &input.principal);
        Ok(match &input.function_url_auth_type {
            Some(kind) => needs.key("lambda:FunctionUrlAuthType", kind),
            None => needs,
        })
    }

    async fn handle(call: Authorized<AddInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = arn(&call.function_name, call.qualifier.as_deref(), call.caller(), at)?;
        let permission = Permission {
            statement_id: call.statement_id.clone(),
            action: call.action.clone(),
            principal: call.principal.clone(),
            source_arn: call.source_arn.clone(),
            source_account: call.source_account.clone(),
            principal_org_id: call.principal_org_id.clone(),
        };
        let add = |found: Option<FunctionRecord>| {
            let mut record = existing(found, &arn)?;
            let statement = permission.statement(&arn.text());
            let policy = record.policies.entry(arn.qualifier.clone().unwrap_or_default()).or_default();
            if policy.has(&permission.statement_id) {
                let id = &permission.statement_id;
                let text = format!(
                    "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement."
                );
                return Err(LambdaError::Conflict(text));
            }
            policy.statements.push(statement.clone());
            policy.revision = new_id();
            let document = policy.document().to_string();
            if document.len() > POLICY_BYTES_MAX {
                return Err(LambdaError::InvalidParameter(format!(
                    "The final policy size ({}) is bigger than the limit ({POLICY_BYTES_MAX}).",
                    document.len()
                )));
            }
            Policy::parse(&document, PolicyKind::Resource).map_err(|_| {
                LambdaError::InvalidParameter(
                    "The provided principal was invalid. Please check the principal and try again."
                        .to_owned(),
                )
            })?;
            Ok((Some(record), json!({"Statement": statement.to_string()})))
        };
        at.functions.change(&arn.account, &arn.name, add).await
    }
}

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    type Input = GetInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &GetInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        on_function(
            "lambda:GetPolicy",
            &arn(&input.function_name, input.qualifier.as_deref(), caller, at)?,
            at,
        )
        .await
    }

    async fn handle(call: Authorized<GetInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = arn(&call.function_name, call.qualifier.as_deref(), call.caller(), at)?;
        let record = existing(at.functions.find(&arn.account, &arn.name).await?, &arn)?;
        let policy = record.policy(arn.qualifier.as_deref()).filter(|policy| !policy.statements.is_empty());
        let policy = policy.ok_or_else(|| LambdaError::Missing(NO_POLICY.to_owned()))?;
        Ok(json!({"Policy": policy.document().to_string(), "RevisionId": policy.revision}))
    }
}

impl Operation for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    type Input = RemoveInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &RemoveInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        let arn = arn(&input.function_name, input.qualifier.as_deref(), caller, at)?;
        let needs = on_function("lambda:RemovePermission", &arn, at).await?;
        let policy = resource_policy(&arn, at).await?.unwrap_or_default();
        let statements =
            policy.get("Statement").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let statement = statements
            .iter()
            .find(|each| each.get("Sid").and_then(Value::as_str) == Some(input.statement_id.as_str()));
        Ok(match statement {
            Some(statement) => needs.keys("lambda:Principal", principals(statement)),
            None => needs,
        })
    }

    async fn handle(call: Authorized<RemoveInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = arn(&call.function_name, call.qualifier.as_deref(), call.caller(), at)?;
        let remove = |found: Option<FunctionRecord>| {
            let mut record = existing(found, &arn)?;
            let policy = record.policies.get_mut(arn.qualifier.as_deref().unwrap_or_default());
            let policy = policy.filter(|policy| policy.has(&call.statement_id));
            let Some(policy) = policy else {
                let text = format!("Statement {} is not found in resource policy.", call.statement_id);
                return Err(LambdaError::Missing(text));
            };
            policy
                .statements
                .retain(|statement| statement.get("Sid").and_then(Value::as_str) != Some(&call.statement_id));
            policy.revision = new_id();
            Ok((Some(record), json!({})))
        };
        at.functions.change(&arn.account, &arn.name, remove).await
    }
}
