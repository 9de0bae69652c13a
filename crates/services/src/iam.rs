//! AWS Identity and Access Management: users, groups, roles, policies and what belongs to them.
//!
//! Owns what IAM's operations do and answer (AWS: IAM API reference). Refuses to decide who may: each operation
//! declares the right `iam:<its name>` on what it touches, and `access` decides.

mod asked;
mod document;
mod error;
mod page;
mod shapes;
mod tags;

use serde::de::DeserializeOwned;
use serde_json::Value;
use stepward_access::{Access, Authorized, Needs};

use crate::Operations;
use asked::Asked;
use error::IamError;

/// What an operation answers: members as in the service model.
type Answer = Result<Value, IamError>;

/// An operation that needs nothing but the identities.
trait IamOperation {
    /// `iam:` and the operation's name.
    const ACTION: &'static str;
    type Input: DeserializeOwned + Send + Sync + 'static;

    fn needs(input: &Self::Input, asked: &Asked<'_>) -> Result<Needs, IamError>;

    fn answer(call: &Authorized<Self::Input>, access: &Access) -> impl Future<Output = Answer> + Send;
}

/// Declares an operation: its name, its input, the right it needs, and the function that does it. The right's
/// action is `iam:` and the name.
macro_rules! operation {
    ($name:ident($input:ty): $needs:expr => $answer:path) => {
        pub(crate) struct $name;

        impl crate::iam::IamOperation for $name {
            const ACTION: &'static str = concat!("iam:", stringify!($name));
            type Input = $input;

            fn needs(
                input: &$input,
                asked: &crate::iam::asked::Asked<'_>,
            ) -> Result<stepward_access::Needs, crate::iam::error::IamError> {
                let needs: fn(
                    &$input,
                    &crate::iam::asked::Asked<'_>,
                ) -> Result<stepward_access::Needs, crate::iam::error::IamError> = $needs;
                needs(input, asked)
            }

            async fn answer(
                call: &stepward_access::Authorized<$input>,
                access: &stepward_access::Access,
            ) -> crate::iam::Answer {
                $answer(call, access).await
            }
        }

        impl crate::Operation for $name {
            const NAME: &'static str = stringify!($name);
            type Input = $input;
            type Output = serde_json::Value;
            type Error = crate::iam::error::IamError;

            async fn needs(
                input: &$input,
                caller: &stepward_access::Authenticated,
                at: &crate::Services,
            ) -> Result<stepward_access::Needs, Self::Error> {
                let action = <Self as crate::iam::IamOperation>::ACTION;
                let asked = crate::iam::asked::Asked::new(action, caller, &at.access);
                <Self as crate::iam::IamOperation>::needs(input, &asked)
            }

            async fn handle(
                call: stepward_access::Authorized<$input>,
                at: &crate::Services,
            ) -> Result<serde_json::Value, Self::Error> {
                <Self as crate::iam::IamOperation>::answer(&call, &at.access).await
            }
        }
    };
}

mod access_keys;
mod account;
mod account_properties;
mod attachments;
mod authorization_details;
mod boundaries;
mod certificates;
mod credential_report;
mod delegation;
mod granting;
mod groups;
mod inline_policies;
mod instance_profiles;
mod last_accessed;
mod login_profiles;
mod mfa_devices;
mod organization_reports;
mod organizations;
mod outbound_federation;
mod policies;
mod policy_usage;
mod policy_versions;
mod providers;
mod qr_code;
mod quotas;
mod role_templates;
mod roles;
mod service_credentials;
mod service_linked_roles;
mod simulate;
mod ssh_keys;
mod tagging;
mod users;

/// Gives every operation, with its module, to a macro.
macro_rules! every_operation {
    ($use:ident) => {
        $use! {
            access_keys: CreateAccessKey, DeleteAccessKey, ListAccessKeys, UpdateAccessKey, GetAccessKeyLastUsed;
            account: CreateAccountAlias, DeleteAccountAlias, ListAccountAliases, GetAccountSummary,
                GetAccountPasswordPolicy, UpdateAccountPasswordPolicy, DeleteAccountPasswordPolicy,
                SetSecurityTokenServicePreferences;
            account_properties: GetAccountProperties, PutAccountProperties;
            attachments: AttachRolePolicy, AttachUserPolicy, AttachGroupPolicy, DetachRolePolicy, DetachUserPolicy,
                DetachGroupPolicy, ListAttachedRolePolicies, ListAttachedUserPolicies, ListAttachedGroupPolicies;
            authorization_details: GetAccountAuthorizationDetails;
            boundaries: PutRolePermissionsBoundary, DeleteRolePermissionsBoundary, PutUserPermissionsBoundary,
                DeleteUserPermissionsBoundary;
            certificates: UploadServerCertificate, GetServerCertificate, ListServerCertificates,
                UpdateServerCertificate, DeleteServerCertificate, UploadSigningCertificate,
                ListSigningCertificates, UpdateSigningCertificate, DeleteSigningCertificate;
            credential_report: GenerateCredentialReport, GetCredentialReport;
            delegation: CreateDelegationRequest, GetDelegationRequest, AcceptDelegationRequest,
                AssociateDelegationRequest, RejectDelegationRequest, SendDelegationToken, UpdateDelegationRequest,
                ListDelegationRequests, GetHumanReadableSummary;
            granting: ListPoliciesGrantingServiceAccess;
            groups: CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroups, AddUserToGroup,
                RemoveUserFromGroup, ListGroupsForUser;
            inline_policies: PutRolePolicy, PutUserPolicy, PutGroupPolicy, GetRolePolicy, GetUserPolicy,
                GetGroupPolicy, DeleteRolePolicy, DeleteUserPolicy, DeleteGroupPolicy, ListRolePolicies,
                ListUserPolicies, ListGroupPolicies;
            instance_profiles: CreateInstanceProfile, GetInstanceProfile, DeleteInstanceProfile,
                ListInstanceProfiles, ListInstanceProfilesForRole, AddRoleToInstanceProfile,
                RemoveRoleFromInstanceProfile;
            last_accessed: GenerateServiceLastAccessedDetails, GetServiceLastAccessedDetails,
                GetServiceLastAccessedDetailsWithEntities;
            login_profiles: CreateLoginProfile, GetLoginProfile, UpdateLoginProfile, DeleteLoginProfile,
                ChangePassword;
            mfa_devices: CreateVirtualMFADevice, DeleteVirtualMFADevice, ListVirtualMFADevices, EnableMFADevice,
                DeactivateMFADevice, ResyncMFADevice, ListMFADevices, GetMFADevice;
            organization_reports: GenerateOrganizationsAccessReport, GetOrganizationsAccessReport;
            organizations: EnableOrganizationsRootCredentialsManagement,
                DisableOrganizationsRootCredentialsManagement, EnableOrganizationsRootSessions,
                DisableOrganizationsRootSessions, ListOrganizationsFeatures;
            outbound_federation: EnableOutboundWebIdentityFederation, DisableOutboundWebIdentityFederation,
                GetOutboundWebIdentityFederationInfo;
            policies: CreatePolicy, GetPolicy, DeletePolicy, ListPolicies;
            policy_usage: ListEntitiesForPolicy;
            policy_versions: CreatePolicyVersion, GetPolicyVersion, ListPolicyVersions, DeletePolicyVersion,
                SetDefaultPolicyVersion;
            providers: CreateOpenIDConnectProvider, GetOpenIDConnectProvider, ListOpenIDConnectProviders,
                DeleteOpenIDConnectProvider, AddClientIDToOpenIDConnectProvider,
                RemoveClientIDFromOpenIDConnectProvider, UpdateOpenIDConnectProviderThumbprint,
                CreateSAMLProvider, GetSAMLProvider, ListSAMLProviders, UpdateSAMLProvider, DeleteSAMLProvider;
            role_templates: AcquireRole, GetRoleTemplateVersion;
            roles: CreateRole, GetRole, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy, DeleteRole,
                ListRoles;
            service_credentials: CreateServiceSpecificCredential, ListServiceSpecificCredentials,
                UpdateServiceSpecificCredential, ResetServiceSpecificCredential, DeleteServiceSpecificCredential;
            service_linked_roles: CreateServiceLinkedRole, DeleteServiceLinkedRole,
                GetServiceLinkedRoleDeletionStatus;
            simulate: SimulatePrincipalPolicy, SimulateCustomPolicy, GetContextKeysForCustomPolicy,
                GetContextKeysForPrincipalPolicy;
            ssh_keys: UploadSSHPublicKey, GetSSHPublicKey, ListSSHPublicKeys, UpdateSSHPublicKey,
                DeleteSSHPublicKey;
            tagging: TagRole, UntagRole, ListRoleTags, TagUser, UntagUser, ListUserTags, TagPolicy, UntagPolicy,
                ListPolicyTags, TagInstanceProfile, UntagInstanceProfile, ListInstanceProfileTags, TagMFADevice,
                UntagMFADevice, ListMFADeviceTags, TagServerCertificate, UntagServerCertificate,
                ListServerCertificateTags, TagOpenIDConnectProvider, UntagOpenIDConnectProvider,
                ListOpenIDConnectProviderTags, TagSAMLProvider, UntagSAMLProvider, ListSAMLProviderTags;
            users: CreateUser, GetUser, UpdateUser, DeleteUser, ListUsers;
        }
    };
}

macro_rules! table {
    ($($module:ident: $($name:ident),*;)*) => {
        Operations::default()$($(.with::<$module::$name>())*)*
    };
}

/// The operations of IAM.
pub fn operations() -> Operations {
    every_operation!(table)
}

#[cfg(test)]
mod tests;
