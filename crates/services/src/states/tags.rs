//! Tags of state machines and activities: the three operations, and the rules for tags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::StatesError;

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
        return Err(StatesError::Validation("aws: prefixed tag key names are not allowed for external use.".to_owned()));
    }
    Ok(())
}

pub(crate) fn from_map(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}
