//! What the operator chose: flags, then `STEPWARD_*` variables, then `stepward.toml`, then the defaults.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use stepward_access::Organization;
use stepward_integrations::backend::{Backends, BackendsConfig, Credentials};
use stepward_integrations::outbound::Network;
use stepward_services::{Rate, ThrottleConfig};
use stepward_types::AccountId;
use tracing_subscriber::filter::LevelFilter;

use crate::commands::serve::Serve;
use crate::config::{self, Config, FunctionSandbox, MetricsAccess};
use crate::organization::organization;

/// Where the server listens if nothing is said.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4566);
/// Where its data is if nothing is said.
pub(crate) const DATA_DIR: &str = "stepward-data";
const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const FUNCTION_CONCURRENCY: usize = 1_000;
/// AWS: closed executions are kept for 90 days.
const EXECUTIONS_DAYS: u32 = 90;
const EXECUTION_LOGS_DAYS: u32 = 90;
const DECISIONS_DAYS: u32 = 30;
/// AWS: 1,000,000 open executions of an account.
const OPEN_EXECUTIONS: u64 = 1_000_000;

/// Every setting, with its value.
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) is_dev: bool,
    pub(crate) log_level: LevelFilter,
    pub(crate) log_format: LogFormat,
    pub(crate) function_concurrency: usize,
    pub(crate) function_sandbox: FunctionSandbox,
    pub(crate) open_executions_max: u64,
    pub(crate) executions_days: u32,
    pub(crate) decisions_days: u32,
    pub(crate) backends: BackendsConfig,
    pub(crate) connections_file: Option<PathBuf>,
    pub(crate) private_networks: Vec<Network>,
    pub(crate) execution_logs_days: u32,
    pub(crate) throttle: ThrottleConfig,
    pub(crate) metrics: MetricsAccess,
    pub(crate) oidc_keys: Option<PathBuf>,
    pub(crate) fetches_oidc_keys: bool,
    pub(crate) allows_private_providers: bool,
    pub(crate) organization: Option<Organization>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// Refuses values that are none, and says which setting has them.
    pub(crate) fn new(flags: &Serve, config: Config) -> Result<Self> {
        let account = flags.account.clone().or(config.account).unwrap_or_else(|| ACCOUNT.to_owned());
        let settings = Self {
            listen: flags.listen.or(config.listen).unwrap_or(LISTEN),
            data_dir: flags.data_dir.clone().or(config.data_dir).unwrap_or_else(|| DATA_DIR.into()),
            account: AccountId::parse(&account).context("account")?.to_string(),
            region: flags.region.clone().or(config.region).unwrap_or_else(|| REGION.to_owned()),
            is_dev: flags.dev.or(config.dev).unwrap_or_default(),
            log_level: match (flags.log, &config.logging.level) {
                (Some(level), _) => level,
                (None, Some(text)) => text.parse().with_context(|| {
                    format!("logging.level is '{text}'; error, warn, info, debug and trace are levels")
                })?,
                (None, None) => LevelFilter::WARN,
            },
            log_format: match (flags.log_format, config.logging.format.as_deref()) {
                (Some(format), _) => format,
                (None, None | Some("text")) => LogFormat::Text,
                (None, Some("json")) => LogFormat::Json,
                (None, Some(other)) => bail!("logging.format is '{other}'; text and json are formats"),
            },
            function_concurrency: flags
                .function_concurrency
                .or(config.function_concurrency)
                .unwrap_or(FUNCTION_CONCURRENCY),
            function_sandbox: flags.function_sandbox.or(config.function_sandbox).unwrap_or_default(),
            open_executions_max: config.quotas.open_executions.unwrap_or(OPEN_EXECUTIONS),
            oidc_keys: flags.oidc_keys.clone().or(config.identity_providers.keys_file),
            fetches_oidc_keys: flags
                .oidc_fetch_keys
                .or(config.identity_providers.fetch_keys)
                .unwrap_or_default(),
            allows_private_providers: flags
                .oidc_allow_private
                .or(config.identity_providers.allow_private)
                .unwrap_or_default(),
            organization: config.organization.map(organization).transpose()?,
            executions_days: config.retention.executions_days.unwrap_or(EXECUTIONS_DAYS),
            decisions_days: config.retention.decisions_days.unwrap_or(DECISIONS_DAYS),
            backends: BackendsConfig {
                hosts: hosts(config.gateway.hosts)?,
                ..backends(&flags.backend, config.backends)?
            },
            connections_file: flags.connections.clone().or(config.http_tasks.connections_file),
            private_networks: networks(&flags.private_network, &config.http_tasks.private_networks)?,
            execution_logs_days: config.retention.execution_logs_days.unwrap_or(EXECUTION_LOGS_DAYS),
            throttle: ThrottleConfig {
                is_on: flags.throttling.or(config.quotas.throttling).unwrap_or_default(),
                rates: rates(config.quotas.rates),
            },
            metrics: config.metrics.access.unwrap_or_default(),
        };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<()> {
        if self.is_dev && !self.listen.ip().is_loopback() {
            bail!(
                "--dev accepts credentials that everybody knows, so that it listens on loopback only; {} is not",
                self.listen.ip()
            );
        }
        for (name, days) in
            [("executions_days", self.executions_days), ("execution_logs_days", self.execution_logs_days)]
        {
            if days == 0 {
                bail!("retention.{name} must be at least 1");
            }
        }
        Ok(())
    }
}

