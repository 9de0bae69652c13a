//! Roles that a service assumes on behalf of a resource: Step Functions for a state machine, Lambda for a function.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use stepward_policy::{Effect, Principal};
use stepward_types::Timestamp;

use crate::access::Access;
use crate::authorize::Denied;
use crate::caller::{Authenticated, Caller, Facts, Identity, Origin};
use crate::decisions::Cause;
use crate::entity::{Role, Tags};
use crate::error::AccessError;
use crate::needs::{Need, Needs};
use crate::random::letters;
use crate::session::{Session, SessionPrincipal};

/// How long the sessions of services last.
const SESSION_MILLIS: i64 = 60 * 60 * 1_000;
/// A session is not handed out again when it has less than this left: a function may run for 15 minutes.
const LEFT_MILLIS: i64 = 20 * 60 * 1_000;
const SESSIONS_MAX: usize = 20_000;

/// A service that acts for a resource.
#[derive(Clone, Copy, Debug)]
pub struct ServiceCall<'a> {
    /// e.g. `states.amazonaws.com`; its regional name is tried, too.
    pub service: &'a str,
    /// ARN of the resource, e.g. of the state machine.
    pub source_arn: &'a str,
    /// The account of the resource.
    pub source_account: &'a str,
    pub region: &'a str,
    /// The name of the session; 32 random letters when there is none, as Step Functions does.
    pub session_name: Option<&'a str>,
    pub now: Timestamp,
}

/// Why a service has no session of a role.
#[derive(Debug, thiserror::Error)]
pub enum AssumeError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Fault(#[from] AccessError),
}

/// Sessions of services that still last, by what they were made for.
#[derive(Default)]
pub(crate) struct ServiceSessions {
    sessions: Mutex<HashMap<String, (Arc<Role>, Session)>>,
}

impl ServiceCall<'_> {
    /// The service itself as a caller. `cause` is the task that it calls for.
    pub fn caller(&self, cause: Option<Arc<Cause>>) -> Authenticated {
        service_caller(self.service, self, cause)
    }
}

impl Access {
    /// Whether the trust policy of a role lets a service assume it for this resource.
    pub fn can_assume(&self, role_arn: &str, call: &ServiceCall<'_>) -> Result<(), Denied> {
        self.trusts(role_arn, call, None)
    }

    fn trusts(
        &self,
        role_arn: &str,
        call: &ServiceCall<'_>,
        cause: Option<&Arc<Cause>>,
    ) -> Result<(), Denied> {
        let role = self.role(role_arn);
        let need = self.trust_need(role_arn, role.as_deref(), call);
        let service = service_caller(call.service, call, cause.cloned());
        let by_service = self.judge(&service, &need);
        // A deny of the global name is a deny of the service.
        if by_service.outcome.as_ref().map_or_else(is_explicit, |()| true) {
            return self.record(&service, need, by_service);
        }
        let regional = service_caller(&regional_name(call), call, cause.cloned());
        let by_region = self.judge(&regional, &need);
        let decides = by_region.outcome.as_ref().map_or_else(is_explicit, |()| true);
        if decides {
            self.record(&regional, need, by_region)
        } else {
            self.record(&service, need, by_service)
        }
    }

    /// Assumes a role as a service. The trust policy is evaluated every time; the session is the same as long as it
    /// lasts and the role has not changed.
    pub fn assume_as_service(&self, role_arn: &str, call: &ServiceCall<'_>) -> Result<Session, AssumeError> {
        self.can_assume(role_arn, call)?;
        self.session_as_service(role_arn, call)
    }

    /// Assumes a role as a service for a task, which the decision and those of the session tell.
    pub fn assume_for_task(
        &self,
        role_arn: &str,
        call: &ServiceCall<'_>,
        cause: Cause,
    ) -> Result<Session, AssumeError> {
        let cause = Arc::new(cause);
        self.trusts(role_arn, call, Some(&cause))?;
        Ok(self.session_as_service(role_arn, call)?.of_shared(cause))
    }

