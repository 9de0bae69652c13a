//! Functions: what is kept of them, and the names that they have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use crate::resource_policy::ResourcePolicy;

/// A function with its versions and aliases.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FunctionRecord {
    pub name: String,
    /// Without qualifier.
    pub arn: String,
    /// `$LATEST`.
    pub latest: FunctionVersion,
    pub versions: Vec<Published>,
    /// Alias name to version.
    pub aliases: BTreeMap<String, String>,
    pub next_version: u64,
    pub tags: BTreeMap<String, String>,
    /// Resource policies: of the function (under the empty name) and of its versions and aliases.
    pub policies: BTreeMap<String, ResourcePolicy>,
}

/// What runs: code and configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunctionVersion {
    pub runtime: String,
    pub role: String,
    pub handler: String,
    pub description: String,
    /// Seconds.
    pub timeout: u32,
    /// MiB.
    pub memory: u32,
    pub environment: BTreeMap<String, String>,
    pub code: FunctionCode,
    pub modified: Timestamp,
    /// Changes with every change.
    pub revision: String,
}

/// The code of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionCode {
    /// Base64 of the package's SHA-256, as the API shows it.
    pub sha256: String,
    /// The name under which it is unpacked: the same hash in hexadecimal.
    pub name: String,
    /// Bytes of the package.
    pub size: u64,
}

/// A version that no longer changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Published {
    pub number: u64,
    pub version: FunctionVersion,
}

/// How a function was named: by name, by partial ARN or by ARN, each perhaps with a qualifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionArn {
    pub region: String,
    pub account: String,
    pub name: String,
    pub qualifier: Option<String>,
}

impl FunctionArn {
    /// Reads `name`, `account:function:name` or an ARN, each with an optional `:qualifier`.
    pub fn parse(text: &str, region: &str, account: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (region, account, rest) = match parts.as_slice() {
            ["arn", _, "lambda", region, account, "function", rest @ ..] => (*region, *account, rest),
            [account, "function", rest @ ..] => (region, *account, rest),
            rest => (region, account, rest),
        };
        let (name, qualifier) = match rest {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some((*qualifier).to_owned())),
            _ => return None,
        };
        let is_name = !name.is_empty()
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
        is_name.then(|| Self {
            region: region.to_owned(),
            account: account.to_owned(),
            name: name.to_owned(),
            qualifier,
        })
    }

    /// The same with a qualifier, unless it has one.
    #[must_use]
    pub fn or_qualifier(mut self, qualifier: Option<&str>) -> Self {
        self.qualifier = self.qualifier.or_else(|| qualifier.map(str::to_owned));
        self
    }

    /// Without qualifier.
    pub fn unqualified(&self) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", self.region, self.account, self.name)
    }

    /// With its qualifier, if it has one.
    pub fn text(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.unqualified()),
            None => self.unqualified(),
        }
    }
}

impl FunctionRecord {
    /// The version that a qualifier names, with the version's name.
    pub fn version(&self, qualifier: Option<&str>) -> Option<(&FunctionVersion, String)> {
        let name = match qualifier {
            None | Some("$LATEST") => return Some((&self.latest, "$LATEST".to_owned())),
            Some(qualifier) => self.aliases.get(qualifier).map_or(qualifier, String::as_str),
        };
        if name == "$LATEST" {
            return Some((&self.latest, name.to_owned()));
        }
        let number: u64 = name.parse().ok()?;
        let published = self.versions.iter().find(|published| published.number == number)?;
        Some((&published.version, name.to_owned()))
    }

    /// The resource policy that guards a qualifier. AWS: each version and alias has its own.
    pub fn policy(&self, qualifier: Option<&str>) -> Option<&ResourcePolicy> {
        self.policies.get(qualifier.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        FunctionArn::parse(text, "us-east-1", "111122223333").map(|arn| arn.text())
    }

    #[test]
    fn a_function_has_names_of_three_forms() {
        let arn = "arn:aws:lambda:us-east-1:111122223333:function:f";
        assert_eq!(parse("f").as_deref(), Some(arn));
        assert_eq!(parse("111122223333:function:f").as_deref(), Some(arn));
        assert_eq!(parse(arn).as_deref(), Some(arn));
        let qualified = format!("{arn}:live");
        assert_eq!(parse("f:live").as_deref(), Some(qualified.as_str()));
        assert_eq!(parse(&qualified).as_deref(), Some(qualified.as_str()));
        for text in ["", "a b", "a:b:c", "arn:aws:lambda:us-east-1:111122223333:layer:l"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
