//! The request context: what the case says, and what AWS puts into every request of such a principal.

use std::time::SystemTime;

use anyhow::{Result, bail};
use serde_json::Value;
use stepward_policy::{Context, Principal};
use stepward_types::Timestamp;

pub(super) fn read(given: Option<&Value>, principal: &Principal, owner: Option<&str>) -> Result<Context> {
    let mut context = Context::new();
    match given {
        None | Some(Value::Null) => {}
        Some(Value::Object(keys)) => {
            for (key, value) in keys {
                if let Some(values) = values(key, value)? {
                    context.set(key, values);
                }
            }
        }
        Some(_) => bail!("'request.context' must be an object of condition keys"),
    }
    add_principal(principal, &mut context);
    if let Some(owner) = owner {
        context.set_default("aws:ResourceAccount", owner);
    }
    add_time(&mut context);
    Ok(context)
}

/// The values of a key; none for null, which is a key that is absent.
fn values(key: &str, value: &Value) -> Result<Option<Vec<String>>> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => bail!("'request.context.{key}' must be a text, a number, a boolean or a list of them"),
    };
    Ok(match value {
        Value::Null => None,
        Value::Array(items) => Some(items.iter().map(scalar).collect::<Result<_>>()?),
        value => Some(vec![scalar(value)?]),
    })
}

fn add_principal(principal: &Principal, context: &mut Context) {
    if let Some(arn) = principal.principal_arn() {
        context.set_default("aws:PrincipalArn", arn);
    }
    match principal {
        Principal::Anonymous => {
            context.set_default("aws:PrincipalAccount", "anonymous");
            context.set_default("aws:userid", "anonymous");
        }
        Principal::Root { account } => context.set_default("aws:userid", account),
        Principal::User { arn, .. } => {
            context.set_default("aws:username", arn.rsplit('/').next().unwrap_or_default());
        }
        Principal::Service { name } => context.set_default("aws:PrincipalServiceName", name),
        _ => {}
    }
    if let Some(account) = principal.account() {
        context.set_default("aws:PrincipalAccount", account);
    }
    context.set_default("aws:PrincipalType", principal.principal_type());
    // AWS: in every request that is signed.
    if !matches!(principal, Principal::Anonymous) {
        let is_service = matches!(principal, Principal::Service { .. });
        context.set_default("aws:PrincipalIsAWSService", is_service.to_string());
    }
    context.set_default("aws:ViaAWSService", "false");
}

fn add_time(context: &mut Context) {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
    context.set_default("aws:CurrentTime", Timestamp::from_millis(millis).to_rfc3339_seconds());
    context.set_default("aws:EpochTime", since_1970.as_secs().to_string());
}
