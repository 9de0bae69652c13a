//! Tags of state machines and activities: the three operations, and the rules for tags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::{ActivityArn, StateMachineArn, states_arn};
use super::record::StateMachineRecord;
use super::rights::{on_activity, on_machine};
use crate::{Operation, Services};

/// AWS quota.
const TAGS_MAX: usize = 50;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tag {
    #[serde(default)]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// Tags by key; refuses too many and those that AWS keeps for itself.
pub(crate) fn to_map(tags: &[Tag]) -> Result<BTreeMap<String, String>, StatesError> {
    let map: BTreeMap<_, _> = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    check(&map)?;
    Ok(map)
}

pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), StatesError> {
    if tags.len() > TAGS_MAX {
        return Err(StatesError::TooManyTags(TAGS_MAX));
    }
    if tags.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        return Err(StatesError::Validation(
            "aws: prefixed tag key names are not allowed for external use.".to_owned(),
        ));
    }
    Ok(())
}

pub(crate) fn from_map(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

pub(crate) struct TagResource;
pub(crate) struct UntagResource;
pub(crate) struct ListTagsForResource;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagInput {
    resource_arn: String,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UntagInput {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListInput {
    resource_arn: String,
}

/// What can carry tags.
enum Tagged {
    Machine(StateMachineArn),
    Activity(ActivityArn),
}

impl Tagged {
    fn parse(text: &str) -> Result<Self, StatesError> {
        let arn = states_arn(text)?;
        match arn.resource().split(':').next() {
            Some("activity") => ActivityArn::parse(text).map(Self::Activity),
            _ => {
                let arn = StateMachineArn::parse(text)?;
                // AWS: versions and aliases have no tags of their own.
                if arn.qualifier.is_some() { Err(missing(text)) } else { Ok(Self::Machine(arn)) }
            }
        }
    }

    async fn needs(text: &str, action: &str, at: &Services) -> Result<Needs, StatesError> {
        match Self::parse(text)? {
            Self::Machine(arn) => on_machine(action, &arn, at).await,
            Self::Activity(arn) => on_activity(action, &arn, at).await,
        }
    }

    async fn tags(text: &str, at: &Services) -> Result<BTreeMap<String, String>, StatesError> {
        match Self::parse(text)? {
            Self::Machine(arn) => {
                let record = at.states.find(&arn.account, &arn.name).await?;
                record.map(|record| record.tags.clone()).ok_or_else(|| missing(text))
            }
            Self::Activity(arn) => {
                at.activities.find(&arn).await?.map(|activity| activity.tags).ok_or_else(|| missing(text))
            }
        }
    }

    async fn change(
        text: &str,
        at: &Services,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> Result<(), StatesError> + Send,
    ) -> Result<Value, StatesError> {
        match Self::parse(text)? {
            Self::Machine(arn) => {
                let write = |record: Option<StateMachineRecord>| {
                    let mut record = record.ok_or_else(|| missing(text))?;
                    change(&mut record.tags)?;
                    Ok((Some(record), ()))
                };
                at.states.change(&arn.account, &arn.name, write).await?;
            }
            Self::Activity(arn) => {
                let mut activity = at.activities.find(&arn).await?.ok_or_else(|| missing(text))?;
                change(&mut activity.tags)?;
                at.activities.put(&arn, &activity).await?;
            }
        }
        Ok(json!({}))
    }
}

fn missing(arn: &str) -> StatesError {
    StatesError::ResourceNotFound(format!("Resource not found: '{arn}'"))
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = TagInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &TagInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let needs = Tagged::needs(&input.resource_arn, "states:TagResource", at).await?;
        Ok(needs.request_tags(&to_map(&input.tags)?))
    }

    async fn handle(call: Authorized<TagInput>, at: &Services) -> Result<Value, StatesError> {
        let added = to_map(&call.tags)?;
        Tagged::change(&call.resource_arn, at, |tags| {
            tags.extend(added);
            check(tags)
        })
        .await
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = UntagInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &UntagInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let needs = Tagged::needs(&input.resource_arn, "states:UntagResource", at).await?;
        Ok(needs.tag_keys(&input.tag_keys))
    }

    async fn handle(call: Authorized<UntagInput>, at: &Services) -> Result<Value, StatesError> {
        Tagged::change(&call.resource_arn, at, |tags| {
            tags.retain(|key, _| !call.tag_keys.contains(key));
            Ok(())
        })
        .await
    }
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Input = ListInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &ListInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        Tagged::needs(&input.resource_arn, "states:ListTagsForResource", at).await
    }

    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, StatesError> {
        Ok(json!({"tags": from_map(&Tagged::tags(&call.resource_arn, at).await?)}))
    }
}
