//! Finds out who signed a request: the key, its secret, the signature, the session.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

use stepward_policy::{Attached, Principal};
use stepward_sigv4::{
    ChunkSignatures, Form, Payload, RequestParts, Signature, SigningKey, VerifyError, accepts_text, parse,
    verify,
};
use stepward_types::Timestamp;

use crate::access::Access;
use crate::caller::{Authenticated, Caller, Facts, Identity, Origin};
use crate::directory::Account;
use crate::entity::{KeyLastUsed, KeyOwner, Role, Tags, User};
use crate::error::AuthenticationError;
use crate::permissions::PermissionsCache;
use crate::session::{SessionData, SessionPrincipal};

/// What is kept at most; more is forgotten all at once.
const KEPT_MAX: usize = 20_000;
/// How old the note of a key's last use may get before it is written again.
const LAST_USED_MILLIS: i64 = 60_000;
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const CONTENT_SHA256: &str = "x-amz-content-sha256";
const DEV_SECRET: &str = "test";
const DEV_ACCOUNT: &str = "000000000000";

/// Keeps what is dear to compute: signing keys and opened session tokens.
#[derive(Default)]
pub(crate) struct Verifier {
    /// By `key/date/region/service`.
    signing_keys: RwLock<HashMap<String, SigningKey>>,
    /// By access key id: the token and what is in it.
    sessions: RwLock<HashMap<String, (String, Arc<OpenSession>)>>,
}

struct OpenSession {
    data: Arc<SessionData>,
}

impl Access {
    /// Verifies the signature of a request and says who made it. Header names are lower case; path and query raw.
    pub fn authenticate(
        &self,
        parts: &RequestParts<'_>,
        body: &[u8],
        origin: Origin,
        now: Timestamp,
    ) -> Result<Authenticated, AuthenticationError> {
        let signature = parse(parts)?;
        let payload = declared(parts, &signature)
            .filter(|declared| declared == UNSIGNED)
            .map_or(Payload::Bytes(body), |_| Payload::Literal(UNSIGNED));
        let (caller, _) = self.verified(parts, &signature, &payload, now)?;
        Ok(self.known(caller, signature, user_agent(parts), (origin, now)))
    }

    /// Verifies a request whose body is still coming, by what it says of its body: the caller of this is to verify that.
    /// Chunks that are signed get what they are verified by.
    pub fn authenticate_head(
        &self,
        parts: &RequestParts<'_>,
        origin: Origin,
        now: Timestamp,
    ) -> Result<(Authenticated, Option<ChunkSignatures>), AuthenticationError> {
        let signature = parse(parts)?;
        let declared = declared(parts, &signature).unwrap_or_else(|| UNSIGNED.to_owned());
        let (caller, key) = self.verified(parts, &signature, &Payload::Literal(&declared), now)?;
        let is_signed = declared.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        let chunks = is_signed.then(|| ChunkSignatures::new(&signature, key));
        Ok((self.known(caller, signature, user_agent(parts), (origin, now)), chunks))
    }

    /// Verifies the signature of a form's policy, which is the text that is signed, and says who made it. Whether the
    /// policy's time is over is the policy's to say.
    pub fn authenticate_policy(
        &self,
        policy: &str,
        signature: Signature,
        user_agent: Option<String>,
        (origin, now): (Origin, Timestamp),
    ) -> Result<Authenticated, AuthenticationError> {
        let (caller, key) = self.find_key(&signature, now)?;
        if !accepts_text(&key, policy, &signature.signature) {
            return Err(VerifyError::Mismatch.into());
        }
        Ok(self.known(caller, signature, user_agent, (origin, now)))
    }

    fn verified(
        &self,
        parts: &RequestParts<'_>,
        signature: &Signature,
        payload: &Payload<'_>,
        now: Timestamp,
    ) -> Result<(Arc<Caller>, SigningKey), AuthenticationError> {
        let (caller, key) = self.find_key(signature, now)?;
        verify(parts, signature, payload, &key, now)?;
        Ok((caller, key))
    }

    fn known(
        &self,
        caller: Arc<Caller>,
        signature: Signature,
        user_agent: Option<String>,
        (origin, now): (Origin, Timestamp),
    ) -> Authenticated {
        self.note_use(&signature, now);
        let facts = Facts {
            origin,
            now,
            region: signature.region,
            service: signature.service,
            user_agent,
            cause: None,
        };
        Authenticated { caller, facts: Arc::new(facts) }
    }