    fn session_as_service(&self, role_arn: &str, call: &ServiceCall<'_>) -> Result<Session, AssumeError> {
        let Some(role) = self.role(role_arn) else {
            return Err(AssumeError::Denied(Denied::no_such_role(role_arn)));
        };
        let name = call.session_name.unwrap_or_default();
        let key = format!("{role_arn} {} {} {name}", call.service, call.source_arn);
        if let Some(session) = self.service_sessions.find(&key, &role, call.now) {
            return Ok(session);
        }
        let session_name = call.session_name.map_or_else(|| letters(32), str::to_owned);
        let principal = SessionPrincipal::Role {
            name: role.name.clone(),
            id: role.id.clone(),
            arn: role.arn.clone(),
            session_name,
        };
        let data = self.new_session(
            role_arn.split(':').nth(4).unwrap_or_default(),
            principal,
            call.now,
            SESSION_MILLIS,
        );
        let session = self.session_of(data, call.region)?;
        self.service_sessions.keep(key, role, session.clone());
        Ok(session)
    }

    /// The role of an ARN, in whatever account.
    pub(crate) fn role(&self, arn: &str) -> Option<Arc<Role>> {
        let account = arn.strip_prefix("arn:aws:iam::")?.split(':').next()?;
        self.read(account, |account| account.role_by_arn(arn).map(Arc::clone))
    }

    fn trust_need(&self, role_arn: &str, role: Option<&Role>, call: &ServiceCall<'_>) -> Need {
        let trust = role.and_then(|role| self.cache.compile(&role.trust));
        let tags = role.map(|role| role.tags.clone()).unwrap_or_default();
        let name = format!("of {role_arn}");
        let needs = Needs::one("sts:AssumeRole", role_arn)
            .trust_policy(&name, trust)
            .resource_tags(&tags)
            .key("aws:SourceArn", call.source_arn)
            .key("aws:SourceAccount", call.source_account)
            .key("aws:PrincipalServiceName", call.service)
            .keys("aws:PrincipalServiceNamesList", vec![call.service.to_owned(), regional_name(call)]);
        let needs = match call.session_name {
            Some(name) => needs.key("sts:RoleSessionName", name),
            None => needs,
        };
        needs.single()
    }
}

impl ServiceSessions {
    fn find(&self, key: &str, role: &Arc<Role>, now: Timestamp) -> Option<Session> {
        let sessions = self.sessions.lock().ok()?;
        let (made_of, session) = sessions.get(key)?;
        let lasts = session.expires().millis() - now.millis() > LEFT_MILLIS;
        (Arc::ptr_eq(made_of, role) && lasts).then(|| session.clone())
    }

    fn keep(&self, key: String, role: Arc<Role>, session: Session) {
        if let Ok(mut sessions) = self.sessions.lock() {
            if sessions.len() >= SESSIONS_MAX {
                sessions.clear();
            }
            sessions.insert(key, (role, session));
        }
    }
}

fn is_explicit(denied: &Denied) -> bool {
    denied.explanation().is_some_and(|explanation| explanation.effect == Effect::ExplicitlyDenied)
}

/// `states.us-east-1.amazonaws.com` of `states.amazonaws.com`.
fn regional_name(call: &ServiceCall<'_>) -> String {
    match call.service.split_once('.') {
        Some((service, rest)) => format!("{service}.{}.{rest}", call.region),
        None => call.service.to_owned(),
    }
}

fn service_caller(name: &str, call: &ServiceCall<'_>, cause: Option<Arc<Cause>>) -> Authenticated {
    let caller = Caller {
        principal: Principal::Service { name: name.to_owned() },
        identity: Identity::None,
        account: call.source_account.to_owned(),
        user_id: name.to_owned(),
        access_key_id: None,
        tags: Tags::new(),
        session: None,
        session_policies: None,
        arn: OnceLock::new(),
    };
    let facts = Facts {
        origin: Origin { source_ip: None, is_secure: true },
        now: call.now,
        region: call.region.to_owned(),
        service: "sts".to_owned(),
        user_agent: None,
        cause,
    };
    Authenticated { caller: Arc::new(caller), facts: Arc::new(facts) }
}
