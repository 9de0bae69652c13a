//! Everything that is known of who may do what: opened once, shared by all.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use stepward_policy::Attached;
use stepward_store::Store;
use stepward_types::Timestamp;

use crate::authenticate::Verifier;
use crate::caller::{Caller, Identity};
use crate::credentials::Credentials;
use crate::decisions::Decisions;
use crate::directory::{Account, Accounts, Edit, load};
use crate::entity::{AccessKey, KeyLastUsed, KeyOwner};
use crate::error::AccessError;
use crate::last_used::{AccountUse, LastUse, LastUsed, LastUses};
use crate::organization::Organization;
use crate::permissions::{Permissions, PermissionsCache};
use crate::provider_keys::ProviderKeys;
use crate::random::{access_key_id, secret};
use crate::service_role::ServiceSessions;
use crate::vault::Vault;

/// How identities are set up.
#[derive(Clone, Debug)]
pub struct AccessConfig {
    /// Where the master key is.
    pub data_folder: PathBuf,
    /// The account whose root access key the first start makes.
    pub account: String,
    /// Accepts `test`/`test` as root of account 000000000000, and any account id with the secret `test` as its
    /// root. Only for servers that nobody else can reach.
    pub is_dev: bool,
}

/// Who is calling and what may they do.
pub struct Access {
    pub(crate) config: AccessConfig,
    pub(crate) vault: Arc<Vault>,
    pub(crate) decisions: Decisions,
    pub(crate) verifier: Verifier,
    pub(crate) service_sessions: ServiceSessions,
    pub(crate) cache: Arc<PermissionsCache>,
    pub(crate) last_used: Arc<LastUsed>,
    /// Where this server is reached.
    pub(crate) endpoint: OnceLock<String>,
    pub(crate) provider_keys: OnceLock<ProviderKeys>,
    pub(crate) organization: OnceLock<Arc<Organization>>,
    store: Arc<Store>,
    /// Readers take the whole of it and let go of the lock at once, so that reading may nest.
    accounts: Arc<RwLock<Arc<Accounts>>>,
    /// Held while a change is made: one after the other.
    changing: Arc<tokio::sync::Mutex<()>>,
    is_first_start: bool,
}

impl Access {
    /// Reads every identity; the first start makes the root access key of the account.
    pub async fn open(store: Arc<Store>, config: AccessConfig) -> Result<Self, AccessError> {
        let accounts = load(&store).await?;
        let is_in_use = accounts.values().any(|account| !account.access_keys.is_empty());
        let vault = Arc::new(Vault::open(&config.data_folder, is_in_use)?);
        let last_used = LastUsed::open(&store).await?;
        let mut access = Self {
            vault,
            decisions: Decisions::default(),
            verifier: Verifier::default(),
            service_sessions: ServiceSessions::default(),
            cache: Arc::default(),
            last_used,
            endpoint: OnceLock::new(),
            provider_keys: OnceLock::new(),
            organization: OnceLock::new(),
            store,
            accounts: Arc::new(RwLock::new(Arc::new(accounts))),
            changing: Arc::default(),
            is_first_start: false,
            config,
        };
        let account = access.config.account.clone();
        access.decisions.start_after(Self::last_decision(&access.store).await?);
        access.is_first_start = access.add_account(&account).await?;
        Ok(access)
    }

    /// Whether this start made the root access key.
    pub fn is_first_start(&self) -> bool {
        self.is_first_start
    }

    /// The account that this server was started for.
    pub fn own_account(&self) -> &str {
        &self.config.account
    }

    /// Makes the root access key of an account that has none; tells whether it did.
    pub async fn add_account(&self, account: &str) -> Result<bool, AccessError> {
        let has_root =
            |account: &Account| account.access_keys.values().any(|key| key.owner == KeyOwner::Root);
        if self.read(account, has_root) {
            return Ok(false);
        }
        let now = Timestamp::from_millis(jiff::Timestamp::now().as_millisecond());
        let (key, _) = self.new_access_key(account, KeyOwner::Root, now)?;
        self.change(account, |edit| edit.put(key)).await?;
        Ok(true)
    }

    /// The root credentials of an account.
    pub fn root_credentials(&self, account: &str) -> Option<Credentials> {
        let is_root = |key: &&Arc<AccessKey>| key.owner == KeyOwner::Root && key.active;
        let key = self.read(account, |account| account.access_keys.values().find(is_root).map(Arc::clone))?;
        let secret_access_key = self.open_secret(&key)?;
        Some(Credentials {
            access_key_id: key.id.clone(),
            secret_access_key,
            session_token: None,
            expiration: None,
        })
    }

    /// A new access key with its secret, which is shown once.
    pub fn new_access_key(
        &self,
        account: &str,
        owner: KeyOwner,
        now: Timestamp,
    ) -> Result<(AccessKey, String), AccessError> {
        let id = access_key_id("AKIA", account);
        let secret = secret();
        let secret_sealed = self.vault.seal(&id, secret.as_bytes())?;
        Ok((AccessKey { id, owner, secret_sealed, active: true, created: now }, secret))
    }

