//! Groups and instance profiles.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use super::Tags;
use crate::directory::{Account, Entity, Table};
use crate::links::{self, Link};

/// A group of users. Who is in it is kept with the users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    pub path: String,
    /// `AGPA…`
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
    #[serde(default)]
    pub inline: BTreeMap<String, String>,
    #[serde(default)]
    pub attached: Vec<String>,
}

/// What hands a role to an EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    pub name: String,
    pub path: String,
    /// `AIPA…`
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
    /// Name of the role; AWS allows one.
    #[serde(default)]
    pub role: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

impl Entity for Group {
    const KIND: &'static str = "iam.group";

    fn key(&self) -> String {
        self.name.to_lowercase()
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn links(&self) -> Vec<(Link, String)> {
        links::policies(&self.attached, None).into_iter().chain(links::path(Self::KIND, &self.path)).collect()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.groups
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.groups
    }
}

impl Entity for InstanceProfile {
    const KIND: &'static str = "iam.instance-profile";

    fn key(&self) -> String {
        self.name.to_lowercase()
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn links(&self) -> Vec<(Link, String)> {
        let role = self.role.as_ref().map(|role| (Link::Profile, role.to_lowercase()));
        role.into_iter().chain(links::path(Self::KIND, &self.path)).collect()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.instance_profiles
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.instance_profiles
    }
}