/// Names as they stand in the header Host, without a port.
fn hosts(names: Vec<String>) -> Result<Vec<String>> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if let Some(wrong) = names.iter().find(|name| !name.split('.').all(is_label)) {
        bail!(
            "gateway.hosts: {wrong:?} is no host name; right is for example \"s3.example.com\", without port and *"
        );
    }
    Ok(names.into_iter().map(|name| name.to_ascii_lowercase()).collect())
}

/// Flags win over the file, service by service. The credentials come by the environment only: they are secrets.
fn backends(flags: &[String], file: crate::config::Backends) -> Result<BackendsConfig> {
    let account = file.account.as_deref().map(AccountId::parse).transpose().context("backends.account")?;
    let account = account.map(|account| account.to_string());
    let mut config = BackendsConfig { all: file.all, each: file.each, account, ..BackendsConfig::default() };
    for flag in flags {
        match flag.split_once('=') {
            Some((service, url)) if !service.contains(':') => {
                config.each.insert(service.to_owned(), url.to_owned());
            }
            _ => config.all = Some(flag.clone()),
        }
    }
    if let Some(unknown) = config.each.keys().find(|name| !Backends::is_service(name)) {
        bail!(
            "backends.{unknown} is no service; dynamodb, s3 and sqs are, for example, or all for every service"
        );
    }
    if let Some(seconds) = file.timeout_seconds {
        config.timeout = Duration::from_secs(seconds.clamp(1, 900));
    }
    config.attempts = file.attempts.unwrap_or(config.attempts).clamp(1, 10);
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(access_key_id) = variable("STEPWARD_BACKEND_ACCESS_KEY_ID") {
        let Some(secret_access_key) = variable("STEPWARD_BACKEND_SECRET_ACCESS_KEY") else {
            bail!("STEPWARD_BACKEND_ACCESS_KEY_ID needs STEPWARD_BACKEND_SECRET_ACCESS_KEY");
        };
        let session_token = variable("STEPWARD_BACKEND_SESSION_TOKEN");
        config.credentials = Some(Credentials { access_key_id, secret_access_key, session_token });
    }
    Backends::new(&config).context("backends")?;
    Ok(config)
}

/// Flags win over the file.
fn networks(flags: &[String], file: &[String]) -> Result<Vec<Network>> {
    let given = if flags.is_empty() { file } else { flags };
    given.iter().map(|text| text.parse().context("http_tasks.private_networks")).collect()
}

fn rates(rates: BTreeMap<String, config::Rate>) -> BTreeMap<String, Rate> {
    let rates = rates.into_iter().map(|(name, rate)| (name, Rate { size: rate.size, refill: rate.refill }));
    rates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(flags: Serve, config: &str) -> Result<Settings> {
        Settings::new(&flags, toml::from_str(config)?)
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let flags = Serve { region: Some("eu-west-1".to_owned()), ..Serve::default() };
        let settings = settings(flags, "region = 'eu-north-1'\naccount = '111122223333'\n").unwrap();
        assert_eq!((settings.region.as_str(), settings.account.as_str()), ("eu-west-1", "111122223333"));
        assert_eq!(settings.listen, LISTEN);
    }

    #[test]
    fn a_value_that_is_none_is_refused_with_its_name() {
        let refused = |config: &str| format!("{:#}", settings(Serve::default(), config).err().unwrap());
        assert!(refused("account = 'me'").starts_with("account"));
        assert!(refused("[logging]\nlevel = 'loud'").starts_with("logging.level is 'loud'"));
        assert!(refused("[logging]\nformat = 'xml'").starts_with("logging.format is 'xml'"));
        assert!(refused("[retention]\nexecutions_days = 0").starts_with("retention.executions_days"));
        assert!(refused("[backends]\ns4 = 'http://h'").starts_with("backends.s4 is no service"));
        let text = refused("[http_tasks]\nprivate_networks = ['localhost']");
        assert!(text.starts_with("http_tasks.private_networks: \"localhost\" is no network"), "{text}");
        assert!(refused("[backends]\ns3 = 'h'").contains("http://"));
        assert!(refused("[gateway]\nhosts = ['*.h:80']").contains("is no host name"));
        assert!(refused("dev = true\nlisten = '0.0.0.0:1'").starts_with("--dev"));
    }
}
