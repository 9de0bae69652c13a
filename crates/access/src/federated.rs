//! Roles assumed by users of identity providers, who have proved elsewhere who they are.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use stepward_policy::Principal;

use crate::access::Access;
use crate::assume::AssumeRequest;
use crate::caller::{Authenticated, Caller, Identity};
use crate::entity::Tags;
use crate::needs::Needs;
use crate::provider_keys::ProviderKeys;
use crate::service_role::AssumeError;
use crate::session::Session;

/// A user of a provider, whose token or assertion was verified.
#[derive(Clone, Debug)]
pub struct FederatedUser {
    /// `sts:AssumeRoleWithWebIdentity` or `sts:AssumeRoleWithSAML`.
    pub action: &'static str,
    /// The provider's ARN, or its name when AWS knows it by itself.
    pub provider: String,
    pub subject: String,
    /// What the provider says, as condition keys.
    pub context: BTreeMap<String, Vec<String>>,
    /// Which of them stay with the session; none when all do.
    pub session_keys: Option<&'static [&'static str]>,
    /// The roles that the provider allows, if it says so.
    pub is_role_authorized_by_provider: Option<bool>,
}

impl Access {
    /// Where the keys of providers come from; without it no token is believed. The first word counts.
    pub fn set_provider_keys(&self, keys: ProviderKeys) {
        let _ = self.provider_keys.set(keys);
    }

    /// Where the keys of providers come from.
    pub fn provider_keys(&self) -> &ProviderKeys {
        self.provider_keys.get_or_init(ProviderKeys::default)
    }

    /// Assumes a role for a user of a provider, where the role's trust policy lets it.
    pub fn assume_federated(
        &self,
        user: &FederatedUser,
        request: &AssumeRequest,
        anonymous: &Authenticated,
    ) -> Result<Session, AssumeError> {
        let caller = federated_caller(user, anonymous);
        let needs = self.federated_needs(user, request, &caller);
        let call = self.authorize(&caller, (), needs)?;
        let kept = AssumeRequest { context: kept_context(user), ..request.clone() };
        self.assume(&call, &kept)
    }

    fn federated_needs(
        &self,
        user: &FederatedUser,
        request: &AssumeRequest,
        caller: &Authenticated,
    ) -> Needs {
        let asked = AssumeRequest { context: user.context.clone(), ..request.clone() };
        let mut needs = self.assume_need(Needs::default(), user.action, &asked, caller);
        if let Some(is_authorized) = user.is_role_authorized_by_provider {
            needs = needs.key("sts:RoleAuthorizedByIdp", is_authorized);
        }
        if !request.tags.is_empty() {
            needs = self.assume_need(needs, "sts:TagSession", &asked, caller);
        }
        if request.source_identity.is_some() {
            needs = self.assume_need(needs, "sts:SetSourceIdentity", &asked, caller);
        }
        needs
    }
}

/// What stays with the session: the provider's keys, and its name.
fn kept_context(user: &FederatedUser) -> BTreeMap<String, Vec<String>> {
    let mut context = user.context.clone();
    if let Some(kept) = user.session_keys {
        context.retain(|key, _| kept.contains(&key.as_str()));
    }
    context.insert("aws:FederatedProvider".to_owned(), vec![user.provider.clone()]);
    context
}

fn federated_caller(user: &FederatedUser, anonymous: &Authenticated) -> Authenticated {
    let principal = Principal::Federated { provider: user.provider.clone() };
    let caller = Caller {
        account: principal.account().unwrap_or_default().to_owned(),
        principal,
        identity: Identity::None,
        user_id: format!("{}:{}", user.provider, user.subject),
        access_key_id: None,
        tags: Tags::new(),
        session: None,
        session_policies: None,
        arn: OnceLock::new(),
    };
    Authenticated { caller: Arc::new(caller), facts: Arc::clone(&anonymous.facts) }
}
