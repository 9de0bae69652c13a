//! `stepward run`: a state machine executed in this process, with a live trace.
//!
//! The core that decides is the server's. Tasks get mocked responses, or are carried out by a running server under the
//! execution role; nothing is stored.

mod mock;
mod server;
mod tasks;
mod trace;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use stepward_asl::{
    Command, Effect, ExecutionInfo, Machine, MachineType, Run as Execution, RunStatus, Seed, TaskOutcome,
    TaskRequest, TimerId, decide,
};
use stepward_query::Payload;
use stepward_services::states::check_definition;
use stepward_types::Timestamp;

use super::validate::{check, substitution};
use crate::definition::Definition;
use mock::Mocks;
use server::Server;
use tasks::Tasks;
use trace::{Format, Trace};

/// The account that ARNs of the execution show when no role tells another.
const ACCOUNT: &str = "123456789012";

/// Executes a definition here. The exit code is 1 if the execution does not succeed.
#[derive(Args)]
pub(crate) struct Run {
    /// Definition file, JSON or YAML; - reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Input of the execution: JSON, or @FILE.
    #[arg(short, long, default_value = "{}")]
    input: String,
    /// Execution role: shown to the state machine, and what a server carries tasks out under.
    #[arg(long, value_name = "ARN")]
    role: Option<String>,
    /// Mocked responses, in the format of Step Functions Local.
    #[arg(long, value_name = "FILE")]
    mock: Option<PathBuf>,
    /// Test case of the mock file; not needed if there is one only.
    #[arg(long, value_name = "NAME", requires = "mock")]
    test_case: Option<String>,
    /// Name of the state machine, also in the mock file. The file's name if not given.
    #[arg(long)]
    name: Option<String>,
    /// Do not wait: the time of waits, retries and timeouts passes at once.
    #[arg(long)]
    skip_waits: bool,
    /// Server that carries out tasks without a mock, under the role.
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    endpoint: Option<String>,
    /// Region that the execution is in.
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    region: String,
    /// Type of the state machine.
    #[arg(long = "type", default_value = "STANDARD", value_parser = ["STANDARD", "EXPRESS"])]
    machine_type: String,
    /// Put a value in place of ${NAME}. May be given several times.
    #[arg(short, long = "substitute", value_name = "NAME=VALUE", value_parser = substitution)]
    substitutions: Vec<(String, String)>,
    /// Show a trace for people, or each history event as a line of JSON.
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
    /// Show inputs and outputs as a whole.
    #[arg(long)]
    full: bool,
}

pub(crate) fn run(run: &Run) -> Result<ExitCode> {
    let mut world = prepare(run)?;
    world.run_to_end()?;
    world.trace.finish(&world.execution);
    let has_succeeded = world.execution.status() == RunStatus::Succeeded;
    Ok(if has_succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn prepare(run: &Run) -> Result<World> {
    let machine = machine(run)?;
    let name = match &run.name {
        Some(name) => name.clone(),
        None => name_of(&run.file),
    };
    let mocks = match &run.mock {
        Some(file) => Mocks::read(file, &name, run.test_case.as_deref())?,
        None => Mocks::default(),
    };
    mocks.check(&machine)?;
    let input = match run.input.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).with_context(|| file.to_owned())?,
        None => run.input.clone(),
    };
    let input = Payload::parse(&input).context("the input is not JSON")?;
    let server = match &run.endpoint {
        Some(endpoint) => Some(Arc::new(Server::at(endpoint, run.role.clone(), run.region.clone())?)),
        None => None,
    };
    let format = if run.format == "json" { Format::Json } else { Format::Text { is_full: run.full } };
    Ok(World {
        execution: Execution::new(info(run, &name)),
        trace: Trace::new(Execution::new(info(run, &name)), format),
        machine,
        mocks,
        server,
        commands: VecDeque::from([Command::Start { input }]),
        timers: BTreeMap::new(),
        cancelled: HashSet::new(),
        tasks: Tasks::default(),
        skipped: Duration::ZERO,
        skips_waits: run.skip_waits,
    })
}

fn machine(run: &Run) -> Result<Machine> {
    let definition = Definition::read(&run.file, &run.substitutions)?;
    let machine_type =
        if run.machine_type == "EXPRESS" { MachineType::Express } else { MachineType::Standard };
    if let (Some(machine), _) = check_definition(&definition.json, machine_type) {
        return Ok(machine);
    }
    super::validate::print(&check(definition, machine_type));
    bail!("the definition cannot be run; what is wrong stands above")
}

/// The name that a file suggests: `order.asl.json` is `order`.
fn name_of(file: &Path) -> String {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.split('.').next().unwrap_or_default();
    if name.is_empty() || name == "-" { "StateMachine".to_owned() } else { name.to_owned() }
}

