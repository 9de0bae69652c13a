//! Tags of functions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_integrations::FunctionRecord;

use super::error::LambdaError;
use super::rights::{existing, named, on_function};
use crate::{Operation, Services};

/// AWS quota.
const TAGS_MAX: usize = 50;

pub(crate) struct TagResource;
pub(crate) struct UntagResource;
pub(crate) struct ListTags;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagInput {
    resource: String,
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagInput {
    resource: String,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    resource: String,
}

async fn change(
    resource: &str,
    caller: &Authenticated,
    at: &Services,
    change: impl FnOnce(&mut BTreeMap<String, String>) + Send,
) -> Result<Value, LambdaError> {
    let arn = named(resource, caller, at)?;
    let write = |found: Option<FunctionRecord>| {
        let mut record = existing(found, &arn)?;
        change(&mut record.tags);
        if record.tags.len() > TAGS_MAX {
            return Err(LambdaError::InvalidParameter(format!(
                "A function can have at most {TAGS_MAX} tags"
            )));
        }
        Ok((Some(record), json!({})))
    };
    at.functions.change(&arn.account, &arn.name, write).await
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = TagInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &TagInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        let needs = on_function("lambda:TagResource", &named(&input.resource, caller, at)?, at).await?;
        Ok(needs.request_tags(&input.tags))
    }

    async fn handle(call: Authorized<TagInput>, at: &Services) -> Result<Value, LambdaError> {
        change(&call.resource, call.caller(), at, |tags| tags.extend(call.tags.clone())).await
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = UntagInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &UntagInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        let needs = on_function("lambda:UntagResource", &named(&input.resource, caller, at)?, at).await?;
        Ok(needs.tag_keys(&input.tag_keys))
    }

    async fn handle(call: Authorized<UntagInput>, at: &Services) -> Result<Value, LambdaError> {
        change(&call.resource, call.caller(), at, |tags| tags.retain(|key, _| !call.tag_keys.contains(key)))
            .await
    }
}

impl Operation for ListTags {
    const NAME: &'static str = "ListTags";
    type Input = ListInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &ListInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        on_function("lambda:ListTags", &named(&input.resource, caller, at)?, at).await
    }

    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = named(&call.resource, call.caller(), at)?;
        let record = existing(at.functions.find(&arn.account, &arn.name).await?, &arn)?;
        Ok(json!({"Tags": record.tags}))
    }
}
