//! Temporary credentials: sealed tokens that carry the whole session, so that nothing is stored.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

use crate::caller::{Authenticated, Caller, Facts, Origin};
use crate::credentials::Credentials;
use crate::decisions::Cause;
use crate::entity::Tags;
use crate::error::AccessError;
use crate::vault::Vault;

const PURPOSE: &str = "session";

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionPrincipal {
    /// AssumeRole: role and session name. The unique id ties it to this very role.
    Role { name: String, id: String, arn: String, session_name: String },
    /// GetSessionToken of a user.
    User { name: String, id: String },
    /// GetSessionToken of root.
    Root,
    /// GetFederationToken: a name, and the user whose permissions limit it (none: root's).
    Federated { name: String, user: Option<(String, String)> },
}

/// What a session token carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SessionData {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    pub(crate) account: String,
    pub(crate) principal: SessionPrincipal,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    /// Session policies: documents and ARNs. Absent: the session is not limited by any.
    #[serde(default)]
    pub(crate) policies: Option<(Vec<String>, Vec<String>)>,
    #[serde(default)]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) transitive: Vec<String>,
    #[serde(default)]
    pub(crate) source_identity: Option<String>,
    #[serde(default)]
    pub(crate) mfa: bool,
    /// Root by AssumeRoot, for a task; not by GetSessionToken.
    #[serde(default)]
    pub(crate) is_assumed_root: bool,
    /// Condition keys that an identity provider filled.
    #[serde(default)]
    pub(crate) context: BTreeMap<String, Vec<String>>,
}

impl SessionData {
    pub(crate) fn seal(&self, vault: &Vault) -> Result<String, AccessError> {
        let kind = "session";
        let bytes = serde_json::to_vec(self).map_err(|source| AccessError::Corrupt {
            kind,
            key: self.access_key_id.clone(),
            source,
        })?;
        vault.seal(PURPOSE, &bytes)
    }

    pub(crate) fn open(vault: &Vault, token: &str) -> Option<Self> {
        serde_json::from_slice(&vault.open_sealed(PURPOSE, token)?).ok()
    }
}

/// A session that was made here.
#[derive(Clone)]
pub struct Session {
    pub(crate) inner: Arc<Inner>,
    cause: Option<Arc<Cause>>,
}

pub(crate) struct Inner {
    pub(crate) caller: Arc<Caller>,
    pub(crate) data: Arc<SessionData>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) token: OnceLock<String>,
    pub(crate) region: String,
}

impl Session {
    /// The session as a caller, for calls that the server makes on its behalf.
    pub fn caller(&self, now: Timestamp) -> Authenticated {
        let origin = Origin { source_ip: None, is_secure: true };
        let region = self.inner.region.clone();
        let cause = self.cause.clone();
        let facts = Facts { origin, now, region, service: String::new(), user_agent: None, cause };
        Authenticated { caller: Arc::clone(&self.inner.caller), facts: Arc::new(facts) }
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner), cause: None }
    }

    /// The same session, whose decisions tell the task that it calls for.
    #[must_use]
    pub fn of_task(self, cause: Cause) -> Self {
        Self { cause: Some(Arc::new(cause)), ..self }
    }

    pub(crate) fn of_shared(self, cause: Arc<Cause>) -> Self {
        Self { cause: Some(cause), ..self }
    }

    /// The task that it calls for.
    pub fn cause(&self) -> Option<Arc<Cause>> {
        self.cause.clone()
    }

    /// The credentials, to be handed out.
    pub fn credentials(&self) -> Result<Credentials, AccessError> {
        let data = &self.inner.data;
        let token = match self.inner.token.get() {
            Some(token) => token.clone(),
            None => {
                let token = data.seal(&self.inner.vault)?;
                self.inner.token.get_or_init(|| token).clone()
            }
        };
        Ok(Credentials {
            access_key_id: data.access_key_id.clone(),
            secret_access_key: data.secret.clone(),
            session_token: Some(token),
            expiration: Some(data.expires),
        })
    }

    /// The ARN of the session, e.g. `arn:aws:sts::123456789012:assumed-role/Role/Session`.
    pub fn arn(&self) -> String {
        self.inner.caller.principal.name()
    }

    /// The value of `aws:userid`, e.g. `AROA…:Session`.
    pub fn user_id(&self) -> &str {
        &self.inner.caller.user_id
    }

    pub fn account(&self) -> &str {
        &self.inner.caller.account
    }

    pub fn expires(&self) -> Timestamp {
        self.inner.data.expires
    }

    pub fn source_identity(&self) -> Option<&str> {
        self.inner.data.source_identity.as_deref()
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Session({})", self.arn())
    }
}
