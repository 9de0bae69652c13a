//! What the engine does without the network: executions per second, and the memory of executions that wait.
#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock and files")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

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
    let request = request(options.workload);
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
    report(opened.as_secs_f64() * 1_000.0, began.elapsed().as_secs_f64(), &mut millis)
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
            while workload != Workload::Wait
                && engine.describe_execution(&started.arn).await?.status == ExecutionStatus::Running
            {
                tokio::task::yield_now().await;
            }
        }
        millis.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(millis)
}

fn request(workload: Workload) -> StartRequest {
    let state = match workload {
        Workload::Pass | Workload::Sync => json!({"Type": "Pass"}),
        Workload::Task => json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}),
        Workload::Wait => json!({"Type": "Wait", "Seconds": 86_400}),
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
    let definition = json!({"StartAt": "A", "States": {"A": next("B"), "B": next("C"), "C": last}});
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
fn report(opened_millis: f64, seconds: f64, millis: &mut [f64]) -> anyhow::Result<()> {
    millis.sort_by(f64::total_cmp);
    let quantile = |percent: usize| millis.get(millis.len() * percent / 100).copied();
    let status = std::fs::read_to_string("/proc/self/status").context("no /proc")?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).map(str::trim);
    let result = json!({
        "openedMillis": opened_millis,
        "executions": millis.len(),
        "perSecond": (millis.len() as f64 / seconds).round(),
        "p50Millis": quantile(50),
        "p99Millis": quantile(99),
        "resident": resident,
    });
    println!("{result}");
    Ok(())
}