    fn find_key(
        &self,
        signature: &Signature,
        now: Timestamp,
    ) -> Result<(Arc<Caller>, SigningKey), AuthenticationError> {
        let id = signature.access_key_id.as_str();
        let unknown = || AuthenticationError::UnknownKey;
        if self.config.is_dev
            && let Some(account) = dev_account(id)
        {
            let caller = self.kept_caller(account, id, |_| Some(root(account, id))).ok_or_else(unknown)?;
            let key = self.verifier.signing_key(signature, || Some(DEV_SECRET.to_owned()));
            return Ok((caller, key.ok_or_else(unknown)?));
        }
        let Some(token) = &signature.session_token else {
            return self.long_lived(signature).ok_or_else(unknown);
        };
        let data = self.open_session(id, token)?;
        if data.expires <= now {
            return Err(AuthenticationError::ExpiredToken);
        }
        let caller =
            self.kept_caller(&data.account, id, |account| session_caller(&self.cache, account, &data));
        let key = self.verifier.signing_key(signature, || Some(data.secret.clone()));
        caller.zip(key).ok_or_else(unknown)
    }

    fn long_lived(&self, signature: &Signature) -> Option<(Arc<Caller>, SigningKey)> {
        let id = signature.access_key_id.as_str();
        let account = crate::random::access_key_account(id)?;
        let caller = self.kept_caller(&account, id, |account| {
            let key = account.access_keys.get(id).filter(|key| key.active)?;
            match &key.owner {
                KeyOwner::Root => Some(root(&account.id, id)),
                KeyOwner::User(name) => Some(user(account, account.find::<User>(name)?, id)),
            }
        })?;
        // A session's key is kept by its id, too, and is nobody's without the token that says when it ends.
        if caller.session.is_some() {
            return None;
        }
        let secret = || {
            let key = self.read(&account, |account| account.access_keys.get(id).map(Arc::clone))?;
            self.open_secret(&key)
        };
        Some((caller, self.verifier.signing_key(signature, secret)?))
    }

    fn open_session(&self, id: &str, token: &str) -> Result<Arc<SessionData>, AuthenticationError> {
        if let Some(open) = self.verifier.session(id, token) {
            return Ok(Arc::clone(&open.data));
        }
        let data = SessionData::open(&self.vault, token).filter(|data| data.access_key_id == id);
        let data = Arc::new(data.ok_or(AuthenticationError::UnknownKey)?);
        self.verifier.keep_session(id, token, OpenSession { data: Arc::clone(&data) });
        Ok(data)
    }

    /// The caller of a session; none when the role or user it was made for is gone.
    pub(crate) fn session_caller(&self, data: &Arc<SessionData>) -> Option<Caller> {
        self.read(&data.account, |account| session_caller(&self.cache, account, data))
    }

    fn note_use(&self, signature: &Signature, now: Timestamp) {
        if signature.session_token.is_some() {
            return;
        }
        let Signature { access_key_id: id, region, service, .. } = signature;
        if !self.last_used.was_noted(id, service, now.plus_millis(-LAST_USED_MILLIS)) {
            let used = KeyLastUsed { at: now, region: region.clone(), service: service.clone() };
            self.last_used.note_key(id, used);
        }
    }
}

fn session_caller(cache: &PermissionsCache, account: &Account, data: &Arc<SessionData>) -> Option<Caller> {
    let mut caller = match &data.principal {
        SessionPrincipal::Role { name, id, session_name, .. } => {
            let role = account.find::<Role>(name).filter(|role| role.id == *id)?;
            role_session(account, role, session_name)
        }
        SessionPrincipal::User { name, id } => {
            user(account, account.find::<User>(name).filter(|user| user.id == *id)?, &data.access_key_id)
        }
        SessionPrincipal::Root => root(&account.id, &data.access_key_id),
        SessionPrincipal::Federated { name, user } => federated(account, name, user.as_ref())?,
    };
    for (key, value) in &data.tags {
        // AWS: a session tag takes the place of the principal's tag, whatever its case.
        caller.tags.retain(|own, _| !own.eq_ignore_ascii_case(key));
        caller.tags.insert(key.clone(), value.clone());
    }
    caller.access_key_id = Some(data.access_key_id.clone());
    caller.session_policies =
        data.policies.as_ref().map(|policies| Arc::new(session_policies(cache, account, policies)));
    caller.session = Some(Arc::clone(data));
    Some(caller)
}

/// The policies that limit a session. One that cannot be read any more may hold a denial: then nothing is allowed.
fn session_policies(
    cache: &PermissionsCache,
    account: &Account,
    (documents, arns): &(Vec<String>, Vec<String>),
) -> Vec<Attached> {
    let inline = documents.iter().map(|document| cache.inline("session policy", document));
    let all: Option<Vec<Attached>> =
        inline.chain(arns.iter().map(|arn| cache.managed(account, arn))).collect();
    all.unwrap_or_default()
}

