//! What an account has once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use crate::directory::{Account, Entity, Table};
use crate::organization::RootFeature;

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
    /// The latest reports about services that an identity used.
    #[serde(default)]
    pub report_jobs: Vec<ReportJob>,
    /// `Namespace/Property` to value.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// What the management account of an organization has switched on.
    #[serde(default)]
    pub root_features: Vec<RootFeature>,
    #[serde(default)]
    pub outbound: Option<OutboundFederation>,
    /// When the management account let the root user set a password again.
    #[serde(default)]
    pub root_login: Option<Timestamp>,
    /// The latest reports about what members of the organization used.
    #[serde(default)]
    pub organization_reports: Vec<OrganizationReport>,
}

/// A report that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportJob {
    pub id: String,
    pub at: Timestamp,
    /// Whom it is about.
    pub arn: String,
    /// `SERVICE_LEVEL` or `ACTION_LEVEL`.
    pub granularity: String,
}

/// A report about an organization that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationReport {
    pub id: String,
    pub at: Timestamp,
    /// The organization, a part of it, or an account in it.
    pub entity_path: String,
}

/// The issuer of an account's identity tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundFederation {
    /// A UUID, part of the issuer's URL.
    pub id: String,
    pub is_enabled: bool,
    pub key_id: String,
    /// PKCS #8, ECDSA P-384.
    pub key_sealed: String,
    /// Absent where federation was enabled before there were such keys, until it is asked for.
    #[serde(default)]
    pub rsa: Option<OutboundRsaKey>,
}

/// The RSA key of an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundRsaKey {
    pub id: String,
    /// PKCS #1, DER.
    pub sealed: String,
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
