//! The state machines of every account: records in the store, those in use in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use stepward_store::{EntityWrite, Store};

use super::StatesError;
use super::record::StateMachineRecord;

/// The kind under which records are stored.
const KIND: &str = "states.machine";
/// The kind that names the state machines which are being deleted.
const DELETING: &str = "states.machine.deleting";
/// How many records are kept in memory; beyond it they are read again.
const CACHED_MAX: usize = 10_000;

type Key = (String, String);

/// The state machines of every account. Cheap to clone.
#[derive(Clone)]
pub struct Machines {
    store: Arc<Store>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    records: Mutex<HashMap<Key, Arc<StateMachineRecord>>>,
    /// One change at a time: a record is read, changed and written as one.
    changing: tokio::sync::Mutex<()>,
}

impl Machines {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store, shared: Arc::default() }
    }

    /// The record of a state machine.
    pub(crate) async fn find(
        &self,
        account: &str,
        name: &str,
    ) -> Result<Option<Arc<StateMachineRecord>>, StatesError> {
        let key = (account.to_owned(), name.to_owned());
        if let Some(record) = self.cached(&key) {
            return Ok(Some(record));
        }
        // What is read while it changes would be remembered as it was.
        let _changing = self.shared.changing.lock().await;
        self.load(key).await
    }

    fn cached(&self, key: &Key) -> Option<Arc<StateMachineRecord>> {
        lock(&self.shared.records).get(key).map(Arc::clone)
    }

    async fn load(&self, key: Key) -> Result<Option<Arc<StateMachineRecord>>, StatesError> {
        if let Some(record) = self.cached(&key) {
            return Ok(Some(record));
        }
        let Some(bytes) = self.store.get(KIND, &key.0, &key.1).await.map_err(StatesError::fault)? else {
            return Ok(None);
        };
        let record: StateMachineRecord = serde_json::from_slice(&bytes).map_err(StatesError::fault)?;
        let record = Arc::new(record);
        self.remember(key, &record);
        Ok(Some(record))
    }

    /// Changes a record as one step: nobody sees or overwrites what lies between. The change gets the record as
    /// it is, if there is one, and gives the record as it shall be, or `None` to leave all as it is.
    pub(crate) async fn change<T>(
        &self,
        account: &str,
        name: &str,
        change: impl FnOnce(Option<StateMachineRecord>) -> Result<(Option<StateMachineRecord>, T), StatesError>
        + Send,
    ) -> Result<T, StatesError> {
        let _changing = self.shared.changing.lock().await;
        let current =
            self.load((account.to_owned(), name.to_owned())).await?.map(|record| record.as_ref().clone());
        let (changed, answer) = change(current)?;
        if let Some(record) = changed {
            let bytes = serde_json::to_vec(&record).map_err(StatesError::fault)?;
            let write = EntityWrite::put(KIND, account, name, bytes);
            self.store.write(vec![write]).await.map_err(StatesError::fault)?;
            self.remember((account.to_owned(), name.to_owned()), &Arc::new(record));
        }
        Ok(answer)
    }

    /// Notes that a state machine is being deleted, so that a start of the server goes on with it.
    pub(crate) async fn note_deleting(&self, account: &str, name: &str) -> Result<(), StatesError> {
        let note = EntityWrite::put(DELETING, account, name, Vec::new());
        self.store.write(vec![note]).await.map_err(StatesError::fault)
    }

    /// The records of the state machines that were being deleted.
    pub(crate) async fn deleting(&self) -> Result<Vec<Arc<StateMachineRecord>>, StatesError> {
        let mut deleting = Vec::new();
        for noted in self.store.all(DELETING).await.map_err(StatesError::fault)? {
            let record = self.find(&noted.account, &noted.key).await?;
            deleting.extend(record.filter(|record| record.is_deleting));
        }
        Ok(deleting)
    }

    /// Removes a record.
    pub(crate) async fn remove(&self, account: &str, name: &str) -> Result<(), StatesError> {
        let _changing = self.shared.changing.lock().await;
        let gone = [KIND, DELETING].map(|kind| EntityWrite::delete(kind, account, name));
        self.store.write(gone.into()).await.map_err(StatesError::fault)?;
        lock(&self.shared.records).remove(&(account.to_owned(), name.to_owned()));
        Ok(())
    }

    /// Up to `limit` records after the name `after`, in the order of their names.
    pub(crate) async fn list(
        &self,
        account: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StateMachineRecord>, StatesError> {
        let rows = self.store.list(KIND, account, "", after, limit).await.map_err(StatesError::fault)?;
        rows.iter().map(|row| serde_json::from_slice(&row.value).map_err(StatesError::fault)).collect()
    }

    fn remember(&self, key: Key, record: &Arc<StateMachineRecord>) {
        let mut records = lock(&self.shared.records);
        if records.len() >= CACHED_MAX {
            records.clear();
        }
        records.insert(key, Arc::clone(record));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
