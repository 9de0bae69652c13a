//! The compiled policies of identities, kept until something they are made of changes.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use stepward_policy::{Attached, Policy};

use crate::caller::{Caller, Identity};
use crate::directory::{Account, Accounts};
use crate::entity::{Group, Role, User};

/// Compiled documents to keep at most; more are forgotten all at once.
const DOCUMENTS_MAX: usize = 50_000;

/// Callers to keep of an account at most.
const CALLERS_MAX: usize = 10_000;

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// What an identity's policies say.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    pub(crate) identity: Vec<Attached>,
    /// Present when there is a boundary.
    pub(crate) boundary: Option<Vec<Attached>>,
}

/// What is known of an account until something in it changes.
#[derive(Default)]
struct Kept {
    permissions: HashMap<Identity, Arc<Permissions>>,
    /// By access key id.
    callers: HashMap<String, Arc<Caller>>,
}

/// Keeps compiled policies, and who calls with which key.
#[derive(Default)]
pub(crate) struct PermissionsCache {
    by_account: RwLock<HashMap<String, Kept>>,
    documents: RwLock<HashMap<String, Arc<Policy>>>,
}

impl PermissionsCache {
    /// The permissions of an identity. The caller holds the accounts: nothing changes while they are looked up.
    pub(crate) fn of(&self, accounts: &Accounts, account: &str, identity: &Identity) -> Arc<Permissions> {
        let known = self.by_account.read().ok();
        let known = known
            .and_then(|all| all.get(account).and_then(|kept| kept.permissions.get(identity)).map(Arc::clone));
        if let Some(known) = known {
            return known;
        }
        let made =
            Arc::new(accounts.get(account).map(|account| self.gather(account, identity)).unwrap_or_default());
        if let Ok(mut all) = self.by_account.write() {
            let kept = all.entry(account.to_owned()).or_default();
            kept.permissions.insert(identity.clone(), Arc::clone(&made));
        }
        made
    }

    /// The caller of an access key, under the same condition.
    pub(crate) fn caller(
        &self,
        account: &str,
        access_key_id: &str,
        make: impl FnOnce() -> Option<Caller>,
    ) -> Option<Arc<Caller>> {
        let known = self.by_account.read().ok();
        let known = known.and_then(|all| {
            all.get(account).and_then(|kept| kept.callers.get(access_key_id)).map(Arc::clone)
        });
        if known.is_some() {
            return known;
        }
        let made = Arc::new(make()?);
        if let Ok(mut all) = self.by_account.write() {
            let callers = &mut all.entry(account.to_owned()).or_default().callers;
            if callers.len() >= CALLERS_MAX {
                callers.clear();
            }
            callers.insert(access_key_id.to_owned(), Arc::clone(&made));
        }
        Some(made)
    }

    /// Forgets what is known of an account: something in it changed.
    pub(crate) fn forget(&self, account: &str) {
        if let Ok(mut all) = self.by_account.write() {
            all.remove(account);
        }
    }

    /// A compiled document; none for one that cannot be understood, which then allows nothing.
    pub(crate) fn compile(&self, document: &str) -> Option<Arc<Policy>> {
        if let Some(policy) =
            self.documents.read().ok().and_then(|documents| documents.get(document).map(Arc::clone))
        {
            return Some(policy);
        }
        let policy = match Policy::parse_lenient(document) {
            Ok(policy) => Arc::new(policy),
            Err(error) => {
                tracing::error!(%error, "a stored policy cannot be understood");
                return None;
            }
        };
        if let Ok(mut documents) = self.documents.write() {
            if documents.len() >= DOCUMENTS_MAX {
                documents.clear();
            }
            documents.insert(document.to_owned(), Arc::clone(&policy));
        }
        Some(policy)
    }

    /// A managed policy, the customer's or AWS's.
    pub(crate) fn managed(&self, account: &Account, arn: &str) -> Option<Attached> {
        let policy = match account.policy_by_arn(arn) {
            Some(policy) => self.compile(policy.default_document())?,
            None => self.compile(&stepward_models::managed_policy(arn)?.document.to_string())?,
        };
        Some(Attached { policy, name: arn.to_owned(), arn: Some(arn.to_owned()) })
    }

    /// An inline policy.
    pub(crate) fn inline(&self, name: &str, document: &str) -> Option<Attached> {
        Some(Attached { policy: self.compile(document)?, name: name.to_owned(), arn: None })
    }

    /// The policies of a user, role or group by its ARN.
    pub(crate) fn of_arn(&self, account: &Account, arn: &str) -> Option<Permissions> {
        if let Some(role) = account.role_by_arn(arn) {
            return Some(self.of_role(account, role));
        }
        if let Some(user) = account.user_by_arn(arn) {
            return Some(self.of_user(account, user));
        }
        let group = account.find::<Group>(arn.rsplit('/').next()?).filter(|group| group.arn == arn)?;
        Some(Permissions { identity: self.of_group(account, group), boundary: None })
    }

    fn gather(&self, account: &Account, identity: &Identity) -> Permissions {
        match identity {
            // Root needs no policy; who it federates does, and is limited by nothing of root's.
            Identity::Root => Permissions {
                identity: self.inline("root", EVERYTHING).into_iter().collect(),
                boundary: None,
            },
            Identity::None => Permissions::default(),
            Identity::User(name) => {
                account.find::<User>(name).map(|user| self.of_user(account, user)).unwrap_or_default()
            }
            Identity::Role(name) => {
                account.find::<Role>(name).map(|role| self.of_role(account, role)).unwrap_or_default()
            }
        }
    }

    fn of_role(&self, account: &Account, role: &Role) -> Permissions {
        let inline = role.inline.iter().filter_map(|(name, document)| self.inline(name, document));
        let attached = role.attached.iter().filter_map(|arn| self.managed(account, arn));
        Permissions {
            identity: inline.chain(attached).collect(),
            boundary: self.boundary(account, role.boundary.as_deref()),
        }
    }

    fn of_user(&self, account: &Account, user: &User) -> Permissions {
        let inline = user.inline.iter().filter_map(|(name, document)| self.inline(name, document));
        let attached = user.attached.iter().filter_map(|arn| self.managed(account, arn));
        let mut identity: Vec<Attached> = inline.chain(attached).collect();
        for group in user.groups.iter().filter_map(|name| account.find::<Group>(name)) {
            identity.extend(self.of_group(account, group));
        }
        Permissions { identity, boundary: self.boundary(account, user.boundary.as_deref()) }
    }

    fn of_group(&self, account: &Account, group: &Group) -> Vec<Attached> {
        let inline = group.inline.iter().filter_map(|(name, document)| self.inline(name, document));
        inline.chain(group.attached.iter().filter_map(|arn| self.managed(account, arn))).collect()
    }

    // A boundary whose policy is gone still limits: it allows nothing.
    fn boundary(&self, account: &Account, arn: Option<&str>) -> Option<Vec<Attached>> {
        arn.map(|arn| self.managed(account, arn).into_iter().collect())
    }
}
