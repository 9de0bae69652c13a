//! When identities and keys were last used: noted in memory with every allowed call, written down now and then.
//!
//! AWS: last accessed information follows within hours. Here it follows at once, and a crash loses the last
//! seconds of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use stepward_store::{EntityWrite, Store};
use stepward_types::Timestamp;

use crate::entity::KeyLastUsed;
use crate::error::AccessError;
use crate::random::access_key_account;

const PRINCIPALS_KIND: &str = "iam.last-accessed";
const KEYS_KIND: &str = "iam.key-last-used";
/// How often what was noted is written.
const WRITE_SECONDS: u64 = 30;
/// How old the note of a use may get before it is made again.
const NOTED_MILLIS: i64 = 1_000;
/// What is remembered at most; principals beyond are not noted.
const PRINCIPALS_MAX: usize = 100_000;
const ACTIONS_MAX: usize = 5_000;
const KEYS_MAX: usize = 100_000;

/// The last allowed use of an action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LastUse {
    pub at: Timestamp,
    pub region: String,
}

/// By `service:Action`.
pub type LastUses = BTreeMap<String, LastUse>;

/// What the identities of an account did with a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountUse {
    pub last: Option<LastUse>,
    /// How many users and roles did something.
    pub entities: usize,
}

/// What was noted.
#[derive(Debug, Default)]
pub(crate) struct LastUsed {
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    /// By ARN: users, and the roles of sessions.
    principals: HashMap<String, (String, LastUses)>,
    keys: HashMap<String, KeyLastUsed>,
    /// Not written yet: ARN and account.
    changed_principals: BTreeMap<String, String>,
    changed_keys: BTreeSet<String>,
}

impl LastUsed {
    /// What was written before.
    pub(crate) async fn open(store: &Arc<Store>) -> Result<Arc<Self>, AccessError> {
        let mut noted = Noted::default();
        for stored in store.all(PRINCIPALS_KIND).await? {
            let uses = read(PRINCIPALS_KIND, &stored.key, &stored.value)?;
            noted.principals.insert(stored.key, (stored.account, uses));
        }
        for stored in store.all(KEYS_KIND).await? {
            let used = read(KEYS_KIND, &stored.key, &stored.value)?;
            noted.keys.insert(stored.key, used);
        }
        let last_used = Arc::new(Self { noted: Mutex::new(noted) });
        tokio::spawn(keep_writing(Arc::downgrade(&last_used), Arc::downgrade(store)));
        Ok(last_used)
    }

    /// Notes an allowed call.
    pub(crate) fn note(&self, account: &str, arn: &str, action: &str, used: (Timestamp, &str)) {
        let (at, region) = used;
        let mut noted = self.lock();
        let known = noted.principals.get(arn).and_then(|(_, uses)| uses.get(action));
        // AWS tells the hour. Noting each second is enough, and each call would be too much.
        if known.is_some_and(|last| last.region == region && at.millis() - last.at.millis() < NOTED_MILLIS) {
            return;
        }
        if !noted.principals.contains_key(arn) && noted.principals.len() >= PRINCIPALS_MAX {
            return;
        }
        let (_, uses) =
            noted.principals.entry(arn.to_owned()).or_insert_with(|| (account.to_owned(), LastUses::new()));
        let is_full = uses.len() >= ACTIONS_MAX;
        match uses.get_mut(action) {
            Some(last) if last.region == region => last.at = last.at.max(at),
            Some(last) => *last = LastUse { at, region: region.to_owned() },
            None if is_full => return,
            None => {
                uses.insert(action.to_owned(), LastUse { at, region: region.to_owned() });
            }
        }
        noted.changed_principals.entry(arn.to_owned()).or_insert_with(|| account.to_owned());
    }

    /// Forgets a principal that was deleted: who gets its name later has used nothing.
    pub(crate) fn forget(&self, arn: &str) {
        let mut noted = self.lock();
        if let Some((account, _)) = noted.principals.remove(arn) {
            noted.changed_principals.insert(arn.to_owned(), account);
        }
    }

