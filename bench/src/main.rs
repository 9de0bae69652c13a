//! A load generator: many clients start executions of one state machine and see each of them done.
//!
//! Owns the load and its measurement. Refuses to set anything up: the state machine is there (see `measure.py`).
#![allow(clippy::disallowed_methods, reason = "a load generator reads the clock")]

mod client;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::{Parser, ValueEnum};
use client::{Client, Target};
use serde_json::json;
use stepward_sigv4::Credentials;

/// What each client does, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// StartExecution, then DescribeExecution until it is closed.
    Standard,
    /// StartExecution only: how fast starts become durable.
    Start,
    /// StartSyncExecution of an Express state machine.
    Sync,
}

#[derive(Clone, Parser)]
struct Options {
    /// `host:port` of the server.
    #[arg(long, default_value = "127.0.0.1:4566")]
    address: String,
    #[arg(long)]
    state_machine_arn: String,
    #[arg(long, value_enum, default_value = "standard")]
    mode: Mode,
    #[arg(long, default_value_t = 64)]
    clients: usize,
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Not measured, at the beginning.
    #[arg(long, default_value_t = 1.0)]
    warm_up_seconds: f64,
    #[arg(long, default_value = "{}")]
    input: String,
    #[arg(long, env = "AWS_ACCESS_KEY_ID", default_value = "test")]
    access_key_id: String,
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", default_value = "test", hide_env_values = true)]
    secret_access_key: String,
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    region: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let (measuring, stopping) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let clients: Vec<_> = (0..options.clients)
        .map(|_| tokio::spawn(load(options.clone(), Arc::clone(&measuring), Arc::clone(&stopping))))
        .collect();
    tokio::time::sleep(Duration::from_secs_f64(options.warm_up_seconds)).await;
    measuring.store(true, Ordering::Relaxed);
    let began = Instant::now();
    tokio::time::sleep(Duration::from_secs_f64(options.seconds)).await;
    stopping.store(true, Ordering::Relaxed);
    let seconds = began.elapsed().as_secs_f64();
    let mut millis = Vec::new();
    for client in clients {
        millis.extend(client.await??);
    }
    report(&mut millis, seconds)
}

/// One client; gives how long each measured execution took, in milliseconds.
async fn load(
    options: Options,
    measuring: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
) -> anyhow::Result<Vec<f64>> {
    let credentials = Credentials {
        access_key_id: options.access_key_id,
        secret_access_key: options.secret_access_key,
        session_token: None,
    };
    let client =
        Client::connect(Target { address: options.address, region: options.region, credentials }).await?;
    let input = json!({"stateMachineArn": options.state_machine_arn, "input": options.input}).to_string();
    let mut caller = Caller { client, mode: options.mode, input, usual: Duration::ZERO };
    let mut millis = Vec::new();
    while !stopping.load(Ordering::Relaxed) {
        let is_measured = measuring.load(Ordering::Relaxed);
        let began = Instant::now();
        caller.execute().await?;
        if is_measured && !stopping.load(Ordering::Relaxed) {
            millis.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    Ok(millis)
}

struct Caller {
    client: Client,
    mode: Mode,
    input: String,
    /// How long executions usually take after their start; nothing where they are done when the start is answered.
    usual: Duration,
}

impl Caller {
    /// One execution, to its end where the mode has one.
    async fn execute(&mut self) -> anyhow::Result<()> {
        if self.mode == Mode::Sync {
            return succeeded(self.client.call("StartSyncExecution", &self.input).await?);
        }
        let answer = self.client.call("StartExecution", &self.input).await?;
        if self.mode == Mode::Start {
            return Ok(());
        }
        let arn = member(answer, "executionArn").context("StartExecution answered no executionArn")?;
        let execution = format!("{{\"executionArn\":\"{arn}\"}}");
        self.see_done(&execution).await
    }

    /// Asks when it is likely to be done, and then now and then: who asks all the time takes the server's time.
    async fn see_done(&mut self, execution: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        if self.usual > Duration::from_millis(1) {
            tokio::time::sleep(self.usual.mul_f64(0.9)).await;
        }
        loop {
            let described = self.client.call("DescribeExecution", execution).await?;
            if member(described, "status") != Some("RUNNING") {
                succeeded(described)?;
                let took = number(described, "stopDate").zip(number(described, "startDate"));
                let seconds = took.map_or(0.0, |(stopped, started)| (stopped - started).clamp(0.0, 60.0));
                self.usual = self.usual.mul_f64(0.7) + Duration::from_secs_f64(seconds * 0.3);
                return Ok(());
            }
            tokio::time::sleep(began.elapsed().mul_f64(0.2).max(Duration::from_millis(1))).await;
        }
    }
}

fn succeeded(answer: &str) -> anyhow::Result<()> {
    match member(answer, "status") {
        Some("SUCCEEDED") => Ok(()),
        _ => bail!("an execution did not succeed: {answer}"),
    }
}

/// The text of a member whose name and value the answer has once and without escapes.
fn member<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = answer.split_once(&format!("\"{name}\":\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn number(answer: &str, name: &str) -> Option<f64> {
    let (_, rest) = answer.split_once(&format!("\"{name}\":"))?;
    rest.split([',', '}']).next()?.parse().ok()
}

#[expect(clippy::print_stdout, reason = "the result is the output")]
fn report(millis: &mut [f64], seconds: f64) -> anyhow::Result<()> {
    millis.sort_by(f64::total_cmp);
    let quantile = |part: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index below the length"
        )]
        let index = (part * millis.len() as f64) as usize;
        millis.get(index.min(millis.len().saturating_sub(1))).copied()
    };
    let result = json!({
        "executions": millis.len(),
        "perSecond": (millis.len() as f64 / seconds).round(),
        "p50Millis": quantile(0.5),
        "p99Millis": quantile(0.99),
    });
    println!("{result}");
    Ok(())
}
