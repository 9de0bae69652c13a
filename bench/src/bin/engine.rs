//! What the engine does without the network: executions per second, and the memory of executions that wait.
#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock and files")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use serde_json::{Value, json};
use stepward_asl::TaskOutcome;
use stepward_engine::{
    Engine, EngineConfig, ExecutionStatus, MachineSnapshot, Performed, Performer, Performing, Progress,
    StartRequest, SystemClock, TaskCall,
};
use stepward_store::Store;
use stepward_types::Timestamp;

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Workload {
    /// Three Pass states.
    Pass,
    /// Three tasks that are done at once.
    Task,
    /// A wait of a day.
    Wait,
    /// A wait of `--wait-seconds`, until the last execution has ended.
    Wake,
    /// Three Pass states, Express and synchronous.
    Sync,
}

#[derive(Parser)]
struct Options {
    #[arg(long, value_enum, default_value = "pass")]
    workload: Workload,
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Executions in all.
    #[arg(long, default_value_t = 100_000)]
    executions: usize,
    /// How long an execution of `wake` waits; above 60 it sleeps on the disk.
    #[arg(long, default_value_t = 120)]
    wait_seconds: u32,
    /// A folder on the disk that is to be measured; kept.
    #[arg(long)]
    folder: PathBuf,
}

/// Every task is done at once.
struct Echo;

impl Performer for Echo {
    fn perform(&self, call: TaskCall, _progress: Progress) -> Performing {
        let output = call.request.arguments.clone();
        Box::pin(async move { Performed::Ended(TaskOutcome::Succeeded { output }) })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let opening = Instant::now();
    let store = Store::open(&options.folder)?;
    let engine =
        Engine::open(store, Arc::new(Echo), Arc::new(SystemClock::new()), EngineConfig::default()).await?;
    let opened = opening.elapsed();
    let request = request(&options);
    let began = Instant::now();
    let clients: Vec<_> = (0..options.clients)
        .map(|_| {
            let (engine, request) = (Arc::clone(&engine), request.clone());
            let (workload, executions) = (options.workload, options.executions / options.clients);
            tokio::spawn(async move { client(&engine, &request, workload, executions).await })
        })
        .collect();
    let mut millis = Vec::new();
    for client in clients {
        millis.extend(client.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    let late = if options.workload == Workload::Wake { Some(woken(&engine, &options).await) } else { None };
    report(opened.as_secs_f64() * 1_000.0, seconds, late, &mut millis)
}

/// Waits until all have ended; gives how many seconds after the last was due.
async fn woken(engine: &Engine, options: &Options) -> f64 {
    let due = Instant::now() + Duration::from_secs(options.wait_seconds.into());
    while engine.counts().open_executions > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Instant::now().saturating_duration_since(due).as_secs_f64()
}

async fn client(
    engine: &Engine,
    request: &StartRequest,
    workload: Workload,
    executions: usize,
) -> anyhow::Result<Vec<f64>> {
    let mut millis = Vec::with_capacity(executions);
    for _ in 0..executions {
        let began = Instant::now();
        if workload == Workload::Sync {
            engine.start_sync_execution(request.clone()).await?;
        } else {
            let started = engine.start_execution(request.clone()).await?;
            while !matches!(workload, Workload::Wait | Workload::Wake)
                && engine.describe_execution(&started.arn).await?.status == ExecutionStatus::Running
            {
                tokio::task::yield_now().await;
            }
        }
        millis.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(millis)
}

fn request(options: &Options) -> StartRequest {
    let workload = options.workload;
    let state = match workload {
        Workload::Pass | Workload::Sync => json!({"Type": "Pass"}),
        Workload::Task => json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}),
        Workload::Wait => json!({"Type": "Wait", "Seconds": 86_400}),
        Workload::Wake => json!({"Type": "Wait", "Seconds": options.wait_seconds}),
    };
    let next = |name: &str| {
        let mut state = state.clone();
        if let Some(fields) = state.as_object_mut() {
            fields.insert("Next".to_owned(), json!(name));
        }
        state
    };
    let mut last = state.clone();
    if let Some(fields) = last.as_object_mut() {
        fields.insert("End".to_owned(), json!(true));
    }
    // What is to be woken waits once.
    let (first, states) = match workload {
        Workload::Wake => ("C", json!({"C": last})),
        _ => ("A", json!({"A": next("B"), "B": next("C"), "C": last})),
    };
    let definition = json!({"StartAt": first, "States": states});
    let machine = MachineSnapshot {
        arn: "arn:aws:states:us-east-1:123456789012:stateMachine:bench".to_owned(),
        name: "bench".to_owned(),
        definition: definition.to_string().into(),
        role_arn: "arn:aws:iam::123456789012:role/bench".to_owned(),
        is_express: workload == Workload::Sync,
        revision_id: None,
        updated: Timestamp::from_millis(0),
        logging: Value::Null,
        tracing: Value::Null,
        encryption: Value::Null,
    };
    StartRequest {
        machine: Arc::new(machine),
        version_arn: None,
        alias_arn: None,
        name: None,
        input: "{\"order\": 17}".to_owned(),
        trace_header: None,
    }
}

#[expect(clippy::print_stdout, reason = "the result is the output")]
fn report(opened_millis: f64, seconds: f64, late: Option<f64>, millis: &mut [f64]) -> anyhow::Result<()> {
    millis.sort_by(f64::total_cmp);
    let quantile = |percent: usize| millis.get(millis.len() * percent / 100).copied();
    let status = std::fs::read_to_string("/proc/self/status").context("no /proc")?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let result = json!({
        "openedMillis": opened_millis,
        "executions": millis.len(),
        "perSecond": (millis.len() as f64 / seconds).round(),
        "p50Millis": quantile(50),
        "p99Millis": quantile(99),
        "resident": field("VmRSS:"),
        "residentMax": field("VmHWM:"),
        "lastEndedSecondsAfterItWasDue": late,
    });
    println!("{result}");
    Ok(())
}
