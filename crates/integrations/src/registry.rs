//! The functions of every account: records in the store, found in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use stepward_access::Access;
use stepward_functions::{FunctionSpec, Functions};
use stepward_store::{EntityWrite, Store, StoreError};

use crate::function::FunctionRecord;

const KIND: &str = "lambda.function";
const CODE_KIND: &str = "lambda.code";
const CACHED_MAX: usize = 10_000;

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a function's record cannot be read")]
    Record(#[from] serde_json::Error),
}

/// The functions of every account.
pub struct FunctionRegistry {
    pub(crate) store: Arc<Store>,
    pub(crate) access: Arc<Access>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) region: String,
    cached: Mutex<HashMap<(String, String), Arc<FunctionRecord>>>,
    /// By the ARN that a function was invoked by.
    specs: Mutex<HashMap<String, Arc<FunctionSpec>>>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
}

impl FunctionRegistry {
    pub fn new(store: Arc<Store>, access: Arc<Access>, functions: Arc<Functions>, region: &str) -> Self {
        let (cached, specs, changing) = Default::default();
        Self { store, access, functions, region: region.to_owned(), cached, specs, changing }
    }

    /// Code and processes.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    pub async fn find(
        &self,
        account: &str,
        name: &str,
    ) -> Result<Option<Arc<FunctionRecord>>, RegistryError> {
        if let Some(record) = self.cached(account, name) {
            return Ok(Some(record));
        }
        let _changing = self.changing.lock().await;
        self.load(account, name).await
    }

    /// Changes a record as one step; `None` leaves all as it is.
    pub async fn change<T, E: From<RegistryError>>(
        &self,
        account: &str,
        name: &str,
        change: impl FnOnce(Option<FunctionRecord>) -> Result<(Option<FunctionRecord>, T), E> + Send,
    ) -> Result<T, E> {
        let _changing = self.changing.lock().await;
        let current = self.load(account, name).await?.map(|record| record.as_ref().clone());
        let (changed, answer) = change(current)?;
        if let Some(record) = changed {
            let bytes = serde_json::to_vec(&record).map_err(RegistryError::from)?;
            let write = EntityWrite::put(KIND, account, name, bytes);
            self.store.write(vec![write]).await.map_err(RegistryError::from)?;
            self.functions.forget(&record.arn);
            self.remember(account, name, Arc::new(record));
        }
        Ok(answer)
    }

    /// Removes a function; tells whether it was there.
    pub async fn remove(&self, account: &str, name: &str) -> Result<bool, RegistryError> {
        let _changing = self.changing.lock().await;
        let Some(record) = self.load(account, name).await? else { return Ok(false) };
        self.store.write(vec![EntityWrite::delete(KIND, account, name)]).await?;
        self.functions.forget(&record.arn);
        lock(&self.cached).remove(&(account.to_owned(), name.to_owned()));
        Ok(true)
    }

    /// Up to `limit` functions after a name, in the order of names.
    pub async fn list(
        &self,
        account: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<FunctionRecord>, RegistryError> {
        let rows = self.store.list(KIND, account, "", after, limit).await?;
        rows.iter().map(|row| serde_json::from_slice(&row.value).map_err(RegistryError::from)).collect()
    }

    /// Keeps a package, so that its code can be unpacked again.
    pub async fn keep_package(&self, name: &str, package: Vec<u8>) -> Result<(), RegistryError> {
        Ok(self.store.write(vec![EntityWrite::put(CODE_KIND, "", name, package)]).await?)
    }

    /// A package that was kept.
    pub async fn package(&self, name: &str) -> Result<Option<Vec<u8>>, RegistryError> {
        Ok(self.store.get(CODE_KIND, "", name).await?)
    }

    async fn load(&self, account: &str, name: &str) -> Result<Option<Arc<FunctionRecord>>, RegistryError> {
        if let Some(record) = self.cached(account, name) {
            return Ok(Some(record));
        }
        let Some(bytes) = self.store.get(KIND, account, name).await? else { return Ok(None) };
        let record: Arc<FunctionRecord> = Arc::new(serde_json::from_slice(&bytes)?);
        self.remember(account, name, Arc::clone(&record));
        Ok(Some(record))
    }

    fn cached(&self, account: &str, name: &str) -> Option<Arc<FunctionRecord>> {
        lock(&self.cached).get(&(account.to_owned(), name.to_owned())).map(Arc::clone)
    }

    pub(crate) fn kept_spec(&self, arn: &str) -> Option<Arc<FunctionSpec>> {
        lock(&self.specs).get(arn).map(Arc::clone)
    }

    pub(crate) fn keep_spec(&self, spec: &Arc<FunctionSpec>) {
        let mut specs = lock(&self.specs);
        if specs.len() >= CACHED_MAX {
            specs.clear();
        }
        specs.insert(spec.arn.clone(), Arc::clone(spec));
    }

    fn remember(&self, account: &str, name: &str, record: Arc<FunctionRecord>) {
        let mut cached = lock(&self.cached);
        if cached.len() >= CACHED_MAX {
            cached.clear();
        }
        cached.insert((account.to_owned(), name.to_owned()), record);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
