//! The server, put together: store, access, functions, engine, services, and the edge.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use anyhow::{Context as _, Result};
use serde_json::json;
use stepward_access::{Access, AccessConfig};
use stepward_engine::{Engine, EngineConfig, Hosted, SystemClock, UnderRole};
use stepward_functions::{Functions, FunctionsConfig};
use stepward_integrations::backend::Backends;
use stepward_integrations::connections::Connections;
use stepward_integrations::outbound::Outbound;
use stepward_integrations::{Calls, FunctionRegistry};
use stepward_services::states::{BackendSink, Delivery, EventSink, LogFolder, LogSink};
use stepward_services::{InProcess, Services};
use stepward_store::Store;
use stepward_types::Region;
use tokio::net::TcpListener;

use crate::console::Console;
use crate::edge::{self, Edge};
use crate::metrics::Metrics;
use crate::provider_keys::provider_keys;
use crate::settings::Settings;

/// A server that is ready: it listens, and what was open goes on.
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    root_key_file: PathBuf,
    edge: Arc<Edge>,
    engine: Arc<Engine>,
    calls: Arc<Calls>,
    delivery: Arc<Delivery>,
    /// Kept for the tasks, which hold it weakly.
    _hosted: Arc<dyn Hosted>,
}

impl Server {
    pub(crate) async fn start(settings: &Settings) -> Result<Self> {
        let listener = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("could not listen on {}", settings.listen))?;
        let address = listener.local_addr()?;
        make_private(&settings.data_dir)
            .with_context(|| format!("--data-dir {}", settings.data_dir.display()))?;
        let data_dir = settings.data_dir.canonicalize()?;
        let store = Store::open(&data_dir).context("the store could not be opened")?;
        let access = open_access(settings, &data_dir, &store).await?;
        access.set_endpoint(&format!("http://{address}"));
        access.set_provider_keys(provider_keys(settings)?);
        if let Some(organization) = &settings.organization {
            access.set_organization(organization.clone());
        }
        let root_key_file = write_root_key(&access, &settings.account, &data_dir)?;
        let functions = Arc::new(Functions::new(FunctionsConfig {
            data_dir: data_dir.clone(),
            endpoint: format!("http://{address}"),
            region: settings.region.clone(),
            concurrency: settings.function_concurrency,
            sandbox: settings.function_sandbox.into(),
        }));
        let registry =
            FunctionRegistry::new(Arc::clone(&store), Arc::clone(&access), functions, &settings.region);
        let registry = Arc::new(registry);
        let clock = Arc::new(SystemClock);
        let backends = Arc::new(Backends::new(&settings.backends)?);
        let outbound = Outbound::new(settings.private_networks.clone());
        let calls = Calls::new(Arc::clone(&access), backends).with_outbound(outbound, connections(settings)?);
        let calls = Arc::new(calls);
        let services = new_services(settings, &calls, &store, &registry)?;
        let delivery = deliver(settings, &data_dir, access, &calls);
        services.deliver(Arc::clone(&delivery));
        let performer = Arc::new(UnderRole::new(registry, Arc::clone(&calls), Arc::clone(&clock) as Arc<_>));
        let hosted: Arc<dyn Hosted> = Arc::new(InProcess(Arc::clone(&services)));
        let connected = Arc::clone(&performer);
        let engine = Engine::open(store, performer, clock, engine_config(settings, &delivery))
            .await
            .context("the engine could not be opened")?;
        let weak_hosted: Weak<dyn Hosted> = Arc::downgrade(&hosted);
        connected.connect(weak_hosted, Arc::downgrade(&engine));
        services.access.keep_decisions(settings.decisions_days);
        services.start(Arc::clone(&engine));
        let console = Console::new(&settings.region, settings.is_dev);
        let metrics = Metrics {
            access: settings.metrics,
            services: Arc::clone(&services),
            engine: Arc::clone(&engine),
            delivery: Arc::clone(&delivery),
        };
        let edge = Arc::new(Edge { services, console, metrics, is_dev: settings.is_dev });
        Ok(Self { listener, address, root_key_file, edge, engine, calls, delivery, _hosted: hosted })
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn root_key_file(&self) -> &Path {
        &self.root_key_file
    }

    /// Serves until told to stop; then answers what has begun, and makes durable what was decided.
    pub(crate) async fn run_until(self, stopped: impl Future<Output = ()>) -> Result<()> {
        edge::serve(self.listener, Arc::clone(&self.edge), stopped).await;
        self.engine.close().await;
        self.calls.settled().await;
        self.delivery.close().await;
        self.edge.services.access.close().await.context("what was last used could not be written")?;
        self.edge.services.access.flush_decisions().await.context("the last decisions could not be kept")
    }
}

fn new_services(
    settings: &Settings,
    calls: &Arc<Calls>,
    store: &Arc<Store>,
    registry: &Arc<FunctionRegistry>,
) -> Result<Arc<Services>> {
    let (calls, store, registry) = (Arc::clone(calls), Arc::clone(store), Arc::clone(registry));
    let region = Region::new(&settings.region);
    let services = Services::new(calls, store, registry, region, &settings.throttle);
    Ok(Arc::new(services.context("quotas.rates")?))
}

/// The connections of the operator's file. What is wrong with it is told without what it holds.
fn connections(settings: &Settings) -> Result<Connections> {
    let Some(file) = &settings.connections_file else { return Ok(Connections::default()) };
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("the connections in '{}'", file.display()))?;
    Connections::parse(&text).with_context(|| format!("the connections in '{}'", file.display()))
}

/// Logs and events go to the backends that host them; logs without one to files.
fn deliver(settings: &Settings, data_dir: &Path, access: Arc<Access>, calls: &Arc<Calls>) -> Arc<Delivery> {
    let backend = Arc::new(BackendSink::new(Arc::clone(calls)));
    let logs: Arc<dyn LogSink> = if backend.hosts("logs") {
        Arc::clone(&backend) as Arc<_>
    } else {
        Arc::new(LogFolder::new(data_dir.join("logs"), settings.execution_logs_days))
    };
    let events = backend.hosts("events").then_some(backend as Arc<dyn EventSink>);
    Delivery::new(access, logs, events)
}

fn engine_config(settings: &Settings, delivery: &Arc<Delivery>) -> EngineConfig {
    EngineConfig {
        open_executions_max: settings.open_executions_max,
        retention_days: settings.executions_days,
        observer: Some(Arc::clone(delivery) as Arc<_>),
        ..EngineConfig::default()
    }
}

async fn open_access(settings: &Settings, data_dir: &Path, store: &Arc<Store>) -> Result<Arc<Access>> {
    let config = AccessConfig {
        data_folder: data_dir.to_owned(),
        account: settings.account.clone(),
        is_dev: settings.is_dev,
    };
    let access = Access::open(Arc::clone(store), config).await.context("the identities could not be read")?;
    Ok(Arc::new(access))
}

/// A folder that nobody else reads.
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if !folder.is_dir() {
        std::fs::create_dir_all(folder)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// The root access key, where only the owner of the folder reads it.
fn write_root_key(access: &Access, account: &str, data_dir: &Path) -> Result<PathBuf> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = data_dir.join("root-access-key.json");
    let Some(key) = access.root_credentials(account) else { return Ok(file) };
    let text = json!({"Account": account, "AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key});
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    writeln!(options.open(&file)?, "{text}")?;
    Ok(file)
}
