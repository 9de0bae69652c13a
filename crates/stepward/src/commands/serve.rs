//! `stepward serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use stepward_types::AccountId;
use tracing_subscriber::filter::LevelFilter;

use crate::server::{Server, Settings};

/// The account of `--dev`.
const DEV_ACCOUNT: &str = "000000000000";

#[derive(Args)]
pub(crate) struct Serve {
    /// Address to listen on. Port 0 takes a free one.
    #[arg(long, env = "STEPWARD_LISTEN", default_value = "127.0.0.1:4566")]
    listen: SocketAddr,
    /// Folder of everything that must last: made if it is not there.
    #[arg(long, env = "STEPWARD_DATA_DIR", default_value = "stepward-data")]
    data_dir: PathBuf,
    /// Account whose root access key the first start makes.
    #[arg(long, env = "STEPWARD_ACCOUNT", default_value = "123456789012")]
    account: String,
    /// Region that this server is.
    #[arg(long, env = "STEPWARD_REGION", default_value = "us-east-1")]
    region: String,
    /// Accept test/test as root of account 000000000000, and any account id with the secret "test" as its root.
    /// Loopback only.
    #[arg(long, env = "STEPWARD_DEV")]
    dev: bool,
    /// How much is logged: error, warn, info, debug or trace.
    #[arg(long, env = "STEPWARD_LOG", default_value = "warn")]
    log: LevelFilter,
    /// Log as text for people or as JSON for programs.
    #[arg(long, env = "STEPWARD_LOG_FORMAT", default_value = "text", value_parser = ["text", "json"])]
    log_format: String,
    /// How many Lambda functions may run at the same time.
    #[arg(long, env = "STEPWARD_FUNCTION_CONCURRENCY", default_value_t = 1_000)]
    function_concurrency: usize,
}

pub(crate) fn run(serve: &Serve) -> Result<ExitCode> {
    let account = AccountId::parse(&serve.account).context("--account")?;
    if serve.dev && !serve.listen.ip().is_loopback() {
        bail!(
            "--dev accepts credentials that everybody knows, so that it listens on loopback only; {} is not",
            serve.listen.ip()
        );
    }
    start_log(serve);
    let settings = Settings {
        listen: serve.listen,
        data_dir: serve.data_dir.clone(),
        account: account.to_string(),
        region: serve.region.clone(),
        is_dev: serve.dev,
        function_concurrency: serve.function_concurrency,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::start(settings).await?;
        greet(&server, serve);
        server.run_until(stopped()).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn start_log(serve: &Serve) {
    let log = tracing_subscriber::fmt().with_max_level(serve.log).with_writer(std::io::stderr);
    if serve.log_format == "json" {
        log.json().init();
    } else {
        log.init();
    }
}

/// Says where the server is and how to use it; the secret itself stays in its file.
fn greet(server: &Server, serve: &Serve) {
    let endpoint = server.endpoint();
    println!("Stepward listens on {endpoint}");
    println!("  data    {}", serve.data_dir.display());
    println!("  root    account {}, access key in {}", serve.account, server.root_key_file().display());
    println!("  use     export AWS_ENDPOINT_URL={endpoint} AWS_REGION={}", serve.region);
    if serve.dev {
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
