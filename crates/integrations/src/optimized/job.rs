//! Jobs (`.sync`): submitted, looked at until they are over, and stopped when nobody waits for them any more.
//!
//! AWS hears of most ends by events and looks at the others every minute; here every job is looked at, often at
//! first and then ever more seldom.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stepward_models::service;
use stepward_wire::client::{NameStyle, to_result};

use super::{Action, Optimized, request};
use crate::calls::{Answer, CallError};
use crate::checks::rule_of;
use crate::failure::TaskFailure;
use crate::submission::{GivenUp, carried_through};
use crate::task::{Cancellation, Task};

const POLL_MILLIS_MIN: u64 = 400;
const POLL_MILLIS_MAX: u64 = 30_000;
/// How often a job may be missing from what its service tells: it was submitted a moment ago.
const MISSING_MAX: u32 = 20;
/// How often in a row nobody may tell of the job, a quarter of an hour with the pauses: an execution does not wait for a
/// backend that is gone.
const SILENT_MAX: u32 = 40;
/// How many pages of a list are looked through.
const PAGES_MAX: u32 = 50;

/// What is special about one kind of job. Names are those that state machines see, but for inputs: those of the model.
pub struct Job {
    /// The operation that tells of the job, and its input.
    pub(super) describe: (&'static str, Input),
    /// JSON pointer to the job in what that operation answers, or to a list of runs, of which one has the `RunId` that
    /// was answered.
    pub(super) at: &'static str,
    pub(super) verdict: fn(&Value) -> Verdict,
    /// The member that the result holds the job in; none when the job is the result.
    pub(super) member: Option<&'static str>,
    /// The operation that stops the job, and its input.
    pub(super) stop: Option<(&'static str, Input)>,
    /// Whether the job is done when what it is about is gone: deletions.
    pub(super) ends_gone: bool,
}

/// Makes the input of a call about a job.
pub(super) type Input = fn(&Submission<'_>) -> Value;

/// What was asked for and what was answered, by the names that state machines see.
pub(super) struct Submission<'a> {
    arguments: &'a Value,
    answer: &'a Value,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Running,
    Succeeded,
    Failed,
}

impl Submission<'_> {
    /// A member of the arguments.
    pub(super) fn asked(&self, name: &str) -> Value {
        self.arguments.get(name).cloned().unwrap_or_default()
    }

    /// What a JSON pointer leads to in the answer.
    pub(super) fn answered(&self, pointer: &str) -> Value {
        self.answer.pointer(pointer).cloned().unwrap_or_default()
    }

    /// The job in what was told of it.
    fn found<'a>(&self, job: &Job, described: &'a Value) -> Option<&'a Value> {
        let own = |run: &&Value| run.get("RunId") == self.answer.get("RunId");
        match described.pointer(job.at)? {
            Value::Array(runs) => runs.iter().find(own),
            found => Some(found),
        }
    }
}

/// The verdict of jobs that say it with one word.
pub(super) fn by_status(job: &Value, pointer: &str, succeeded: &[&str], failed: &[&str]) -> Verdict {
    match job.pointer(pointer).and_then(Value::as_str) {
        Some(status) if succeeded.contains(&status) => Verdict::Succeeded,
        Some(status) if failed.contains(&status) => Verdict::Failed,
        _ => Verdict::Running,
    }
}

/// Submits a job and waits for its end. AWS: a failed job is `States.TaskFailed`, and its cause tells of the job.
pub(super) async fn run<O: Optimized + ?Sized>(
    integration: &'static O,
    task: &Arc<Task>,
    action: &'static Action,
    job: &'static Job,
) -> Result<Value, TaskFailure> {
    let (answer, stop) = match &task.submission {
        Some(answer) => (answer.clone(), stopping(integration, task, job, answer, GivenUp::default())),
        None => {
            let submitted = submit(integration, task, action, job).await?;
            (task.submitted)(submitted.0.clone());
            submitted
        }
    };
    let submission = Submission { arguments: &task.arguments, answer: &answer };
    let (has_succeeded, described) = watch(integration, task, job, &submission).await?;
    if let Some(stop) = stop {
        stop.over();
    }
    if has_succeeded {
        Ok(described)
    } else {
        Err(TaskFailure::new("States.TaskFailed", described.to_string()))
    }
}

/// Submits the job. If nobody waits for the answer any more, the job is stopped as soon as it is known.
async fn submit<O: Optimized + ?Sized>(
    integration: &'static O,
    task: &Arc<Task>,
    action: &'static Action,
    job: &'static Job,
) -> Result<(Value, Option<Cancellation>), TaskFailure> {
    let submitting = Arc::clone(task);
    let submitted = carried_through(&task.calls, |given_up| async move {
        let answer = request(integration, &submitting, action).await?;
        let answer = integration.finish(&submitting, answer)?;
        let stop = stopping(integration, &submitting, job, &answer, given_up);
        Ok((answer, stop))
    });
    let panicked = || TaskFailure::new("States.TaskFailed", "An internal error occurred.");
    submitted.await.unwrap_or_else(|| Err(panicked()))
}

fn stopping<O: Optimized + ?Sized>(
    integration: &'static O,
    task: &Task,
    job: &Job,
    answer: &Value,
    given_up: GivenUp,
) -> Option<Cancellation> {
    let (name, input) = job.stop?;
    let submission = Submission { arguments: &task.arguments, answer };
    Some(task.cancels((integration.service(), name), input(&submission), given_up))
}

