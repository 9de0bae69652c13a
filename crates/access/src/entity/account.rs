//! What an account has once.

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use crate::directory::{Account, Entity, Table};

/// The settings of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSettings {
    #[serde(default)]
    pub alias: Option<String>,
    #[serde(default)]
    pub password_policy: Option<PasswordPolicy>,
    /// `v1Token` or `v2Token`.
    #[serde(default)]
    pub token_version: Option<String>,
    #[serde(default)]
    pub credential_report: Option<(Timestamp, String)>,
    /// Ids of deletion tasks of service-linked roles.
    #[serde(default)]
    pub deletion_tasks: Vec<String>,
    /// Reports about services that an identity used: id, time and ARN; the latest hundred.
    #[serde(default)]
    pub last_accessed_jobs: Vec<(String, Timestamp, String)>,
}

/// Rules for console passwords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    pub length_min: u32,
    pub symbols: bool,
    pub numbers: bool,
    pub uppercase: bool,
    pub lowercase: bool,
    pub users_may_change: bool,
    #[serde(default)]
    pub age_days_max: Option<u32>,
    #[serde(default)]
    pub reuse_prevention: Option<u32>,
    #[serde(default)]
    pub hard_expiry: Option<bool>,
}

impl Entity for AccountSettings {
    const KIND: &'static str = "iam.account";

    fn key(&self) -> String {
        "settings".to_owned()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.settings
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.settings
    }
}
