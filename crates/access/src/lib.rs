//! Who is calling and what may they do: credentials, sessions, roles, authorization.
//!
//! Owns the identities of every account (kept in memory, written through to the store), the verification of
//! signatures, role assumption, and the one pipeline that makes an `Authorized` value. Refuses to know protocols,
//! status codes and what operations do.
#![allow(clippy::disallowed_methods, reason = "this crate keeps its master key in a file")]

mod access;
mod assume;
mod authenticate;
mod authorize;
mod caller;
mod context;
mod credentials;
mod decisions;
mod directory;
mod entity;
mod error;
mod federated;
mod jwt;
mod last_used;
mod links;
mod message;
mod mfa;
mod needs;
mod organization;
mod outbound;
mod permissions;
mod provider_keys;
mod random;
mod service_role;
mod session;
mod trust;
mod vault;

pub use access::{Access, AccessConfig};
pub use assume::{AssumeRequest, CHAINED_SECONDS_MAX, FederationRequest};
pub use authorize::{Authorized, Denied};
pub use caller::{Authenticated, Caller, Origin, SessionKind};
pub use credentials::Credentials;
pub use decisions::{Cause, DecisionFilter, Decisions, Recorded};
pub use directory::{Account, Edit, Entity, Table};
pub use entity::{
    AccessKey, AccountSettings, Group, InstanceProfile, KeyLastUsed, KeyOwner, LoginProfile, ManagedPolicy,
    MfaDevice, OidcProvider, OrganizationReport, OutboundFederation, OutboundRsaKey, PasswordPolicy,
    PolicyVersion, ReportJob, Role, SamlProvider, ServerCertificate, ServiceCredential, SigningCertificate,
    SshKey, Tags, User,
};
pub use error::{AccessError, AuthenticationError};
pub use federated::FederatedUser;
pub use jwt::{Jwt, JwtError, KeySet};
pub use last_used::{AccountUse, LastUse, LastUses};
pub use links::{Holder, Link, Links, ROOT_USER};
pub use mfa::mfa_seed;
pub use needs::Needs;
pub use organization::{Organization, RootFeature, RootTask};
pub use outbound::SigningAlgorithm;
pub use provider_keys::{FetchKeys, KeysError, ProviderKeys};
pub use random::{UniqueId, access_key_account, fill, letters, secret, unique_id, uuid};
pub use service_role::{AssumeError, ServiceCall};
pub use session::{Session, SessionPrincipal};
pub use trust::TrustError;

#[cfg(test)]
mod tests;