    /// Notes the use of an access key.
    pub(crate) fn note_key(&self, id: &str, used: KeyLastUsed) {
        let mut noted = self.lock();
        if noted.keys.contains_key(id) || noted.keys.len() < KEYS_MAX {
            noted.keys.insert(id.to_owned(), used);
            noted.changed_keys.insert(id.to_owned());
        }
    }

    /// Whether the use of an access key for a service was noted after a time.
    pub(crate) fn was_noted(&self, id: &str, service: &str, after: Timestamp) -> bool {
        self.lock().keys.get(id).is_some_and(|used| used.at > after && used.service == service)
    }

    pub(crate) fn of_key(&self, id: &str) -> Option<KeyLastUsed> {
        self.lock().keys.get(id).cloned()
    }

    pub(crate) fn of_principal(&self, arn: &str) -> LastUses {
        self.lock().principals.get(arn).map(|(_, uses)| uses.clone()).unwrap_or_default()
    }

    /// What the identities of an account did, by the prefix of actions.
    pub(crate) fn of_account(&self, account: &str) -> BTreeMap<String, AccountUse> {
        let mut services: BTreeMap<String, AccountUse> = BTreeMap::new();
        for (_, uses) in self.lock().principals.values().filter(|(owner, _)| owner == account) {
            let mut latest: BTreeMap<&str, &LastUse> = BTreeMap::new();
            for (action, used) in uses {
                let prefix = action.split(':').next().unwrap_or_default();
                let last = latest.entry(prefix).or_insert(used);
                *last = (*last).max(used);
            }
            for (prefix, used) in latest {
                let service = services.entry(prefix.to_owned()).or_default();
                service.entities += 1;
                service.last = service.last.take().max(Some(used.clone()));
            }
        }
        services
    }

    /// The latest use of anything.
    pub(crate) fn latest(&self, arn: &str) -> Option<LastUse> {
        self.lock().principals.get(arn).and_then(|(_, uses)| uses.values().max().cloned())
    }

    /// Writes what has changed.
    pub(crate) async fn write(&self, store: &Store) -> Result<(), AccessError> {
        let writes = self.take_changes();
        if !writes.is_empty() {
            store.write(writes).await?;
        }
        Ok(())
    }

    fn take_changes(&self) -> Vec<EntityWrite> {
        let mut noted = self.lock();
        let principals = std::mem::take(&mut noted.changed_principals);
        let keys = std::mem::take(&mut noted.changed_keys);
        let of_principal = |(arn, account): (&String, &String)| {
            let Some((_, uses)) = noted.principals.get(arn) else {
                return Some(EntityWrite::delete(PRINCIPALS_KIND, account, arn));
            };
            Some(EntityWrite::put(PRINCIPALS_KIND, account, arn, serde_json::to_vec(uses).ok()?))
        };
        let of_key = |id: &String| {
            let value = serde_json::to_vec(noted.keys.get(id)?).ok()?;
            Some(EntityWrite::put(KEYS_KIND, &access_key_account(id)?, id, value))
        };
        principals.iter().filter_map(of_principal).chain(keys.iter().filter_map(of_key)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read<T: serde::de::DeserializeOwned>(
    kind: &'static str,
    key: &str,
    value: &[u8],
) -> Result<T, AccessError> {
    serde_json::from_slice(value).map_err(|source| AccessError::Corrupt { kind, key: key.to_owned(), source })
}

/// Writes until nobody uses the identities any more.
async fn keep_writing(last_used: Weak<LastUsed>, store: Weak<Store>) {
    loop {
        tokio::time::sleep(Duration::from_secs(WRITE_SECONDS)).await;
        let (Some(last_used), Some(store)) = (last_used.upgrade(), store.upgrade()) else { return };
        if let Err(error) = last_used.write(&store).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "last uses could not be written");
        }
    }
}
