//! Certificates.

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use super::Tags;
use crate::directory::{Account, Entity, Table};
use crate::links::{self, Link};

/// A TLS certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificate {
    pub name: String,
    pub path: String,
    /// `ASCA…`
    pub id: String,
    pub arn: String,
    pub body: String,
    #[serde(default)]
    pub chain: Option<String>,
    pub private_key_sealed: String,
    pub uploaded: Timestamp,
    /// When the certificate ends.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    #[serde(default)]
    pub tags: Tags,
}

/// A certificate with which a user signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningCertificate {
    pub id: String,
    pub body: String,
    pub active: bool,
    pub uploaded: Timestamp,
}

impl Entity for ServerCertificate {
    const KIND: &'static str = "iam.server-certificate";

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
        &account.server_certificates
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.server_certificates
    }
}
