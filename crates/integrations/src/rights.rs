//! The rights that an API call needs: action, resource and condition keys, as IAM's documentation of the service has
//! them.
//!
//! The service authorization reference gives most of them. Services whose resources it does not lead to have a file
//! each. What cannot be found is authorized on `*`, and the decision has a mark of it: `stepward:ResourceNotDerived`.

mod apigateway;
mod athena;
mod batch;
mod codebuild;
mod dynamodb;
mod ecs;
mod events;
mod jobs;
mod keys;
mod kms;
mod logs;
mod pass_role;
mod policies;
mod question;
mod reference;
mod s3;
mod secretsmanager;
mod sns;
mod sqs;
mod ssm;
mod tags;
mod via;

pub(crate) use policies::compiled;
use serde_json::Value;
use stepward_access::Needs;

use crate::calls::ApiCall;
use crate::lookup::Lookup;

/// One right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Right {
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) keys: Vec<(String, Vec<String>)>,
}

impl Right {
    fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), keys: Vec::new() }
    }

    fn key(mut self, name: &str, value: &str) -> Self {
        self.keys.push((name.to_owned(), vec![value.to_owned()]));
        self
    }

    fn keys(mut self, name: &str, values: Vec<String>) -> Self {
        if !values.is_empty() {
            self.keys.push((name.to_owned(), values));
        }
        self
    }

    /// A key whose value is a member of the input, where it is there.
    fn member_key(self, name: &str, value: &Value) -> Self {
        match value {
            Value::String(text) => self.key(name, text),
            Value::Number(_) | Value::Bool(_) => self.key(name, &value.to_string()),
            _ => self,
        }
    }
}

/// Condition keys of a request, whatever it asks for: how it was signed, who made it.
pub type RequestKeys = Vec<(String, String)>;

/// The rights of a call, with the policies of the resources that have some.
pub(crate) async fn rights(call: &ApiCall, lookup: &Lookup<'_>, request: &RequestKeys) -> Needs {
    let mut found = of_service(call, lookup).await.unwrap_or_else(|| reference::rights(call));
    let on_keys = via::rights(call, &found, lookup).await;
    found.extend(on_keys);
    found.extend(pass_role::rights(call, lookup).await);
    found.iter_mut().for_each(|right| keys::fill(right, call));
    let here: Vec<Right> = found.iter().filter_map(|right| of_own_region(right, &call.region)).collect();
    found.extend(here);
    let mut needs = Needs::default();
    for mut right in found {
        let policy = policies::of(&right, call, lookup).await;
        let of_resource = policy.as_ref().and_then(|(policy, _)| policy.as_deref());
        if of_resource.is_some_and(|policy| policy.reads_resource_tags(&right.action))
            || lookup.caller_reads_tags(&right.action)
        {
            tags::fill(&mut right, call, lookup).await;
        }
        needs = needs.and(&right.action, &right.resource);
        // Roles tell their account themselves; everything else belongs to who owns what the backend holds.
        if !right.resource.starts_with("arn:") || right.resource.starts_with("arn:aws:s3:::") {
            needs = needs.resource_account(&call.account);
        }
        for (name, value) in request {
            needs = needs.key(name, value);
        }
        for (name, values) in right.keys {
            needs = needs.keys(name, values);
        }
        if let Some((policy, must_allow)) = policy {
            let name = format!("of {}", right.resource);
            needs = if must_allow {
                needs.trust_policy(&name, policy)
            } else {
                needs.resource_policy(&name, policy)
            };
        }
    }
    needs
}

/// The right on what is named by an ARN of another Region, in this one: the backend that is asked may read no more than
/// the name.
fn of_own_region(right: &Right, region: &str) -> Option<Right> {
    let parts: Vec<&str> = right.resource.splitn(6, ':').collect();
    let [arn, partition, service, other, account, rest] = parts.as_slice() else { return None };
    let is_other = !other.is_empty() && *other != region;
    let resource = [arn, partition, service, region, account, rest].join(":");
    is_other.then(|| Right { resource, ..right.clone() })
}

/// What a file of its own says of a call; nothing where the reference is to say it.
async fn of_service(call: &ApiCall, lookup: &Lookup<'_>) -> Option<Vec<Right>> {
    match call.service.name.as_str() {
        "apigateway" | "apigatewayv2" => apigateway::rights(call),
        "athena" => athena::rights(call, lookup).await,
        "batch" => batch::rights(call),
        "codebuild" => codebuild::rights(call),
        "dynamodb" => dynamodb::rights(call, lookup).await,
        "ecs" => ecs::rights(call),
        "events" => events::rights(call),
        "bedrock" | "databrew" | "eks" | "emr" | "emr-containers" | "mediaconvert" => {
            jobs::rights(call, lookup).await
        }
        "kms" => kms::rights(call, lookup).await,
        "logs" => logs::rights(call),
        "s3" => s3::rights(call),
        "secretsmanager" => secretsmanager::rights(call, lookup).await,
        "sns" => sns::rights(call),
        "sqs" => sqs::rights(call),
        "ssm" => ssm::rights(call),
        _ => None,
    }
}

/// A member of the input that is text and not empty.
fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A list member of the input.
fn list<'a>(input: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    input.get(name).and_then(Value::as_array).into_iter().flatten()
}

impl ApiCall {
    /// An ARN of the call's account and Region: of what was given, where it is one already.
    fn arn(&self, service: &str, kind: &str, given: &str) -> String {
        if given.starts_with("arn:") {
            return given.to_owned();
        }
        format!("arn:aws:{service}:{}:{}:{kind}{given}", self.region, self.account)
    }
}

#[cfg(test)]
mod tests;