    pub(crate) fn open_secret(&self, key: &AccessKey) -> Option<String> {
        String::from_utf8(self.vault.open_sealed(&key.id, &key.secret_sealed)?).ok()
    }

    /// Encrypts a secret for a purpose, for storing it.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<String, AccessError> {
        self.vault.seal(purpose, secret)
    }

    /// A secret that was encrypted for the purpose.
    pub fn unseal(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        self.vault.open_sealed(purpose, sealed)
    }

    /// When a key was last used.
    pub fn key_last_used(&self, id: &str) -> Option<KeyLastUsed> {
        self.last_used.of_key(id)
    }

    /// What a user or role was allowed and did, with the last time of each action.
    pub fn last_accessed(&self, arn: &str) -> LastUses {
        self.last_used.of_principal(arn)
    }

    /// What the users and roles of an account were allowed and did, by service.
    pub fn last_accessed_by_account(&self, account: &str) -> BTreeMap<String, AccountUse> {
        self.last_used.of_account(account)
    }

    /// The latest allowed call of a user or role.
    pub fn last_use(&self, arn: &str) -> Option<LastUse> {
        self.last_used.latest(arn)
    }

    /// Forgets what a user or role used: it was deleted.
    pub fn forget_last_use(&self, arn: &str) {
        self.last_used.forget(arn);
    }

    /// Writes down what is only in memory so far: when keys and identities were last used.
    pub async fn close(&self) -> Result<(), AccessError> {
        self.last_used.write(&self.store).await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The decision log.
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Reads an account; one that nobody has used yet is empty.
    pub fn read<T>(&self, account: &str, look: impl FnOnce(&Account) -> T) -> T {
        let accounts = self.accounts();
        match accounts.get(account) {
            Some(account) => look(account),
            None => look(&Account::new(account)),
        }
    }

    /// Changes an account. What the closure puts and removes is applied when it is durable; nothing of it if it
    /// fails. A caller who goes away meanwhile does not stop a change half way.
    pub async fn change<T, E: From<AccessError>>(
        &self,
        account: &str,
        edit: impl FnOnce(&mut Edit<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let changing = Arc::clone(&self.changing).lock_owned().await;
        let (answer, (writes, steps)) = self.read(account, |before| {
            let mut change = Edit::new(before);
            edit(&mut change).map(|answer| (answer, change.into_parts()))
        })?;
        if writes.is_empty() {
            return Ok(answer);
        }
        let (store, accounts, cache) =
            (Arc::clone(&self.store), Arc::clone(&self.accounts), Arc::clone(&self.cache));
        let id = account.to_owned();
        let applied = tokio::spawn(async move {
            let _changing = changing;
            store.write(writes).await?;
            let mut accounts = accounts.write().unwrap_or_else(PoisonError::into_inner);
            let account =
                Arc::make_mut(&mut accounts).entry(id.clone()).or_insert_with(|| Arc::new(Account::new(&id)));
            let account = Arc::make_mut(account);
            steps.into_iter().for_each(|step| step(account));
            cache.forget(&id);
            Ok::<(), AccessError>(())
        });
        applied.await.unwrap_or(Err(AccessError::Store(stepward_store::StoreError::Closed)))?;
        Ok(answer)
    }

    /// The account that has an alias: no two have the same.
    pub fn account_of_alias(&self, alias: &str) -> Option<String> {
        let accounts = self.accounts();
        let has = |account: &&Arc<Account>| account.account_settings().alias.as_deref() == Some(alias);
        // Only one can have it, in whatever order they are asked.
        accounts.values().find(has).map(|account| account.id.clone())
    }

    /// The policies of a user, role or group, and its boundary.
    pub fn policies_of(&self, account: &str, arn: &str) -> Option<(Vec<Attached>, Option<Vec<Attached>>)> {
        let permissions = self.read(account, |account| self.cache.of_arn(account, arn))?;
        Some((permissions.identity, permissions.boundary))
    }

    pub(crate) fn accounts(&self) -> Arc<Accounts> {
        Arc::clone(&self.accounts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The caller of an access key, made by `make` unless it is kept from before.
    pub(crate) fn kept_caller(
        &self,
        account: &str,
        access_key_id: &str,
        make: impl FnOnce(&Account) -> Option<Caller>,
    ) -> Option<Arc<Caller>> {
        // The lock is held, as for permissions.
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        self.cache.caller(account, access_key_id, || match accounts.get(account) {
            Some(account) => make(account),
            None => make(&Account::new(account)),
        })
    }

    pub(crate) fn permissions(&self, account: &str, identity: &Identity) -> Arc<Permissions> {
        // The lock is held: what is kept must not be of a state that has passed.
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        self.cache.of(&accounts, account, identity)
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Access")
    }
}
