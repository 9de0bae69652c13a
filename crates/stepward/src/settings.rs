//! What the operator chose: flags, then `STEPWARD_*` variables, then `stepward.toml`, then the defaults.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use stepward_types::AccountId;
use tracing_subscriber::filter::LevelFilter;

use crate::commands::serve::Serve;
use crate::config::Config;

/// Where the server listens if nothing is said.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4566);
/// Where its data is if nothing is said.
pub(crate) const DATA_DIR: &str = "stepward-data";
const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const FUNCTION_CONCURRENCY: usize = 1_000;
/// AWS: closed executions are kept for 90 days.
const EXECUTIONS_DAYS: u32 = 90;
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
    pub(crate) open_executions_max: u64,
    pub(crate) executions_days: u32,
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
            open_executions_max: config.quotas.open_executions.unwrap_or(OPEN_EXECUTIONS),
            executions_days: config.retention.executions_days.unwrap_or(EXECUTIONS_DAYS),
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
        if self.executions_days == 0 {
            bail!("retention.executions_days must be at least 1");
        }
        Ok(())
    }
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
        assert!(refused("dev = true\nlisten = '0.0.0.0:1'").starts_with("--dev"));
    }
}
