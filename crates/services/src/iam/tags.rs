//! Tags: AWS's rules for them, and their form on the wire.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::Tags;

use super::error::IamError;
use super::quotas;

/// A tag as it is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// Tags as they are declared for authorization; whether they are valid is checked by who may set them.
pub(crate) fn requested(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// Tags of something new.
pub(crate) fn checked(tags: &[Tag]) -> Result<Tags, IamError> {
    let mut checked = Tags::new();
    for tag in tags {
        let is_twice = checked.keys().any(|key: &String| key.eq_ignore_ascii_case(&tag.key));
        if is_twice {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(IamError::InvalidInput(text.to_owned()));
        }
        checked.insert(tag.key.clone(), tag.value.clone());
    }
    check_keys(checked.keys())?;
    check_count(&checked)?;
    Ok(checked)
}

/// Adds tags to those that are there: a key that differs in case only is the same tag.
pub(crate) fn add(tags: &mut Tags, added: &[Tag]) -> Result<(), IamError> {
    for (key, value) in checked(added)? {
        tags.retain(|known, _| !known.eq_ignore_ascii_case(&key));
        tags.insert(key, value);
    }
    check_count(tags)
}

/// Removes tags by their keys.
pub(crate) fn remove(tags: &mut Tags, keys: &[String]) -> Result<(), IamError> {
    check_keys(keys.iter())?;
    tags.retain(|known, _| !keys.iter().any(|key| key.eq_ignore_ascii_case(known)));
    Ok(())
}

/// The tags as they are answered.
pub(crate) fn shown(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

fn check_keys<'k>(mut keys: impl Iterator<Item = &'k String>) -> Result<(), IamError> {
    let reserved = keys.find(|key| key.to_ascii_lowercase().starts_with("aws:"));
    match reserved {
        Some(_) => {
            Err(IamError::InvalidInput("Tag keys starting with aws: are reserved for system use".to_owned()))
        }
        None => Ok(()),
    }
}

fn check_count(tags: &Tags) -> Result<(), IamError> {
    if tags.len() > quotas::TAGS {
        let text = "The number of tags has reached the maximum limit.";
        return Err(IamError::LimitExceeded(text.to_owned()));
    }
    Ok(())
}
