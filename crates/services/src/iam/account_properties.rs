//! Settings of an account by name: `Namespace/Property`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::json;
use stepward_access::{Access, Account, AccountSettings, Authorized};

use super::error::IamError;
use super::{Answer, account, quotas};

#[derive(Deserialize)]
pub(crate) struct NoInput {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutInput {
    properties: BTreeMap<String, String>,
}

operation!(GetAccountProperties(NoInput): |_, asked| {
    let settings = asked.access.read(asked.caller.account(), Account::account_settings);
    Ok(asked.any()?.keys("iam:AccountPropertyNamespaces", namespaces(&settings.properties)))
} => get);
operation!(PutAccountProperties(PutInput): |input, asked| {
    Ok(asked.any()?.keys("iam:AccountPropertyNamespaces", namespaces(&input.properties)))
} => put);

fn namespaces(properties: &BTreeMap<String, String>) -> Vec<String> {
    let namespace = |name: &String| name.split('/').next().unwrap_or_default().to_owned();
    properties.keys().map(namespace).collect::<BTreeSet<_>>().into_iter().collect()
}

async fn get(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let settings = access.read(call.caller().account(), Account::account_settings);
    Ok(json!({"Properties": settings.properties}))
}

async fn put(call: &Authorized<PutInput>, access: &Access) -> Answer {
    for name in call.properties.keys() {
        let is_named = name.split('/').count() == 2 && name.split('/').all(|part| !part.is_empty());
        if !is_named {
            let text = format!("The property {name} must be named Namespace/PropertyName.");
            return Err(IamError::InvalidInput(text));
        }
    }
    if namespaces(&call.properties).len() != 1 {
        let text = "All properties of a request must belong to the same namespace.";
        return Err(IamError::InvalidInput(text.to_owned()));
    }
    let alter = |settings: &mut AccountSettings| {
        settings.properties.extend(call.properties.clone());
        quotas::PROPERTIES.check(settings.properties.len())?;
        Ok(json!({}))
    };
    account::change(access, call.caller().account(), alter).await
}