/// Looks at the job until it is over.
async fn watch<O: Optimized + ?Sized>(
    integration: &O,
    task: &Task,
    job: &Job,
    submission: &Submission<'_>,
) -> Result<(bool, Value), TaskFailure> {
    let (name, mut input) = (job.describe.0, job.describe.1(submission));
    let Some(model) = service(integration.service()) else { return Ok((false, Value::Null)) };
    let shape = model.operations.get(name).and_then(|operation| operation.output);
    let (mut pause, mut missing, mut silent, mut pages) = (POLL_MILLIS_MIN, 0, 0, 0);
    loop {
        match look(integration, task, name, input.clone()).await {
            Ok(answer) => {
                silent = 0;
                let described = to_result(model, shape, &answer.output, NameStyle::V1);
                let next = described.get("NextToken").filter(|next| next.is_string() && pages < PAGES_MAX);
                match (submission.found(job, &described), next) {
                    (Some(found), _) => match (job.verdict)(found) {
                        Verdict::Running => missing = 0,
                        verdict => return Ok((verdict == Verdict::Succeeded, shown(job, found))),
                    },
                    (None, Some(next)) => {
                        set(&mut input, "NextToken", next.clone());
                        pages += 1;
                        continue;
                    }
                    (None, None) if missing == MISSING_MAX => return Ok((false, described)),
                    (None, None) => missing += 1,
                }
                (pages, input) = (0, job.describe.1(submission));
            }
            Err(error) if job.ends_gone && is_gone(&error) => return Ok((true, submission.answer.clone())),
            Err(error) if may_pass(&error) && silent < SILENT_MAX => silent += 1,
            Err(error) => return Err(integration.errors().failure(model, &error, &task.action)),
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        pause = (pause * 3 / 2).min(POLL_MILLIS_MAX);
    }
}

/// Asks as the task's role. AWS: of some jobs an event tells, for which the role needs no right but that of the managed
/// rule; there the server asks in its own name what the role may not ask.
async fn look<O: Optimized + ?Sized>(
    integration: &O,
    task: &Task,
    name: &str,
    input: Value,
) -> Result<Answer, CallError> {
    let answer = task.call(integration.service(), name, input.clone()).await;
    match answer {
        Err(CallError::Denied(_)) if rule_of(integration.name(), &task.action).is_some() => {
            task.ask(integration.service(), name, input).await
        }
        answer => answer,
    }
}

fn set(input: &mut Value, name: &str, value: Value) {
    if let Some(members) = input.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn shown(job: &Job, found: &Value) -> Value {
    match job.member {
        Some(member) => json!({ member: found }),
        None => found.clone(),
    }
}

fn is_gone(error: &CallError) -> bool {
    matches!(error, CallError::Service(error, _) if error.code.contains("NotFound"))
}

/// Whether the same call may succeed later: the job goes on meanwhile.
fn may_pass(error: &CallError) -> bool {
    match error {
        CallError::Service(error, _) => {
            error.status >= 500 || error.code.contains("Throttl") || error.code.contains("TooManyRequests")
        }
        CallError::Client(_) => true,
        CallError::Denied(_) | CallError::TooLarge => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_not_known_is_a_job_that_runs() {
        let verdict = |word: &str| by_status(&json!({"State": word}), "/State", &["DONE"], &["FAILED"]);
        assert_eq!(verdict("DONE"), Verdict::Succeeded);
        assert_eq!(verdict("FAILED"), Verdict::Failed);
        assert_eq!(verdict("NEW_WORD"), Verdict::Running);
    }

    #[test]
    fn of_a_list_the_run_is_looked_at_that_was_started() {
        let job = Job {
            describe: ("ListJobRuns", |_| Value::Null),
            at: "/JobRuns",
            verdict: |_| Verdict::Running,
            member: None,
            stop: None,
            ends_gone: false,
        };
        let (arguments, answer) = (json!({}), json!({"RunId": "2"}));
        let submission = Submission { arguments: &arguments, answer: &answer };
        let listed =
            json!({"JobRuns": [{"RunId": "1", "State": "FAILED"}, {"RunId": "2", "State": "RUNNING"}]});
        assert_eq!(submission.found(&job, &listed).unwrap()["State"], "RUNNING");
        assert_eq!(submission.found(&job, &json!({"JobRuns": []})), None);
        assert_eq!(submission.found(&Job { at: "", ..job }, &json!({"State": "x"})).unwrap()["State"], "x");
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let refused = |code: &str, status: u16| {
            let error =
                stepward_wire::client::ServiceError { code: code.to_owned(), status, ..Default::default() };
            CallError::Service(Box::new(error), 1)
        };
        assert!(may_pass(&refused("InternalFailure", 500)));
        assert!(may_pass(&refused("ThrottlingException", 400)));
        assert!(!may_pass(&refused("AccessDeniedException", 400)));
        let denial = crate::Denial { code: "AccessDenied", status: 403, text: String::new() };
        assert!(!may_pass(&CallError::Denied(denial)));
        assert!(is_gone(&refused("ResourceNotFoundException", 404)));
    }
}
