//! Who calls, and from where: what authentication makes and authorization reads.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use stepward_policy::{Attached, Principal};
use stepward_types::Timestamp;

use crate::decisions::Cause;
use crate::entity::Tags;
use crate::session::{SessionData, SessionPrincipal};

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// None for calls that the server makes itself.
    pub source_ip: Option<IpAddr>,
    /// Whether the connection is encrypted.
    pub is_secure: bool,
}

/// Whose permissions apply.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    Root,
    User(String),
    Role(String),
    /// A service or nobody: no identity policies.
    None,
}

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) principal: Principal,
    pub(crate) identity: Identity,
    pub(crate) account: String,
    pub(crate) user_id: String,
    pub(crate) access_key_id: Option<String>,
    /// The principal's tags, with the session's over them.
    pub(crate) tags: Tags,
    pub(crate) session: Option<Arc<SessionData>>,
    /// Present when the session was made with policies.
    pub(crate) session_policies: Option<Arc<Vec<Attached>>>,
    /// How messages and the decision log name it; made when it is first asked for.
    pub(crate) arn: OnceLock<Arc<str>>,
}

/// How temporary credentials were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// AssumeRole and its like.
    Role,
    /// GetSessionToken.
    Token,
    /// GetFederationToken.
    Federation,
    AssumedRoot,
}

/// A caller whose request was verified, with the facts of that request. Only this crate makes one.
#[derive(Clone, Debug)]
pub struct Authenticated {
    pub(crate) caller: Arc<Caller>,
    pub(crate) facts: Arc<Facts>,
}

/// What is known of a request apart from its caller.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) origin: Origin,
    pub(crate) now: Timestamp,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) user_agent: Option<String>,
    /// The task that the call is made for.
    pub(crate) cause: Option<Arc<Cause>>,
}

impl Caller {
    pub(crate) fn anonymous() -> Self {
        Self {
            principal: Principal::Anonymous,
            identity: Identity::None,
            account: "anonymous".to_owned(),
            user_id: "anonymous".to_owned(),
            access_key_id: None,
            tags: Tags::new(),
            session: None,
            session_policies: None,
            arn: OnceLock::new(),
        }
    }

    /// The ARN as AWS's messages have it.
    pub(crate) fn arn(&self) -> &Arc<str> {
        self.arn.get_or_init(|| self.principal.name().into())
    }

    /// The value of `aws:PrincipalArn`: for a session, the role's.
    pub(crate) fn principal_arn(&self) -> Option<&str> {
        match &self.principal {
            Principal::RoleSession { role_arn, .. } => Some(role_arn),
            Principal::Service { .. } | Principal::Anonymous | Principal::Federated { .. } => None,
            _ => Some(self.arn()),
        }
    }
}

impl Authenticated {
    /// A caller without a signature, for operations that AWS lets such callers make.
    pub fn anonymous(origin: Origin, region: &str, now: Timestamp) -> Self {
        let facts = Facts {
            origin,
            now,
            region: region.to_owned(),
            service: String::new(),
            user_agent: None,
            cause: None,
        };
        Self { caller: Arc::new(Caller::anonymous()), facts: Arc::new(facts) }
    }

    /// The twelve digits of the caller's account.
    pub fn account(&self) -> &str {
        &self.caller.account
    }

    /// The caller's ARN as AWS's messages and GetCallerIdentity have it.
    pub fn arn(&self) -> String {
        self.caller.arn().to_string()
    }

    pub fn principal(&self) -> &Principal {
        &self.caller.principal
    }

    /// The value of `aws:userid`.
    pub fn user_id(&self) -> &str {
        &self.caller.user_id
    }

    /// The name of the IAM user who calls, directly or by a session of GetSessionToken.
    pub fn user_name(&self) -> Option<&str> {
        match &self.caller.identity {
            Identity::User(name) if matches!(self.caller.principal, Principal::User { .. }) => Some(name),
            _ => None,
        }
    }

    pub fn is_root(&self) -> bool {
        self.caller.identity == Identity::Root
    }

    /// Whether temporary credentials were used.
    pub fn is_session(&self) -> bool {
        self.caller.session.is_some()
    }

    /// How the caller's credentials were made; none when they are long-lived.
    pub fn session_kind(&self) -> Option<SessionKind> {
        let session = self.caller.session.as_ref()?;
        Some(match session.principal {
            SessionPrincipal::Role { .. } => SessionKind::Role,
            SessionPrincipal::Root if session.is_assumed_root => SessionKind::AssumedRoot,
            SessionPrincipal::User { .. } | SessionPrincipal::Root => SessionKind::Token,
            SessionPrincipal::Federated { .. } => SessionKind::Federation,
        })
    }

    /// Whether the caller is a session of a role: assuming another one is chaining.
    pub fn is_role_session(&self) -> bool {
        matches!(self.caller.principal, Principal::RoleSession { .. })
    }

    /// Whether the caller proved a second factor.
    pub fn has_mfa(&self) -> bool {
        self.caller.session.as_ref().is_some_and(|session| session.mfa)
    }

    /// Whether the caller is root of a member account by AssumeRoot.
    pub fn is_assumed_root(&self) -> bool {
        self.caller.session.as_ref().is_some_and(|session| session.is_assumed_root)
    }

    /// The source identity of the caller's session.
    pub fn source_identity(&self) -> Option<&str> {
        self.caller.session.as_ref().and_then(|session| session.source_identity.as_deref())
    }

    /// The session tags that pass on to the next role.
    pub fn transitive_tags(&self) -> Tags {
        let Some(session) = &self.caller.session else { return Tags::new() };
        let is_transitive =
            |key: &String| session.transitive.iter().any(|given| given.eq_ignore_ascii_case(key));
        session
            .tags
            .iter()
            .filter(|(key, _)| is_transitive(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// When the caller's session ends; none for long-lived credentials.
    pub fn session_end(&self) -> Option<Timestamp> {
        self.caller.session.as_ref().map(|session| session.expires)
    }

    /// The principal's tags, with the session's over them.
    pub fn tags(&self) -> &Tags {
        &self.caller.tags
    }

    pub fn access_key_id(&self) -> Option<&str> {
        self.caller.access_key_id.as_deref()
    }

    /// When the request was verified.
    pub fn now(&self) -> Timestamp {
        self.facts.now
    }

    /// The Region that the request was signed for.
    pub fn region(&self) -> &str {
        &self.facts.region
    }

    /// The signing name of the service that the request was signed for.
    pub fn service(&self) -> &str {
        &self.facts.service
    }
}
