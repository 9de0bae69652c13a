//! Worker processes: a group of their own, an environment of their own, limits, and an end for the whole group.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::functions::FunctionsConfig;
use crate::invocation::{FunctionSpec, WorkerCredentials};
use crate::line::Door;
use crate::runtime::{Program, Runtime, program};
use crate::sandbox::Sandbox;
use crate::{InvokeError, RuntimeError};

/// What an interpreter itself needs beside the function's memory.
const OVERHEAD_MIB: u32 = 192;

/// A process and everything that it started; both end when this is dropped.
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    _temporary: TemporaryFolder,
}

/// What a worker writes that nobody else reads; gone with it.
struct TemporaryFolder(PathBuf);

/// What runs a function.
pub(crate) fn program_of(spec: &FunctionSpec, config: &FunctionsConfig) -> Result<Program, InvokeError> {
    let started = program(
        &spec.runtime,
        (&spec.handler, &spec.code, spec.memory_mib),
        &config.data_dir.join("runtimes"),
    )?;
    if matches!(spec.runtime, Runtime::Provided(_)) && !started.path.is_file() {
        let program = "the function's own bootstrap".to_owned();
        return Err(RuntimeError::Missing { runtime: spec.runtime.name().to_owned(), program }.into());
    }
    Ok(started)
}

/// Starts a worker. The server's own environment is not passed on.
pub(crate) fn spawn(
    (spec, started): (&FunctionSpec, &Program),
    credentials: &WorkerCredentials,
    door: Door,
    config: &FunctionsConfig,
) -> Result<Process, InvokeError> {
    let mut command = Command::new("/bin/sh");
    // Limits are set by the shell, which then becomes the program: nothing runs without them.
    let memory = match spec.runtime {
        Runtime::Node(_) => String::new(),
        _ => format!("ulimit -d {}; ", (spec.memory_mib + OVERHEAD_MIB) * 1_024),
    };
    command
        .arg("-c")
        .arg(format!("ulimit -c 0; {memory}exec \"$0\" \"$@\""))
        .arg(&started.path)
        .args(&started.arguments);
    command.current_dir(&spec.code).env_clear().process_group(0).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    set_environment(&mut command, spec, credentials, started.path.parent(), config);
    match door {
        Door::Address(address) => command.env("AWS_LAMBDA_RUNTIME_API", address),
        Door::Socket(socket) => command.stdin(Stdio::from(socket)),
    };
    let temporary = TemporaryFolder::new(&config.data_dir).map_err(InvokeError::Start)?;
    command.env("TMPDIR", &temporary.0).env("HOME", &temporary.0);
    let child = Sandbox::new(&config.data_dir, &started.folders, &spec.code, &temporary.0)
        .spawn(config.sandbox, &mut command)
        .map_err(InvokeError::Start)?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    Ok(Process { child, group, _temporary: temporary })
}

fn set_environment(
    command: &mut Command,
    spec: &FunctionSpec,
    credentials: &WorkerCredentials,
    programs: Option<&Path>,
    config: &FunctionsConfig,
) {
    let programs = programs.map(|folder| format!("{}:", folder.display())).unwrap_or_default();
    command.envs(&spec.environment).envs([
        ("PATH", format!("{programs}/usr/local/bin:/usr/bin:/bin")),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("PYTHONUNBUFFERED", "1".to_owned()),
        ("_HANDLER", spec.handler.clone()),
        ("LAMBDA_TASK_ROOT", spec.code.display().to_string()),
        ("LAMBDA_RUNTIME_DIR", config.data_dir.join("runtimes").display().to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", spec.version.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mib.to_string()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", spec.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", spec.version.clone()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", spec.runtime.name())),
        ("AWS_REGION", config.region.clone()),
        ("AWS_DEFAULT_REGION", config.region.clone()),
        ("AWS_ENDPOINT_URL", config.endpoint.clone()),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone()),
        ("AWS_SESSION_TOKEN", credentials.session_token.clone()),
    ]);
}

impl Process {
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Ends the process and everything that it started, at once.
    pub(crate) fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            // It may be gone already.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl TemporaryFolder {
    fn new(data_dir: &Path) -> std::io::Result<Self> {
        static WORKERS: AtomicU64 = AtomicU64::new(0);
        let worker = WORKERS.fetch_add(1, Ordering::Relaxed);
        let folder = temporary_folders(data_dir).join(format!("{}-{worker}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder.canonicalize()?))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let folder = std::mem::take(&mut self.0);
        // As much as the function wrote: the task that drops a worker does not wait for it.
        let remove = move || std::fs::remove_dir_all(folder);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => drop(remove()),
        }
    }
}

/// Where the temporary folders of workers are. What a server left there that was killed is nobody's.
pub(crate) fn temporary_folders(data_dir: &Path) -> PathBuf {
    data_dir.join("tmp")
}
