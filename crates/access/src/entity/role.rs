//! Roles.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use super::Tags;
use crate::directory::{Account, Entity, Table};
use crate::links::{self, Link};

/// An IAM role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// `AROA…`
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
    /// The trust policy; the ARNs of users and roles among its principals are kept as their unique ids.
    pub trust: String,
    #[serde(default)]
    pub description: Option<String>,
    /// 3,600 to 43,200.
    pub session_seconds_max: u32,
    #[serde(default)]
    pub tags: Tags,
    /// Inline policies: name to document.
    #[serde(default)]
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies, oldest first.
    #[serde(default)]
    pub attached: Vec<String>,
    /// ARN of the managed policy that is the boundary.
    #[serde(default)]
    pub boundary: Option<String>,
}

impl Entity for Role {
    const KIND: &'static str = "iam.role";

    fn key(&self) -> String {
        self.name.to_lowercase()
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn trusted(&self) -> Option<(&str, &str)> {
        Some((&self.id, &self.arn))
    }

    fn links(&self) -> Vec<(Link, String)> {
        links::policies(&self.attached, self.boundary.as_ref())
            .into_iter()
            .chain(links::path(Self::KIND, &self.path))
            .collect()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.roles
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.roles
    }
}
