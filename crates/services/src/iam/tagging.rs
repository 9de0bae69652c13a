//! Tags of everything that can have them.

use serde::Deserialize;
use serde_json::json;
use stepward_access::{
    Access, Account, Authorized, Entity, InstanceProfile, ManagedPolicy, MfaDevice, OidcProvider, Role,
    SamlProvider, ServerCertificate, Tags, User,
};

use super::Answer;
use super::error::IamError;
use super::page::Paging;
use super::policies::own;
use super::tags::{Tag, add, remove, requested, shown};

/// What can have tags.
trait Tagged: Entity {
    /// The entity to change, or AWS's error.
    fn named(account: &Account, name: &str) -> Result<Self, IamError>;
    fn tags_mut(&mut self) -> &mut Tags;
}

macro_rules! tagged {
    ($entity:ident, $missing:expr) => {
        impl Tagged for $entity {
            fn named(account: &Account, name: &str) -> Result<Self, IamError> {
                let missing: fn(&str) -> IamError = $missing;
                account.find::<Self>(name).map(|entity| Self::clone(entity)).ok_or_else(|| missing(name))
            }

            fn tags_mut(&mut self) -> &mut Tags {
                &mut self.tags
            }
        }
    };
}

tagged!(Role, |name| IamError::no_such("role", name));
tagged!(User, |name| IamError::no_such("user", name));
tagged!(InstanceProfile, |name| IamError::NoSuchEntity(format!("Instance Profile {name} cannot be found.")));
tagged!(MfaDevice, |serial| IamError::NoSuchEntity(format!(
    "VirtualMFADevice with serial number {serial} doesn't exist."
)));
tagged!(ServerCertificate, |name| IamError::NoSuchEntity(format!(
    "The Server Certificate with name {name} cannot be found."
)));
tagged!(OidcProvider, |arn| IamError::NoSuchEntity(format!(
    "OpenIDConnect Provider not found for arn {arn}"
)));
tagged!(SamlProvider, |arn| IamError::NoSuchEntity(format!("SAMLProvider not found for arn {arn}")));