fn info(run: &Run, name: &str) -> ExecutionInfo {
    let role = run.role.clone().unwrap_or_else(|| format!("arn:aws:iam::{ACCOUNT}:role/local"));
    let account = role.split(':').nth(4).unwrap_or(ACCOUNT);
    let region = &run.region;
    ExecutionInfo {
        execution_arn: format!("arn:aws:states:{region}:{account}:execution:{name}:local").into(),
        execution_name: "local".into(),
        state_machine_arn: format!("arn:aws:states:{region}:{account}:stateMachine:{name}").into(),
        state_machine_name: name.into(),
        state_machine_alias_arn: None,
        state_machine_version_arn: None,
        region: region.as_str().into(),
        role_arn: role.into(),
    }
}

/// The execution and what stands around it: the clock, timers and whoever carries tasks out.
struct World {
    machine: Machine,
    execution: Execution,
    trace: Trace,
    mocks: Mocks,
    server: Option<Arc<Server>>,
    commands: VecDeque<Command>,
    timers: BTreeMap<TimerId, Timestamp>,
    /// Tasks that nobody waits for any more.
    cancelled: HashSet<u64>,
    tasks: Tasks,
    /// How much time was skipped.
    skipped: Duration,
    skips_waits: bool,
}

impl World {
    fn run_to_end(&mut self) -> Result<()> {
        while self.execution.status() == RunStatus::Running {
            let Some(command) = self.next_command()? else {
                bail!("nothing can happen any more, although the execution still runs")
            };
            let now = self.now();
            let decided = decide(&self.machine, &mut self.execution, command, now, seed());
            for event in &decided.events {
                self.trace.show(&self.machine, event);
            }
            for effect in decided.effects {
                self.carry_out(effect)?;
            }
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + self.skipped;
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// What happens next: a command that is there already, the end of a task, or a timer.
    fn next_command(&mut self) -> Result<Option<Command>> {
        while self.commands.is_empty() {
            let next = self.timers.iter().min_by_key(|(timer, due)| (**due, **timer));
            let next = next.map(|(&timer, &due)| (timer, due));
            // Time is not skipped while tasks are carried out: they take the time that they take.
            let patience = next.filter(|_| !self.skips_waits).map(|(_, due)| self.left_until(due));
            if self.tasks.are_open()
                && let Some(ended) = self.tasks.next(patience)?
            {
                self.ended(&ended.request, ended.outcome?);
                continue;
            }
            let Some((timer, due)) = next else { return Ok(None) };
            self.timers.remove(&timer);
            self.wait_until(due);
            self.commands.push_back(Command::TimerFired { timer });
        }
        Ok(self.commands.pop_front())
    }

    fn left_until(&self, due: Timestamp) -> Duration {
        let millis = due.millis().saturating_sub(self.now().millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }

    /// Waits, or skips the time until then.
    fn wait_until(&mut self, due: Timestamp) {
        let left = self.left_until(due);
        if self.skips_waits {
            self.skipped += left;
        } else {
            std::thread::sleep(left);
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Result<()> {
        match effect {
            Effect::StartTask(request) => self.start_task(&request)?,
            Effect::CancelTask(task) => {
                self.cancelled.insert(task.0);
            }
            Effect::StartTimer { timer, due } => {
                self.timers.insert(timer, due);
            }
            Effect::CancelTimer(timer) => {
                self.timers.remove(&timer);
            }
            Effect::Continue => self.commands.push_back(Command::Continue),
            Effect::Finish(_) => {}
        }
        Ok(())
    }

    fn start_task(&mut self, request: &Arc<TaskRequest>) -> Result<()> {
        if self.cancelled.contains(&request.task.0) {
            return Ok(());
        }
        match self.mocks.outcome(request)? {
            Some(outcome) => self.ended(request, outcome),
            None => self.perform(request)?,
        }
        Ok(())
    }

    /// A task has its outcome.
    fn ended(&mut self, request: &TaskRequest, outcome: TaskOutcome) {
        if self.cancelled.contains(&request.task.0) {
            return;
        }
        if matches!(request.resource, stepward_asl::TaskResource::Activity(_)) {
            self.commands.push_back(Command::TaskStarted { task: request.task, worker_name: None });
        }
        self.commands.push_back(Command::TaskEnded { task: request.task, outcome });
    }

    /// A task without a mock.
    fn perform(&mut self, request: &Arc<TaskRequest>) -> Result<()> {
        let name = &request.state_name;
        let Some(server) = &self.server else {
            bail!(
                "the state '{name}' has no mocked response. Give one with --mock, or let a server carry it out: \
                 --endpoint http://127.0.0.1:4566 --role ROLE_ARN"
            )
        };
        let definition = self.machine.tasks().find(|task| *task.state_name == **name);
        let resource = definition.map(|task| task.resource_text).unwrap_or_default();
        server.check(request)?;
        self.tasks.start(Arc::clone(server), Arc::clone(request), resource.to_owned());
        Ok(())
    }
}

/// Randomness for one decision. Nothing secret depends on it: tokens of this process go nowhere.
fn seed() -> Seed {
    use std::hash::{BuildHasher as _, Hasher as _};
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_mut(8) {
        let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
        chunk.copy_from_slice(&random.to_le_bytes());
    }
    Seed(bytes)
}

#[cfg(test)]
mod tests;
