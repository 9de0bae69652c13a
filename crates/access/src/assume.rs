//! Assuming roles as a signed caller, and the other ways to temporary credentials.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use stepward_types::Timestamp;

use crate::access::Access;
use crate::authorize::{Authorized, Denied};
use crate::caller::Authenticated;
use crate::entity::Tags;
use crate::error::AccessError;
use crate::needs::Needs;
use crate::random::{access_key_id, secret};
use crate::service_role::AssumeError;
use crate::session::{Inner, Session, SessionData, SessionPrincipal};

/// AWS: the sessions of chained roles last an hour at most.
pub const CHAINED_SECONDS_MAX: u32 = 3_600;

/// What AssumeRole is asked for.
#[derive(Clone, Debug, Default)]
pub struct AssumeRequest {
    pub role_arn: String,
    pub session_name: String,
    pub external_id: Option<String>,
    /// Session tags, without the inherited ones.
    pub tags: Tags,
    pub transitive_tag_keys: Vec<String>,
    pub source_identity: Option<String>,
    /// Documents and ARNs of session policies; none for an unlimited session.
    pub policies: Option<(Vec<String>, Vec<String>)>,
    pub duration_seconds: u32,
    /// A second factor that was checked.
    pub mfa: bool,
    /// Condition keys that an identity provider fills; the session keeps them.
    pub context: BTreeMap<String, Vec<String>>,
}

/// What GetSessionToken and GetFederationToken are asked for.
#[derive(Clone, Debug, Default)]
pub struct FederationRequest {
    /// The name of the federated user; none for GetSessionToken.
    pub name: Option<String>,
    pub tags: Tags,
    pub policies: Option<(Vec<String>, Vec<String>)>,
    pub duration_seconds: u32,
    pub mfa: bool,
}

impl Access {
    /// The rights that assuming a role needs: of the caller, and of the role's trust policy.
    pub fn assume_needs(&self, request: &AssumeRequest, caller: &Authenticated) -> Needs {
        let mut needs = self.assume_need(Needs::default(), "sts:AssumeRole", request, caller);
        let transitive = caller.transitive_tags();
        if !request.tags.is_empty() || !transitive.is_empty() {
            needs = self.assume_need(needs, "sts:TagSession", request, caller);
        }
        if request.source_identity.is_some() || caller.source_identity().is_some() {
            needs = self.assume_need(needs, "sts:SetSourceIdentity", request, caller);
        }
        needs
    }

    pub(crate) fn assume_need(
        &self,
        needs: Needs,
        action: &str,
        request: &AssumeRequest,
        caller: &Authenticated,
    ) -> Needs {
        let role = self.role(&request.role_arn);
        let trust = role.as_ref().and_then(|role| self.cache.compile(&role.trust));
        let role_tags = role.map(|role| role.tags.clone()).unwrap_or_default();
        let mut tags = caller.transitive_tags();
        tags.extend(request.tags.clone());
        let mut needs = needs
            .and(action, &request.role_arn)
            .trust_policy(&format!("of {}", request.role_arn), trust)
            .resource_tags(&role_tags)
            .request_tags(&tags)
            .key("sts:RoleSessionName", &request.session_name);
        if let Some(id) = &request.external_id {
            needs = needs.key("sts:ExternalId", id);
        }
        if let Some(identity) = request.source_identity.as_deref().or(caller.source_identity()) {
            needs = needs.key("sts:SourceIdentity", identity);
        }
        if !request.transitive_tag_keys.is_empty() {
            needs = needs.keys("sts:TransitiveTagKeys", request.transitive_tag_keys.clone());
        }
        if request.mfa {
            // The code was proved with this very call.
            needs = needs.key("aws:MultiFactorAuthPresent", "true").key("aws:MultiFactorAuthAge", "0");
        }
        for (key, values) in &request.context {
            needs = needs.keys(key, values.clone());
        }
        needs
    }

    /// Assumes a role for a caller who may.
    pub fn assume<T>(&self, call: &Authorized<T>, request: &AssumeRequest) -> Result<Session, AssumeError> {
        self.assume_checked(call.caller(), request)
    }