impl Tagged for ManagedPolicy {
    fn named(account: &Account, arn: &str) -> Result<Self, IamError> {
        own(account, arn)
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

trait Target: Send + Sync {
    fn target(&self) -> &str;
}

trait Adds: Target {
    fn tags(&self) -> &[Tag];
}

trait Removes: Target {
    fn keys(&self) -> &[String];
}

trait Lists: Target {
    fn page(&self) -> &Paging;
}

/// The inputs of the three operations: `$member` names the entity.
macro_rules! inputs {
    ($member:literal, $add:ident, $remove:ident, $list:ident) => {
        #[derive(Deserialize)]
        pub(crate) struct $add {
            #[serde(rename = $member)]
            target: String,
            #[serde(rename = "Tags")]
            tags: Vec<Tag>,
        }

        #[derive(Deserialize)]
        pub(crate) struct $remove {
            #[serde(rename = $member)]
            target: String,
            #[serde(rename = "TagKeys")]
            keys: Vec<String>,
        }

        #[derive(Deserialize)]
        pub(crate) struct $list {
            #[serde(rename = $member)]
            target: String,
            #[serde(flatten)]
            page: Paging,
        }

        inputs!(@target $add);
        inputs!(@target $remove);
        inputs!(@target $list);

        impl Adds for $add {
            fn tags(&self) -> &[Tag] {
                &self.tags
            }
        }

        impl Removes for $remove {
            fn keys(&self) -> &[String] {
                &self.keys
            }
        }

        impl Lists for $list {
            fn page(&self) -> &Paging {
                &self.page
            }
        }
    };
    (@target $input:ident) => {
        impl Target for $input {
            fn target(&self) -> &str {
                &self.target
            }
        }
    };
}

inputs!("RoleName", RoleTags, RoleTagKeys, RoleTagList);
inputs!("UserName", UserTags, UserTagKeys, UserTagList);
inputs!("PolicyArn", PolicyTags, PolicyTagKeys, PolicyTagList);
inputs!("InstanceProfileName", ProfileTags, ProfileTagKeys, ProfileTagList);
inputs!("SerialNumber", DeviceTags, DeviceTagKeys, DeviceTagList);
inputs!("ServerCertificateName", CertificateTags, CertificateTagKeys, CertificateTagList);
inputs!("OpenIDConnectProviderArn", OidcTags, OidcTagKeys, OidcTagList);
inputs!("SAMLProviderArn", SamlTags, SamlTagKeys, SamlTagList);

operation!(TagRole(RoleTags): |input, asked| Ok(asked.role(&input.target)?.request_tags(&requested(&input.tags))) => tag::<Role, _>);
operation!(UntagRole(RoleTagKeys): |input, asked| Ok(asked.role(&input.target)?.tag_keys(&input.keys)) => untag::<Role, _>);
operation!(ListRoleTags(RoleTagList): |input, asked| asked.role(&input.target) => list::<Role, _>);
operation!(TagUser(UserTags): |input, asked| Ok(asked.user(&input.target)?.request_tags(&requested(&input.tags))) => tag::<User, _>);
operation!(UntagUser(UserTagKeys): |input, asked| Ok(asked.user(&input.target)?.tag_keys(&input.keys)) => untag::<User, _>);
operation!(ListUserTags(UserTagList): |input, asked| asked.user(&input.target) => list::<User, _>);
operation!(TagPolicy(PolicyTags): |input, asked| Ok(asked.policy(&input.target)?.request_tags(&requested(&input.tags))) => tag::<ManagedPolicy, _>);
operation!(UntagPolicy(PolicyTagKeys): |input, asked| Ok(asked.policy(&input.target)?.tag_keys(&input.keys)) => untag::<ManagedPolicy, _>);
operation!(ListPolicyTags(PolicyTagList): |input, asked| asked.policy(&input.target) => list::<ManagedPolicy, _>);
operation!(TagInstanceProfile(ProfileTags): |input, asked| Ok(asked.instance_profile(&input.target)?.request_tags(&requested(&input.tags))) => tag::<InstanceProfile, _>);
operation!(UntagInstanceProfile(ProfileTagKeys): |input, asked| Ok(asked.instance_profile(&input.target)?.tag_keys(&input.keys)) => untag::<InstanceProfile, _>);
operation!(ListInstanceProfileTags(ProfileTagList): |input, asked| asked.instance_profile(&input.target) => list::<InstanceProfile, _>);
operation!(TagMFADevice(DeviceTags): |input, asked| Ok(asked.stored::<MfaDevice>(&input.target, |device| (&device.serial_number, &device.tags))?.request_tags(&requested(&input.tags))) => tag::<MfaDevice, _>);
operation!(UntagMFADevice(DeviceTagKeys): |input, asked| Ok(asked.stored::<MfaDevice>(&input.target, |device| (&device.serial_number, &device.tags))?.tag_keys(&input.keys)) => untag::<MfaDevice, _>);
operation!(ListMFADeviceTags(DeviceTagList): |input, asked| asked.stored::<MfaDevice>(&input.target, |device| (&device.serial_number, &device.tags)) => list::<MfaDevice, _>);
operation!(TagServerCertificate(CertificateTags): |input, asked| Ok(asked.certificate(&input.target)?.request_tags(&requested(&input.tags))) => tag::<ServerCertificate, _>);
operation!(UntagServerCertificate(CertificateTagKeys): |input, asked| Ok(asked.certificate(&input.target)?.tag_keys(&input.keys)) => untag::<ServerCertificate, _>);
operation!(ListServerCertificateTags(CertificateTagList): |input, asked| asked.certificate(&input.target) => list::<ServerCertificate, _>);
operation!(TagOpenIDConnectProvider(OidcTags): |input, asked| Ok(asked.stored::<OidcProvider>(&input.target, |provider| (&provider.arn, &provider.tags))?.request_tags(&requested(&input.tags))) => tag::<OidcProvider, _>);
operation!(UntagOpenIDConnectProvider(OidcTagKeys): |input, asked| Ok(asked.stored::<OidcProvider>(&input.target, |provider| (&provider.arn, &provider.tags))?.tag_keys(&input.keys)) => untag::<OidcProvider, _>);
operation!(ListOpenIDConnectProviderTags(OidcTagList): |input, asked| asked.stored::<OidcProvider>(&input.target, |provider| (&provider.arn, &provider.tags)) => list::<OidcProvider, _>);
operation!(TagSAMLProvider(SamlTags): |input, asked| Ok(asked.stored::<SamlProvider>(&input.target, |provider| (&provider.arn, &provider.tags))?.request_tags(&requested(&input.tags))) => tag::<SamlProvider, _>);
operation!(UntagSAMLProvider(SamlTagKeys): |input, asked| Ok(asked.stored::<SamlProvider>(&input.target, |provider| (&provider.arn, &provider.tags))?.tag_keys(&input.keys)) => untag::<SamlProvider, _>);
operation!(ListSAMLProviderTags(SamlTagList): |input, asked| asked.stored::<SamlProvider>(&input.target, |provider| (&provider.arn, &provider.tags)) => list::<SamlProvider, _>);

async fn tag<T: Tagged, I: Adds>(call: &Authorized<I>, access: &Access) -> Answer {
    change::<T>(call.caller().account(), call.target(), access, |tags| add(tags, call.tags())).await
}

async fn untag<T: Tagged, I: Removes>(call: &Authorized<I>, access: &Access) -> Answer {
    change::<T>(call.caller().account(), call.target(), access, |tags| remove(tags, call.keys())).await
}

async fn change<T: Tagged>(
    account: &str,
    name: &str,
    access: &Access,
    alter: impl FnOnce(&mut Tags) -> Result<(), IamError>,
) -> Answer {
    let change = access.change(account, |edit| {
        let mut entity = T::named(edit.account(), name)?;
        alter(entity.tags_mut())?;
        edit.put(entity)?;
        Ok(json!({}))
    });
    change.await
}

async fn list<T: Tagged, I: Lists>(call: &Authorized<I>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let mut entity = T::named(account, call.target())?;
        let tags = entity.tags_mut();
        call.page().list("Tags", tags.keys().cloned().zip(shown(tags)).collect())
    })
}
