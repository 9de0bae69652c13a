//! Access keys.

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use crate::directory::{Account, Entity, Table};

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

    fn table(account: &Account) -> &Table<Self> {
        &account.access_keys
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.access_keys
    }
}
