//! Access keys.

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use crate::directory::{Account, Entity, Table};
use crate::links::{Link, ROOT_USER};

/// A long-lived access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    pub owner: KeyOwner,
    pub secret_sealed: String,
    pub active: bool,
    pub created: Timestamp,
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyOwner {
    Root,
    /// The name of a user.
    User(String),
}

impl KeyOwner {
    /// What keys are linked to.
    pub fn target(&self) -> String {
        match self {
            Self::Root => ROOT_USER.to_owned(),
            Self::User(name) => name.to_lowercase(),
        }
    }
}

/// The last request that a key signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLastUsed {
    pub at: Timestamp,
    pub region: String,
    pub service: String,
}

impl Entity for AccessKey {
    const KIND: &'static str = "iam.access-key";
    const HAS_CASE: bool = true;

    fn key(&self) -> String {
        self.id.clone()
    }

    fn links(&self) -> Vec<(Link, String)> {
        vec![(Link::Key, self.owner.target())]
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.access_keys
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.access_keys
    }
}