    fn assume_checked(
        &self,
        caller: &Authenticated,
        request: &AssumeRequest,
    ) -> Result<Session, AssumeError> {
        let role = self.role(&request.role_arn).ok_or_else(|| Denied::no_such_role(&request.role_arn))?;
        let principal = SessionPrincipal::Role {
            name: role.name.clone(),
            id: role.id.clone(),
            arn: role.arn.clone(),
            session_name: request.session_name.clone(),
        };
        let account = role.arn.split(':').nth(4).unwrap_or_default();
        let mut data =
            self.new_session(account, principal, caller.now(), i64::from(request.duration_seconds) * 1_000);
        let inherited = caller.transitive_tags();
        data.transitive = request.transitive_tag_keys.iter().chain(inherited.keys()).cloned().collect();
        data.tags = inherited;
        data.tags.extend(request.tags.clone());
        data.source_identity =
            request.source_identity.clone().or(caller.source_identity().map(str::to_owned));
        data.policies.clone_from(&request.policies);
        // AWS: the credentials of a role do not tell that there was a second factor.
        data.context.clone_from(&request.context);
        Ok(self.session_of(data, caller.region())?)
    }

    /// Assumes another role from a session, as a Task state with `Credentials` does.
    pub fn assume_chained(
        &self,
        session: &Session,
        role_arn: &str,
        external_id: Option<&str>,
        session_name: &str,
        now: Timestamp,
    ) -> Result<Session, AssumeError> {
        let request = AssumeRequest {
            role_arn: role_arn.to_owned(),
            session_name: session_name.to_owned(),
            external_id: external_id.map(str::to_owned),
            duration_seconds: CHAINED_SECONDS_MAX,
            ..AssumeRequest::default()
        };
        let caller = session.caller(now);
        let needs = self.assume_needs(&request, &caller);
        let call = self.authorize(&caller, request, needs)?;
        self.assume_checked(call.caller(), &call)
    }

    /// Temporary credentials of the caller itself, or of a federated user.
    pub fn federate<T>(
        &self,
        call: &Authorized<T>,
        request: &FederationRequest,
    ) -> Result<Session, AccessError> {
        let caller = call.caller();
        let user = caller.user_name().map(|name| (name.to_owned(), caller.user_id().to_owned()));
        let principal = match (&request.name, user) {
            (Some(name), user) => SessionPrincipal::Federated { name: name.clone(), user },
            (None, Some((name, id))) => SessionPrincipal::User { name, id },
            (None, None) => SessionPrincipal::Root,
        };
        let millis = i64::from(request.duration_seconds) * 1_000;
        let mut data = self.new_session(caller.account(), principal, caller.now(), millis);
        data.transitive = request.tags.keys().cloned().collect();
        data.tags.clone_from(&request.tags);
        data.policies.clone_from(&request.policies);
        data.mfa = request.mfa;
        self.session_of(data, caller.region())
    }

    pub(crate) fn new_session(
        &self,
        account: &str,
        principal: SessionPrincipal,
        now: Timestamp,
        millis: i64,
    ) -> SessionData {
        SessionData {
            access_key_id: access_key_id("ASIA", account),
            secret: secret(),
            account: account.to_owned(),
            principal,
            issued: now,
            expires: now.plus_millis(millis),
            policies: None,
            tags: Tags::new(),
            transitive: Vec::new(),
            source_identity: None,
            mfa: false,
            is_assumed_root: false,
            context: BTreeMap::new(),
        }
    }

    pub(crate) fn session_of(&self, data: SessionData, region: &str) -> Result<Session, AccessError> {
        let data = Arc::new(data);
        // The role was there a moment ago; one that is gone by now has a session that nobody accepts.
        let caller = self.session_caller(&data).ok_or(AccessError::Gone)?;
        let inner = Inner {
            caller: Arc::new(caller),
            data,
            vault: Arc::clone(&self.vault),
            token: OnceLock::new(),
            region: region.to_owned(),
        };
        Ok(Session::new(inner))
    }
}
