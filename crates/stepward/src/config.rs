//! `stepward.toml`: what it may say, and what is said of a file that says anything else.
//!
//! Owns the file's keys. Every key is optional; a flag or a `STEPWARD_*` variable of the same meaning wins over it. A
//! key that nobody knows is an error: a setting with a typing mistake would otherwise be silently not in force.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use stepward_functions::SandboxMode;

/// The file that is read when none is named and it is there.
pub(crate) const FILE: &str = "stepward.toml";

/// The whole file. Plain keys first, then one table a subject.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) dev: Option<bool>,
    pub(crate) function_concurrency: Option<usize>,
    pub(crate) function_sandbox: Option<FunctionSandbox>,
    pub(crate) logging: Logging,
    pub(crate) metrics: Metrics,
    pub(crate) quotas: Quotas,
    pub(crate) retention: Retention,
    pub(crate) backends: Backends,
    pub(crate) gateway: Gateway,
    pub(crate) http_tasks: HttpTasks,
    pub(crate) identity_providers: IdentityProviders,
    pub(crate) organization: Option<Organization>,
}

/// Whether functions run in a sandbox, which shuts the server's files to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FunctionSandbox {
    /// No.
    Off,
    /// Where the kernel has Landlock.
    #[default]
    Auto,
    /// Yes: without Landlock no function starts.
    Required,
}

impl From<FunctionSandbox> for SandboxMode {
    fn from(chosen: FunctionSandbox) -> Self {
        match chosen {
            FunctionSandbox::Off => Self::Off,
            FunctionSandbox::Auto => Self::Auto,
            FunctionSandbox::Required => Self::Required,
        }
    }
}

/// `[logging]`: the server's own log.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Logging {
    pub(crate) level: Option<String>,
    pub(crate) format: Option<String>,
}

/// `[quotas]`: limits that AWS has and that can be changed there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Quotas {
    /// Whether calls are limited by AWS's token buckets.
    pub(crate) throttling: Option<bool>,
    /// Open executions of an account.
    pub(crate) open_executions: Option<u64>,
    /// `[quotas.rates]`: other numbers than AWS's, by the name of the operation.
    pub(crate) rates: BTreeMap<String, Rate>,
}

/// `{ size = 1300, refill = 300 }`: how many calls may come at once, and how many more each second.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rate {
    pub(crate) size: u32,
    pub(crate) refill: u32,
}

/// `[metrics]`: who reads `/metrics`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Metrics {
    pub(crate) access: Option<MetricsAccess>,
}

/// Who is answered at `/metrics`, which asks for no credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MetricsAccess {
    /// Nobody.
    Off,
    /// Whoever is on this machine.
    #[default]
    Loopback,
    /// Whoever reaches the listener.
    All,
}

/// `[retention]`: how long what is over is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Retention {
    pub(crate) executions_days: Option<u32>,
    pub(crate) execution_logs_days: Option<u32>,
    /// How long decisions are kept; 0 keeps none.
    pub(crate) decisions_days: Option<u32>,
}

/// `[backends]`: where the services are that are not hosted here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Backends {
    /// The endpoint of every service without one of its own.
    pub(crate) all: Option<String>,
    /// The account that owns what the backends hold; every caller's own if unset.
    pub(crate) account: Option<String>,
    pub(crate) timeout_seconds: Option<u64>,
    /// How often a request is tried.
    pub(crate) attempts: Option<u32>,
    /// Endpoints by service.
    #[serde(flatten)]
    pub(crate) each: BTreeMap<String, String>,
}

/// `[gateway]`: how requests for backends arrive.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Gateway {
    /// Host names of this server: `bucket.HOST` means the bucket.
    pub(crate) hosts: Vec<String>,
}

/// `[http_tasks]`: whom HTTP Tasks and their like may call, and with which credentials.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpTasks {
    /// A JSON file with EventBridge connections.
    pub(crate) connections_file: Option<PathBuf>,
    /// Private networks that may be called, and with http, too.
    pub(crate) private_networks: Vec<String>,
}

/// `[identity_providers]`: how tokens of OpenID Connect providers are verified.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct IdentityProviders {
    /// A JSON file with the key set of each issuer.
    pub(crate) keys_file: Option<PathBuf>,
    /// Whether keys of other issuers are fetched from where they say.
    pub(crate) fetch_keys: Option<bool>,
    /// Whether they may be on this machine or in a private network.
    pub(crate) allow_private: Option<bool>,
}

/// `[organization]`: accounts of this server that are managed together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Organization {
    /// `o-` and 10 to 32 lower case letters and digits.
    pub(crate) id: String,
    /// `r-` and 4 to 32 lower case letters and digits.
    pub(crate) root: Option<String>,
    /// The account that manages it.
    pub(crate) management: String,
    /// Its other accounts.
    #[serde(default)]
    pub(crate) members: Vec<String>,
    /// Those of the members that may manage root access, too.
    #[serde(default)]
    pub(crate) delegated_administrators: Vec<String>,
    /// The organizational units of an account, from the top: `ou-…/ou-…`.
    #[serde(default)]
    pub(crate) units: BTreeMap<String, String>,
}

impl Config {
    /// The named file, which must be there; or `stepward.toml` here, which need not.
    pub(crate) fn read(named: Option<&Path>) -> Result<Self> {
        let path = named.unwrap_or(Path::new(FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(error).with_context(|| format!("the configuration '{}'", path.display()));
            }
        };
        Self::parse(&text).with_context(|| format!("the configuration '{}'", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text)?;
        for (operation, rate) in &config.quotas.rates {
            if rate.size == 0 || rate.refill == 0 {
                bail!("quotas.rates.{operation}: size and refill must be at least 1");
            }
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        format!("{:#}", Config::parse(text).unwrap_err())
    }

    #[test]
    fn every_key_is_optional() {
        let config = Config::parse("").unwrap();
        assert!(config.listen.is_none() && config.quotas.open_executions.is_none());
    }

    #[test]
    fn each_section_is_read() {
        let config = Config::parse(
            "listen = '127.0.0.1:1'\n[logging]\nlevel = 'info'\n[quotas]\nopen_executions = 5\n\
             rates.StopExecution = { size = 2, refill = 1 }\n[retention]\nexecutions_days = 30\n",
        )
        .unwrap();
        assert_eq!(config.listen.unwrap().port(), 1);
        assert_eq!(config.quotas.open_executions, Some(5));
        assert_eq!(config.quotas.rates["StopExecution"].size, 2);
        assert_eq!(config.retention.executions_days, Some(30));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_those_that_are_known() {
        let text = refused("regoin = 'x'\n");
        assert!(
            text.contains("line 1") && text.contains("unknown field `regoin`") && text.contains("region"),
            "{text}"
        );
        let text = refused("[retention]\ndays = 1\n");
        assert!(text.contains("unknown field `days`") && text.contains("executions_days"), "{text}");
    }

    #[test]
    fn a_bucket_that_never_fills_is_refused() {
        let text = refused("[quotas]\nrates.StopExecution = { size = 1, refill = 0 }\n");
        assert_eq!(text, "quotas.rates.StopExecution: size and refill must be at least 1");
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        let error = Config::read(Some(Path::new("no/such/file.toml"))).unwrap_err();
        assert!(format!("{error:#}").contains("no/such/file.toml"), "{error:#}");
    }
}
