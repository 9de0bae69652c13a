//! `stepward serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use tracing_subscriber::filter::LevelFilter;

use crate::config::{Config, FunctionSandbox};
use crate::server::Server;
use crate::settings::{LogFormat, Settings};

/// The account of `--dev`.
const DEV_ACCOUNT: &str = "000000000000";

#[derive(Args, Default)]
pub(crate) struct Serve {
    /// Configuration file; `stepward.toml` is read if it is there. Flags and variables win over it.
    #[arg(long, env = "STEPWARD_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Address to listen on. Port 0 takes a free one. [default: 127.0.0.1:4566]
    #[arg(long, env = "STEPWARD_LISTEN")]
    pub(crate) listen: Option<SocketAddr>,
    /// Folder of everything that must last: made if it is not there. [default: stepward-data]
    #[arg(long, env = "STEPWARD_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Account whose root access key the first start makes. [default: 123456789012]
    #[arg(long, env = "STEPWARD_ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Region that this server is. [default: us-east-1]
    #[arg(long, env = "STEPWARD_REGION")]
    pub(crate) region: Option<String>,
    /// Accept test/test as root of account 000000000000, and any account id with the secret "test" as its root.
    /// Loopback only.
    #[arg(long, env = "STEPWARD_DEV", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) dev: Option<bool>,
    /// How much is logged: error, warn, info, debug or trace. [default: warn]
    #[arg(long, env = "STEPWARD_LOG")]
    pub(crate) log: Option<LevelFilter>,
    /// Log as text for people or as JSON for programs. [default: text]
    #[arg(long, env = "STEPWARD_LOG_FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// Limit calls by AWS's token buckets: beyond them a call is answered `Rate exceeded`.
    #[arg(long, env = "STEPWARD_THROTTLING", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) throttling: Option<bool>,
    /// How many Lambda functions may run at the same time. [default: 1000]
    #[arg(long, env = "STEPWARD_FUNCTION_CONCURRENCY")]
    pub(crate) function_concurrency: Option<usize>,
    /// Whether Lambda functions run in a sandbox, which shuts the server's files to them: off, auto (where the kernel has
    /// Landlock) or required. [default: auto]
    #[arg(long, env = "STEPWARD_FUNCTION_SANDBOX")]
    pub(crate) function_sandbox: Option<FunctionSandbox>,
    /// Where the AWS services are that are not hosted here: a URL for all of them, or SERVICE=URL. Can be repeated.
    #[arg(long, env = "STEPWARD_BACKEND", value_name = "[SERVICE=]URL", value_delimiter = ',')]
    pub(crate) backend: Vec<String>,
    /// JSON file with EventBridge connections for HTTP Tasks: the parameters of CreateConnection by the connection's ARN.
    #[arg(long, env = "STEPWARD_CONNECTIONS")]
    pub(crate) connections: Option<PathBuf>,
    /// A private network that HTTP Tasks and their like may call, and with http, too: 127.0.0.1 or 10.0.0.0/8, for
    /// example. Can be repeated.
    #[arg(long, env = "STEPWARD_PRIVATE_NETWORK", value_name = "NETWORK", value_delimiter = ',')]
    pub(crate) private_network: Vec<String>,
    /// JSON file with the key sets that verify tokens of OpenID Connect providers: {"https://issuer": {"keys": […]}}.
    #[arg(long, env = "STEPWARD_OIDC_KEYS")]
    pub(crate) oidc_keys: Option<PathBuf>,
    /// Fetch the key sets of other OpenID Connect providers from where they publish them.
    #[arg(long, env = "STEPWARD_OIDC_FETCH_KEYS", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) oidc_fetch_keys: Option<bool>,
    /// Fetch them from this machine and private networks, too.
    #[arg(long, env = "STEPWARD_OIDC_ALLOW_PRIVATE", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) oidc_allow_private: Option<bool>,
}

pub(crate) fn run(serve: &Serve) -> Result<ExitCode> {
    let settings = Settings::new(serve, Config::read(serve.config.as_deref())?)?;
    start_log(&settings);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::start(&settings).await?;
        greet(&server, &settings);
        server.run_until(stopped()).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn start_log(settings: &Settings) {
    // A log that cannot be written (its disk is full) is not a reason to stop: complaining of it where it cannot be
    // written either would be a panic of whoever had something to log.
    let log = tracing_subscriber::fmt().log_internal_errors(false);
    let log = log.with_max_level(settings.log_level).with_writer(std::io::stderr);
    if settings.log_format == LogFormat::Json {
        log.json().init();
    } else {
        log.init();
    }
}

/// Says where the server is and how to use it; the secret itself stays in its file.
fn greet(server: &Server, settings: &Settings) {
    let endpoint = server.endpoint();
    println!("Stepward listens on {endpoint}");
    println!("  data    {}", settings.data_dir.display());
    println!("  root    account {}, access key in {}", settings.account, server.root_key_file().display());
    println!("  use     export AWS_ENDPOINT_URL={endpoint} AWS_REGION={}", settings.region);
    if settings.is_dev {
        println!(
            "  dev     AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test is root of account {DEV_ACCOUNT}"
        );
    }
}

/// Resolves when the process is asked to stop.
async fn stopped() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard; only an interrupt stops the server cleanly");
            let _ = tokio::signal::ctrl_c().await;
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
