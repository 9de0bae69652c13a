//! The service authorization reference: actions, the resources they act on, the condition keys they know.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Deserialize;

use crate::bundle::Bundle;

static BUNDLE: Bundle = Bundle::new(include_bytes!("../data/authorization.bundle"));
static LOADED: OnceLock<Mutex<HashMap<String, &'static Authorization>>> = OnceLock::new();

/// What IAM knows of a service prefix.
#[derive(Debug, Deserialize)]
pub struct Authorization {
    /// By the action's name, as AWS writes it.
    pub actions: HashMap<String, Action>,
    /// By the resource type's name.
    pub resources: HashMap<String, AuthorizationResource>,
    /// Condition keys with their types.
    pub keys: HashMap<String, Option<String>>,
}

/// One action.
#[derive(Debug, Deserialize)]
pub struct Action {
    /// `Read`, `List`, `Write`, `Tagging` or `Permissions management`.
    pub level: Option<String>,
    /// The resource types it acts on; none means `*`.
    #[serde(default)]
    pub resources: Vec<ActionResource>,
    #[serde(default)]
    pub keys: Vec<String>,
    /// Actions that are needed, too, e.g. `iam:PassRole`.
    #[serde(default)]
    pub dependents: Vec<String>,
}

/// A resource type of an action.
#[derive(Debug, Deserialize)]
pub struct ActionResource {
    pub name: String,
    pub required: bool,
}

/// One resource type.
#[derive(Debug, Deserialize)]
pub struct AuthorizationResource {
    /// With `${Partition}`, `${Region}`, `${Account}` and the service's own variables.
    pub arn: String,
    pub keys: Vec<String>,
}

/// What IAM knows of a service prefix such as `states`.
pub fn authorization(prefix: &str) -> Option<&'static Authorization> {
    let prefix = prefix.to_ascii_lowercase();
    let loaded = LOADED.get_or_init(Mutex::default);
    if let Some(found) = loaded.lock().unwrap_or_else(PoisonError::into_inner).get(&prefix) {
        return Some(found);
    }
    let read: Authorization = serde_json::from_value(BUNDLE.read(&prefix)?).ok()?;
    let mut loaded = loaded.lock().unwrap_or_else(PoisonError::into_inner);
    Some(loaded.entry(prefix).or_insert_with(|| Box::leak(Box::new(read))))
}

/// The same as plain data, for who passes it on rather than decides by it.
pub fn authorization_facts(prefix: &str) -> Option<serde_json::Value> {
    BUNDLE.read(prefix)
}

/// All service prefixes, sorted.
pub fn authorization_prefixes() -> impl Iterator<Item = &'static str> {
    BUNDLE.index().keys().map(String::as_str)
}

impl Authorization {
    /// An action, whatever its case.
    pub fn action(&self, name: &str) -> Option<(&str, &Action)> {
        let exact = self.actions.get_key_value(name);
        let found = exact.or_else(|| self.actions.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)));
        found.map(|(name, action)| (name.as_str(), action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_know_their_resources_and_keys() {
        let states = authorization("states").unwrap();
        let (name, action) = states.action("startexecution").unwrap();
        assert_eq!(name, "StartExecution");
        assert!(action.resources.iter().any(|resource| resource.name == "statemachine"));
        assert!(states.resources["statemachine"].arn.starts_with("arn:${Partition}:states:"));
        assert!(authorization_prefixes().all(|prefix| authorization(prefix).is_some()));
    }
}
