//! Services by the names they have: botocore's, the target prefix, the signing name.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

use crate::bundle::Bundle;
use crate::parse;
use crate::shape::Service;

static BUNDLE: Bundle = Bundle::new(include_bytes!("../data/services.bundle"));
/// Stepward's own API, in the same form.
const OWN: (&str, &str) = ("stepward", include_str!("../data/stepward.json"));

static LOADED: OnceLock<Mutex<HashMap<String, &'static Service>>> = OnceLock::new();

/// A service by botocore's name; its model is read on the first call and kept.
pub fn service(name: &str) -> Option<&'static Service> {
    let loaded = LOADED.get_or_init(Mutex::default);
    if let Some(service) = loaded.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
        return Some(service);
    }
    let model = if name == OWN.0 { serde_json::from_str(OWN.1).ok()? } else { BUNDLE.read(name)? };
    let service: &'static Service = Box::leak(Box::new(parse::service(name, &model)?));
    // Two threads may have read the same model; the first one stays.
    let mut loaded = loaded.lock().unwrap_or_else(PoisonError::into_inner);
    Some(loaded.entry(name.to_owned()).or_insert(service))
}

/// The names of all services, sorted.
pub fn service_names() -> Vec<&'static str> {
    BUNDLE.index().keys().map(String::as_str).collect()
}

/// The service whose `X-Amz-Target` begins so.
pub fn by_target_prefix(prefix: &str) -> Option<&'static Service> {
    if prefix == "Stepward" {
        return service(OWN.0);
    }
    service(targets().get(prefix)?)
}

/// The service of a credential scope; where several share the name, the one that is called so.
pub fn by_signing_name(name: &str) -> Option<&'static Service> {
    let common = match name {
        "states" => Some("stepfunctions"),
        "monitoring" => Some("cloudwatch"),
        "stepward" => Some(OWN.0),
        name => BUNDLE
            .index()
            .get_key_value(name)
            .filter(|(_, entry)| has_signing_name(&entry.facts, name))
            .map(|(name, _)| name.as_str()),
    };
    let by_signing_name = || BUNDLE.index().iter().find(|(_, entry)| has_signing_name(&entry.facts, name));
    let found = common.or_else(|| by_signing_name().map(|(name, _)| name.as_str()));
    service(found?)
}

/// Every service of a credential scope: newer APIs of a service often sign as the older one does.
pub fn all_by_signing_name(name: &str) -> impl Iterator<Item = &'static Service> {
    let named = BUNDLE.index().iter().filter(move |(_, entry)| has_signing_name(&entry.facts, name));
    named.filter_map(|(name, _)| service(name))
}

/// What a service of a credential scope is called, e.g. `SFN`, without reading its model.
pub fn service_title(signing_name: &str) -> Option<&'static str> {
    let named = |entry: &&crate::bundle::Entry| has_signing_name(&entry.facts, signing_name);
    let exact = BUNDLE.index().get(signing_name).filter(named);
    let found = exact.or_else(|| BUNDLE.index().values().find(named))?;
    found.facts.get("serviceId").and_then(Value::as_str)
}

fn has_signing_name(facts: &Value, name: &str) -> bool {
    let signing = facts.get("signingName").or_else(|| facts.get("endpointPrefix"));
    signing.and_then(Value::as_str) == Some(name)
}

/// The names of services by target prefix, the first where several share one: looked up for every JSON request.
fn targets() -> &'static HashMap<&'static str, &'static str> {
    static TARGETS: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    TARGETS.get_or_init(|| {
        let mut targets = HashMap::new();
        for (name, entry) in BUNDLE.index() {
            if let Some(prefix) = entry.facts.get("targetPrefix").and_then(Value::as_str) {
                targets.entry(prefix).or_insert(name.as_str());
            }
        }
        targets
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_by_each_of_their_names() {
        assert_eq!(service("stepfunctions").unwrap().target_prefix.as_deref(), Some("AWSStepFunctions"));
        assert_eq!(by_target_prefix("AWSStepFunctions").unwrap().name, "stepfunctions");
        assert_eq!(by_signing_name("states").unwrap().name, "stepfunctions");
        assert_eq!(by_signing_name("iam").unwrap().name, "iam");
        assert_eq!(by_signing_name("lambda").unwrap().name, "lambda");
        assert_eq!(by_target_prefix("Stepward").unwrap().name, "stepward");
        assert!(service("nothing").is_none());
    }

    #[test]
    fn every_model_can_be_read() {
        let unread: Vec<_> = service_names().into_iter().filter(|name| service(name).is_none()).collect();
        assert_eq!(unread, Vec::<&str>::new());
    }
}
