//! The identities of an account and what belongs to them, as they are stored.

mod account;
mod certificate;
mod group;
mod key;
mod policy;
mod provider;
mod role;
mod user;

use std::collections::BTreeMap;

pub use account::{
    AccountSettings, OrganizationReport, OutboundFederation, OutboundRsaKey, PasswordPolicy, ReportJob,
};
pub use certificate::{ServerCertificate, SigningCertificate};
pub use group::{Group, InstanceProfile};
pub use key::{AccessKey, KeyLastUsed, KeyOwner};
pub use policy::{ManagedPolicy, PolicyVersion};
pub use provider::{OidcProvider, SamlProvider};
pub use role::Role;
pub use user::{LoginProfile, MfaDevice, ServiceCredential, SshKey, User};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;
