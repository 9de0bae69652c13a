//! Identity providers.

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use super::Tags;
use crate::directory::{Account, Entity, Table};

/// An OpenID Connect provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    pub arn: String,
    /// Without `https://`.
    pub url: String,
    pub client_ids: Vec<String>,
    pub thumbprints: Vec<String>,
    pub created: Timestamp,
    #[serde(default)]
    pub tags: Tags,
}

/// A SAML provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProvider {
    pub arn: String,
    pub name: String,
    pub uuid: String,
    pub metadata: String,
    pub created: Timestamp,
    pub valid_until: Timestamp,
    #[serde(default)]
    pub tags: Tags,
}

impl Entity for OidcProvider {
    const KIND: &'static str = "iam.oidc-provider";
    const HAS_CASE: bool = true;

    fn key(&self) -> String {
        self.arn.clone()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.oidc_providers
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.oidc_providers
    }
}

impl Entity for SamlProvider {
    const KIND: &'static str = "iam.saml-provider";
    const HAS_CASE: bool = true;

    fn key(&self) -> String {
        self.arn.clone()
    }

    fn table(account: &Account) -> &Table<Self> {
        &account.saml_providers
    }

    fn table_mut(account: &mut Account) -> &mut Table<Self> {
        &mut account.saml_providers
    }
}