impl Verifier {
    /// The key of a scope. An access key never gets another secret: it is opened for the first request of each scope.
    fn signing_key(
        &self,
        signature: &Signature,
        secret: impl FnOnce() -> Option<String>,
    ) -> Option<SigningKey> {
        let Signature { access_key_id, scope_date, region, service, .. } = signature;
        let scope = [access_key_id, "/", scope_date, "/", region, "/", service].concat();
        if let Some(key) = self.signing_keys.read().ok().and_then(|keys| keys.get(&scope).cloned()) {
            return Some(key);
        }
        let key = SigningKey::derive(&secret()?, scope_date, region, service);
        if let Ok(mut keys) = self.signing_keys.write() {
            if keys.len() >= KEPT_MAX {
                keys.clear();
            }
            keys.insert(scope, key.clone());
        }
        Some(key)
    }

    fn session(&self, id: &str, token: &str) -> Option<Arc<OpenSession>> {
        let sessions = self.sessions.read().ok()?;
        sessions.get(id).filter(|(known, _)| known == token).map(|(_, open)| Arc::clone(open))
    }

    fn keep_session(&self, id: &str, token: &str, open: OpenSession) {
        if let Ok(mut sessions) = self.sessions.write() {
            if sessions.len() >= KEPT_MAX {
                sessions.clear();
            }
            sessions.insert(id.to_owned(), (token.to_owned(), Arc::new(open)));
        }
    }
}

/// What a request says of its body, where it says something: the signer may have said that nothing of it is signed.
fn declared(parts: &RequestParts<'_>, signature: &Signature) -> Option<String> {
    let is_signed = signature.signed_headers.iter().any(|name| name == CONTENT_SHA256);
    let is_presigned = matches!(signature.form, Form::Presigned { .. });
    // AWS: a presigned URL leaves the body open, unless its signer has signed a hash.
    if is_presigned && signature.service == "s3" && !is_signed {
        return Some(parts.parameter("X-Amz-Content-Sha256").unwrap_or_else(|| UNSIGNED.to_owned()));
    }
    parts.header(CONTENT_SHA256).map(Cow::into_owned)
}

fn user_agent(parts: &RequestParts<'_>) -> Option<String> {
    parts.header("user-agent").map(Cow::into_owned)
}

fn dev_account(id: &str) -> Option<&str> {
    if id == DEV_SECRET {
        return Some(DEV_ACCOUNT);
    }
    (id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

fn root(account: &str, key: &str) -> Caller {
    Caller {
        principal: Principal::Root { account: account.to_owned() },
        identity: Identity::Root,
        account: account.to_owned(),
        user_id: account.to_owned(),
        access_key_id: Some(key.to_owned()),
        tags: Tags::new(),
        session: None,
        session_policies: None,
        arn: OnceLock::new(),
    }
}

fn user(account: &Account, user: &User, key: &str) -> Caller {
    Caller {
        principal: Principal::User { arn: user.arn.clone(), unique_id: Some(user.id.clone()) },
        identity: Identity::User(user.name.clone()),
        account: account.id.clone(),
        user_id: user.id.clone(),
        access_key_id: Some(key.to_owned()),
        tags: user.tags.clone(),
        session: None,
        session_policies: None,
        arn: OnceLock::new(),
    }
}

fn role_session(account: &Account, role: &Role, session_name: &str) -> Caller {
    Caller {
        principal: Principal::RoleSession {
            // AWS: the path of the role is not in the session's ARN.
            session_arn: format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", account.id, role.name),
            role_arn: role.arn.clone(),
            role_id: Some(role.id.clone()),
        },
        identity: Identity::Role(role.name.clone()),
        account: account.id.clone(),
        user_id: format!("{}:{session_name}", role.id),
        access_key_id: None,
        tags: role.tags.clone(),
        session: None,
        session_policies: None,
        arn: OnceLock::new(),
    }
}

fn federated(account: &Account, name: &str, made_by: Option<&(String, String)>) -> Option<Caller> {
    let (identity, tags) = match made_by {
        Some((user, id)) => {
            let user = account.find::<User>(user).filter(|user| user.id == *id)?;
            (Identity::User(user.name.clone()), user.tags.clone())
        }
        None => (Identity::Root, Tags::new()),
    };
    Some(Caller {
        principal: Principal::FederatedUser {
            arn: format!("arn:aws:sts::{}:federated-user/{name}", account.id),
        },
        identity,
        account: account.id.clone(),
        user_id: format!("{}:{name}", account.id),
        access_key_id: None,
        tags,
        session: None,
        session_policies: None,
        arn: OnceLock::new(),
    })
}
