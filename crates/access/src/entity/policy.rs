//! Customer managed policies.

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use super::Tags;
use crate::directory::{Account, Entity, Table};
use crate::links::{self, Link};

/// A customer managed policy with its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    pub name: String,
    pub path: String,
    /// `ANPA…`
    pub id: String,
    pub arn: String,
    #[serde(default)]
    pub description: Option<String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    #[serde(default)]
    pub tags: Tags,
    /// Oldest first; at most five.
    pub versions: Vec<PolicyVersion>,
    /// The number of the version that counts.
    pub default_version: u32,
    /// The number of the next version: numbers are never used again.
    pub next_version: u32,
}

/// A version of a managed policy: `v1`, `v2`, …
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub number: u32,
    pub document: String,
    pub created: Timestamp,
}

impl ManagedPolicy {
    /// The document that counts.
    pub fn default_document(&self) -> &str {
        let version = self.versions.iter().find(|version| version.number == self.default_version);
        version.map(|version| version.document.as_str()).unwrap_or_default()
    }
}

impl Entity for ManagedPolicy {
    const KIND: &'static str = "iam.policy";

    fn key(&self) -> String {
        self.name.to_lowercase()
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn links(&self) -> Vec<(Link, String)> {
        links::path(Self::KIND, &self.path).into_iter().collect()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.policies
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.policies
    }
}
