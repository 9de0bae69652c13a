//! A worker: one process, one invocation at a time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::json;

use crate::functions::FunctionsConfig;
use crate::invocation::{FunctionSpec, Invocation, InvocationRequest, InvokeError, WorkerCredentials};
use crate::line::{Answer, Job, Line};
use crate::logs::Log;
use crate::pool::Starting;
use crate::process::{Process, program_of, spawn};

/// AWS: six mebibytes and a little.
const RESPONSE_BYTES_MAX: usize = 6_291_556;
/// AWS: a function has ten seconds to start before its own timeout counts.
const INIT_SECONDS: u64 = 10;
/// How long a process may outlive its line.
const EXIT: Duration = Duration::from_secs(1);

pub(crate) struct Worker {
    process: Process,
    line: Line,
    log: Log,
    /// Until when its credentials hold.
    pub(crate) expires_ms: i64,
    is_new: bool,
}

/// What an invocation came to, and whether the worker can be used again.
pub(crate) struct Worked {
    pub(crate) outcome: Result<Invocation, InvokeError>,
    pub(crate) is_reusable: bool,
    /// How long it took, where the worker was there before.
    pub(crate) took: Option<Duration>,
}

impl Worker {
    pub(crate) async fn start(
        spec: &FunctionSpec,
        credentials: &WorkerCredentials,
        config: &FunctionsConfig,
        log: Log,
    ) -> Result<Self, InvokeError> {
        let program = program_of(spec, config)?;
        let (line, door) = Line::open(program.has_frames).await.map_err(InvokeError::Start)?;
        let mut process = spawn((spec, &program), credentials, door, config)?;
        if let Some(id) = process.child().id() {
            line.belongs_to(id);
        }
        if let Some(stdout) = process.child().stdout.take() {
            log.follow(stdout);
        }
        if let Some(stderr) = process.child().stderr.take() {
            log.follow(stderr);
        }
        Ok(Self { process, line, log, expires_ms: credentials.expires_ms, is_new: true })
    }

    /// Runs one invocation; a worker that crashed or timed out is at its end.
    pub(crate) async fn work(
        &mut self,
        spec: &FunctionSpec,
        request: &InvocationRequest,
        starting: Option<Starting>,
    ) -> Worked {
        let started = std::time::Instant::now();
        let timeout = Duration::from_secs(u64::from(spec.timeout_seconds));
        let was_warm = !std::mem::take(&mut self.is_new);
        let allowed = if was_warm { timeout } else { timeout + Duration::from_secs(INIT_SECONDS) };
        let job = Job {
            request_id: request.request_id.clone(),
            function_arn: spec.arn.clone(),
            deadline_ms: now_ms().saturating_add(i64::try_from(allowed.as_millis()).unwrap_or(i64::MAX)),
            client_context: request.client_context.clone(),
            payload: Bytes::from(request.payload.clone()),
            starting,
        };
        let start = format!("START RequestId: {} Version: {}\n", request.request_id, spec.version);
        self.log.begin(&start, request.wants_log);
        let is_watched = !self.line.ends_with_process();
        let ended = tokio::select! {
            biased;
            answer = self.line.exchange(job) => answer.map_or(Ended::Exited(None), Ended::Answered),
            status = self.process.child().wait(), if is_watched => Ended::Exited(status.ok()),
            () = tokio::time::sleep(allowed) => Ended::TimedOut,
        };
        let took = started.elapsed();
        let mut worked = self.outcome(ended, spec, request).await;
        worked.took = was_warm.then_some(took);
        self.report(request, took, spec);
        self.with_log(worked, request).await
    }

    async fn outcome(&mut self, ended: Ended, spec: &FunctionSpec, request: &InvocationRequest) -> Worked {
        let worked = |outcome, is_reusable| Worked { outcome, is_reusable, took: None };
        let failed = |payload: Vec<u8>, is_reusable| {
            let function_error = Some("Unhandled");
            worked(Ok(Invocation { payload, function_error, log_tail: None }), is_reusable)
        };
        match ended {
            Ended::Answered(Answer::Response(body)) if body.len() > RESPONSE_BYTES_MAX => {
                worked(Err(InvokeError::ResponseTooLarge(RESPONSE_BYTES_MAX)), true)
            }
            Ended::Answered(Answer::Response(body)) => {
                let payload = body.to_vec();
                worked(Ok(Invocation { payload, function_error: None, log_tail: None }), true)
            }
            Ended::Answered(Answer::Error(body)) => failed(body.to_vec(), true),
            Ended::Answered(Answer::InitError(body)) => failed(body.to_vec(), false),
            Ended::Answered(Answer::TooLarge) => {
                worked(Err(InvokeError::ResponseTooLarge(RESPONSE_BYTES_MAX)), true)
            }
            Ended::TimedOut => {
                self.process.kill();
                let text = format!(
                    "RequestId: {} Error: Task timed out after {}.00 seconds",
                    request.request_id, spec.timeout_seconds
                );
                failed(described("Sandbox.Timedout", &text), false)
            }
            Ended::Exited(status) => {
                let status = match status {
                    Some(status) => Some(status),
                    None => self.exit().await,
                };
                failed(described("Runtime.ExitError", &exit_text(&request.request_id, status)), false)
            }
        }
    }

    /// How the process of a broken line exited: now, or it is ended.
    async fn exit(&mut self) -> Option<std::process::ExitStatus> {
        let exited = tokio::time::timeout(EXIT, self.process.child().wait()).await;
        self.process.kill();
        exited.ok().and_then(Result::ok)
    }

    fn report(&self, request: &InvocationRequest, took: Duration, spec: &FunctionSpec) {
        let (id, millis) = (&request.request_id, took.as_secs_f64() * 1_000.0);
        let lines = format!(
            "END RequestId: {id}\nREPORT RequestId: {id}\tDuration: {millis:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\n",
            took.as_millis() + 1,
            spec.memory_mib
        );
        self.log.end(&lines);
    }

    async fn with_log(&self, mut worked: Worked, request: &InvocationRequest) -> Worked {
        if request.wants_log
            && let Ok(invocation) = &mut worked.outcome
        {
            // What was printed before the answer may still be in the pipe.
            tokio::time::sleep(Duration::from_millis(5)).await;
            invocation.log_tail = Some(self.log.tail());
        }
        worked
    }
}

/// How an invocation ended.
enum Ended {
    Answered(Answer),
    Exited(Option<std::process::ExitStatus>),
    TimedOut,
}

fn described(kind: &str, message: &str) -> Vec<u8> {
    json!({"errorType": kind, "errorMessage": message}).to_string().into_bytes()
}

fn exit_text(request_id: &str, status: Option<std::process::ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    let how = match status {
        Some(status) => match (status.code(), status.signal()) {
            (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
            (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
            (None, Some(signal)) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
            (None, None) => "Runtime exited".to_owned(),
        },
        None => "Runtime exited".to_owned(),
    };
    format!("RequestId: {request_id} Error: {how}")
}

fn signal_name(signal: i32) -> String {
    match signal {
        6 => "aborted".to_owned(),
        9 => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        15 => "terminated".to_owned(),
        number => number.to_string(),
    }
}

pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
