//! Functions: install code, invoke.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::code::{CodeError, InstalledCode, install};
use crate::invocation::{FunctionSpec, Invocation, InvocationRequest, InvokeError, WorkerCredentials};
use crate::logs::Logs;
use crate::pool::{Lease, PATIENCE, Place, Pool};
use crate::process::temporary_folders;
use crate::sandbox::SandboxMode;
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
    pub sandbox: SandboxMode,
}

/// The functions of one server.
pub struct Functions {
    config: FunctionsConfig,
    pool: Arc<Pool>,
    logs: Logs,
    permits: Arc<Semaphore>,
}

impl Functions {
    pub fn new(config: FunctionsConfig) -> Self {
        // It may not be there; and what cannot be removed is in nobody's way.
        let _ = std::fs::remove_dir_all(temporary_folders(&config.data_dir));
        let permits = Arc::new(Semaphore::new(config.concurrency));
        Self { config, pool: Pool::new(), logs: Logs::default(), permits }
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

    /// Invokes a function and waits for its answer. The credentials are asked for when a new worker has to start.
    pub async fn invoke<E: From<InvokeError>>(
        &self,
        spec: &FunctionSpec,
        request: &InvocationRequest,
        credentials: impl FnOnce() -> Result<WorkerCredentials, E> + Send,
    ) -> Result<Invocation, E> {
        let _permit = self.permits.try_acquire().map_err(|_| InvokeError::TooManyRequests)?;
        let mut lease = self.place(spec).await;
        let mut worker = match lease.worker.take() {
            Some(worker) => worker,
            None => {
                let log = self.logs.of(&self.config.data_dir.join("logs"), &spec.name);
                Worker::start(spec, &credentials()?, &self.config, log).await?
            }
        };
        let worked = worker.work(spec, request, lease.starting.take()).await;
        lease.finish(worked.is_reusable.then_some(worker), worked.took);
        Ok(worked.outcome?)
    }

    async fn place(&self, spec: &FunctionSpec) -> Lease {
        let mut wait = match self.pool.take(spec) {
            Place::Own(lease) => return *lease,
            Place::Wait(wait) => wait,
        };
        loop {
            match tokio::time::timeout(PATIENCE, &mut wait.told).await {
                Ok(Ok(lease)) => return lease,
                Ok(Err(_)) => return self.pool.start(spec),
                Err(_) => {
                    if let Some(lease) = self.pool.give_up(spec, &mut wait) {
                        return lease;
                    }
                }
            }
        }
    }

    /// Ends the idle workers of a function: it was changed or removed.
    pub fn forget(&self, arn_prefix: &str) {
        self.pool.forget(arn_prefix);
    }
}
