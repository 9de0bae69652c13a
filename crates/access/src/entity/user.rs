//! Users, and the credentials of theirs that are not access keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use super::{SigningCertificate, Tags};
use crate::directory::{Account, Entity, Table};
use crate::links::{self, Link};

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// `AIDA…`
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
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
    /// Names of the groups that the user is in.
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub password_last_used: Option<Timestamp>,
    #[serde(default)]
    pub login: Option<LoginProfile>,
    #[serde(default)]
    pub ssh_keys: Vec<SshKey>,
    #[serde(default)]
    pub signing_certificates: Vec<SigningCertificate>,
    #[serde(default)]
    pub service_credentials: Vec<ServiceCredential>,
}

/// A console password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    pub created: Timestamp,
    /// Salt and PBKDF2 hash, base64.
    pub password_hash: String,
    pub reset_required: bool,
}

/// A public key for CodeCommit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshKey {
    /// `APKA…`
    pub id: String,
    pub body: String,
    pub fingerprint: String,
    pub active: bool,
    pub uploaded: Timestamp,
}

/// A user name and password for one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCredential {
    /// `ACCA…`
    pub id: String,
    pub service: String,
    pub service_user_name: String,
    pub password_sealed: String,
    pub active: bool,
    pub created: Timestamp,
    /// Set when it was made with an age.
    #[serde(default)]
    pub expires: Option<Timestamp>,
}

/// A virtual MFA device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// The ARN.
    pub serial_number: String,
    pub seed_sealed: String,
    pub created: Timestamp,
    /// Name of the user, or `<root>`, once it is enabled.
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    pub enabled: Option<Timestamp>,
    /// The 30-second step of the code that was used last: no code counts twice.
    #[serde(default)]
    pub last_step: u64,
    /// How many steps the device's clock is ahead of ours, as it was when the device was enabled or resynchronized.
    #[serde(default)]
    pub steps_ahead: i64,
    #[serde(default)]
    pub tags: Tags,
}

impl Entity for User {
    const KIND: &'static str = "iam.user";

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
        let groups = self.groups.iter().map(|group| (Link::Member, group.to_lowercase()));
        links::policies(&self.attached, self.boundary.as_ref())
            .into_iter()
            .chain(groups)
            .chain(links::path(Self::KIND, &self.path))
            .collect()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.users
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.users
    }
}

impl Entity for MfaDevice {
    const KIND: &'static str = "iam.mfa-device";
    const HAS_CASE: bool = true;

    fn key(&self) -> String {
        self.serial_number.clone()
    }

    fn links(&self) -> Vec<(Link, String)> {
        self.user.iter().map(|user| (Link::Device, user.to_lowercase())).collect()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.mfa_devices
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.mfa_devices
    }
}
