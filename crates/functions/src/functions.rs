//! Functions: install code, invoke.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::code::{CodeError, InstalledCode, install};
use crate::invocation::{FunctionSpec, Invocation, InvocationRequest, InvokeError, WorkerCredentials};
use crate::pool::Pool;
use crate::worker::Worker;

/// How functions run here.
#[derive(Clone, Debug)]
pub struct FunctionsConfig {
    /// Code, runtimes and logs lie below it.
    pub data_dir: PathBuf,
    /// The endpoint that functions find in their environment.
    pub endpoint: String,
    pub region: String,
    /// How many invocations run at the same time.
    pub concurrency: usize,
}

/// The functions of one server.
pub struct Functions {
    config: FunctionsConfig,
    pool: Pool,
    permits: Arc<Semaphore>,
}

impl Functions {
    pub fn new(config: FunctionsConfig) -> Self {
        let permits = Arc::new(Semaphore::new(config.concurrency));
        Self { config, pool: Pool::default(), permits }
    }

    /// Unpacks a package under its name (its hash); nothing of a refused package stays.
    pub async fn install(&self, name: &str, package: Vec<u8>) -> Result<InstalledCode, CodeError> {
        let (folder, name) = (self.code_folder(), name.to_owned());
        let task = tokio::task::spawn_blocking(move || install(&folder, &name, &package));
        task.await.map_err(|error| CodeError::Io(std::io::Error::other(error)))?
    }

    /// Where the code of a name is unpacked.
    pub fn code_folder(&self) -> PathBuf {
        self.config.data_dir.join("code")
    }

    /// Invokes a function and waits for its answer. The credentials are used when a new worker has to start.
    pub async fn invoke(
        &self,
        spec: &FunctionSpec,
        request: &InvocationRequest,
        credentials: &WorkerCredentials,
    ) -> Result<Invocation, InvokeError> {
        let _permit = self.permits.try_acquire().map_err(|_| InvokeError::TooManyRequests)?;
        let mut worker = match self.pool.take(spec) {
            Some(worker) => worker,
            None => Worker::start(spec, credentials, &self.config).await?,
        };
        let worked = worker.work(spec, request).await;
        if worked.is_reusable {
            self.pool.put(spec, worker);
        }
        worked.outcome
    }

    /// Ends the idle workers of a function: it was changed or removed.
    pub fn forget(&self, arn_prefix: &str) {
        self.pool.forget(arn_prefix);
    }
}
