//! AWS managed policies: the real documents.

use std::ops::Bound;

use serde_json::Value;

use crate::bundle::Bundle;

static BUNDLE: Bundle = Bundle::new(include_bytes!("../data/managed_policies.bundle"));

/// An AWS managed policy.
#[derive(Clone, Debug)]
pub struct ManagedPolicy {
    pub name: String,
    /// e.g. `/service-role/`.
    pub path: String,
    /// `arn:aws:iam::aws:policy/…`
    pub arn: String,
    pub policy_id: Option<String>,
    /// e.g. `v4`.
    pub version: String,
    /// ISO 8601.
    pub created: String,
    pub updated: String,
    pub document: Value,
}

/// The names of all managed policies, sorted.
pub fn managed_policies() -> impl Iterator<Item = &'static str> {
    BUNDLE.index().keys().map(String::as_str)
}

/// The names behind a name.
pub fn managed_policies_after(name: Option<&str>) -> impl Iterator<Item = &'static str> + use<> {
    let start = name.map_or(Bound::Unbounded, Bound::Excluded);
    BUNDLE.index().range::<str, _>((start, Bound::Unbounded)).map(|(name, _)| name.as_str())
}

/// A managed policy by its name or its ARN.
pub fn managed_policy(name_or_arn: &str) -> Option<ManagedPolicy> {
    let is_arn = name_or_arn.starts_with("arn:");
    if is_arn && !name_or_arn.starts_with("arn:aws:iam::aws:policy/") {
        return None;
    }
    let name = name_or_arn.rsplit('/').next()?;
    let entry = BUNDLE.read(name)?;
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let path = text("Path").unwrap_or_else(|| "/".to_owned());
    let arn = format!("arn:aws:iam::aws:policy{path}{name}");
    if is_arn && arn != name_or_arn {
        return None;
    }
    let created = text("CreateDate").unwrap_or_default();
    Some(ManagedPolicy {
        name: name.to_owned(),
        path,
        arn,
        policy_id: text("PolicyId"),
        version: text("DefaultVersionId").unwrap_or_else(|| "v1".to_owned()),
        updated: text("UpdateDate").unwrap_or_else(|| created.clone()),
        created,
        document: entry.get("Document").cloned().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_managed_policy_is_found_by_its_name_and_its_arn() {
        let policy = managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaRole").unwrap();
        assert_eq!(policy.document["Statement"][0]["Action"][0], "lambda:InvokeFunction");
        assert_eq!(managed_policy("AWSLambdaRole").unwrap().arn, policy.arn);
        assert!(managed_policy("arn:aws:iam::aws:policy/AWSLambdaRole").is_none());
        assert!(managed_policy("arn:aws:iam::123456789012:policy/AWSLambdaRole").is_none());
        assert!(managed_policies().count() > 1_000);
    }
}
