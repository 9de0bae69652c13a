//! AWS's quotas for IAM, in one place (AWS: IAM and AWS STS quotas).
//!
//! What one entity may hold is AWS's default, so that what is accepted here is accepted by an account for which
//! nobody asked for more. How many entities an account may have is the most that AWS grants.

use super::error::IamError;

/// A quota, by the name that AWS's refusal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    name: &'static str,
    pub(crate) max: usize,
}

const fn quota(name: &'static str, max: usize) -> Quota {
    Quota { name, max }
}

pub(crate) const USERS: Quota = quota("UsersPerAccount", 5_000);
pub(crate) const GROUPS: Quota = quota("GroupsPerAccount", 500);
pub(crate) const ROLES: Quota = quota("RolesPerAccount", 10_000);
pub(crate) const POLICIES: Quota = quota("PoliciesPerAccount", 10_000);
pub(crate) const INSTANCE_PROFILES: Quota = quota("InstanceProfilesPerAccount", 5_000);
pub(crate) const SERVER_CERTIFICATES: Quota = quota("ServerCertificatesPerAccount", 20);
pub(crate) const OIDC_PROVIDERS: Quota = quota("OpenIdConnectProvidersPerAccount", 100);
pub(crate) const SAML_PROVIDERS: Quota = quota("SAMLProvidersPerAccount", 100);
/// AWS: as many as there may be users.
pub(crate) const MFA_DEVICES: Quota = quota("MFADevicesPerAccount", USERS.max);
pub(crate) const PROPERTIES: Quota = quota("PropertiesPerAccount", 100);

pub(crate) const GROUPS_PER_USER: Quota = quota("GroupsPerUser", 10);
pub(crate) const ACCESS_KEYS_PER_USER: Quota = quota("AccessKeysPerUser", 2);
pub(crate) const SIGNING_CERTIFICATES_PER_USER: Quota = quota("CertificatesPerUser", 2);
pub(crate) const SSH_KEYS_PER_USER: Quota = quota("SSHPublicKeysPerUser", 5);
pub(crate) const MFA_DEVICES_PER_USER: Quota = quota("MFADevicesPerUser", 8);
/// For each service.
pub(crate) const SERVICE_CREDENTIALS_PER_USER: Quota = quota("ServiceSpecificCredentialsPerUser", 2);
pub(crate) const ROLES_PER_INSTANCE_PROFILE: Quota = quota("InstanceSessionsPerInstanceProfile", 1);
pub(crate) const CLIENT_IDS_PER_PROVIDER: Quota = quota("ClientIdsPerOpenIdConnectProvider", 100);

pub(crate) const POLICIES_PER_ROLE: Quota = quota("PoliciesPerRole", 20);
pub(crate) const POLICIES_PER_USER: Quota = quota("PoliciesPerUser", 10);
pub(crate) const POLICIES_PER_GROUP: Quota = quota("PoliciesPerGroup", 10);

/// Characters without white space.
pub(crate) const POLICY_SIZE: Quota = quota("PolicySize", 6_144);
/// Characters of a trust policy without white space.
pub(crate) const TRUST_POLICY_SIZE: Quota = quota("ACLSizePerRole", 2_048);

// These are refused in sentences of their own.

/// Characters of all inline policies together, without white space.
pub(crate) const ROLE_INLINE_SIZE: usize = 10_240;
pub(crate) const USER_INLINE_SIZE: usize = 2_048;
pub(crate) const GROUP_INLINE_SIZE: usize = 5_120;
pub(crate) const VERSIONS_PER_POLICY: usize = 5;
pub(crate) const THUMBPRINTS_PER_PROVIDER: usize = 5;
pub(crate) const TAGS: usize = 50;
/// Of all policies together, in GetAccountSummary.
pub(crate) const POLICY_VERSIONS_IN_USE: usize = 10_000;

impl Quota {
    /// Refuses one more than are there.
    pub(crate) fn check_one_more(self, there: usize) -> Result<(), IamError> {
        self.check(there.saturating_add(1))
    }

    /// Refuses more than the quota.
    pub(crate) fn check(self, wanted: usize) -> Result<(), IamError> {
        if wanted <= self.max {
            return Ok(());
        }
        Err(IamError::LimitExceeded(format!("Cannot exceed quota for {}", self.refusal())))
    }

    /// `RolesPerAccount: 1000`
    pub(crate) fn refusal(self) -> String {
        format!("{}: {}", self.name, self.max)
    }
}

/// Every quota, so that a test can ask whether it is tried.
#[cfg(test)]
pub(crate) const ALL: [Quota; 23] = [
    USERS,
    GROUPS,
    ROLES,
    POLICIES,
    INSTANCE_PROFILES,
    SERVER_CERTIFICATES,
    OIDC_PROVIDERS,
    SAML_PROVIDERS,
    MFA_DEVICES,
    PROPERTIES,
    GROUPS_PER_USER,
    ACCESS_KEYS_PER_USER,
    SIGNING_CERTIFICATES_PER_USER,
    SSH_KEYS_PER_USER,
    MFA_DEVICES_PER_USER,
    SERVICE_CREDENTIALS_PER_USER,
    ROLES_PER_INSTANCE_PROFILE,
    CLIENT_IDS_PER_PROVIDER,
    POLICIES_PER_ROLE,
    POLICIES_PER_USER,
    POLICIES_PER_GROUP,
    POLICY_SIZE,
    TRUST_POLICY_SIZE,
];
