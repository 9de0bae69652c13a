//! Questions that the server itself asks backends, to know what a call is about: policies of resources, ARNs of names.
//!
//! Answers are kept for a moment, and forgotten when a call through this server changes the service.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use stepward_access::Authenticated;
use stepward_sigv4::Credentials;
use stepward_wire::client::ServiceError;

use crate::calls::{ApiCall, CallError, Calls, operation};

const KEPT_FOR: Duration = Duration::from_secs(5);
const KEPT_MAX: usize = 10_000;

/// Asks in the name of a caller, whose credentials sign the question.
pub(crate) struct Lookup<'a> {
    calls: &'a Calls,
    caller: &'a Authenticated,
    credentials: &'a Credentials,
    account: &'a str,
    region: &'a str,
    /// Why a question got no answer at all: then nobody knows what the call may do.
    silence: OnceLock<String>,
}

/// Answers that were given a moment ago.
#[derive(Default)]
pub(crate) struct Kept {
    answers: Mutex<HashMap<String, Entry>>,
    /// Counts what was forgotten: an answer that was asked for before is not kept after.
    forgotten: AtomicU64,
}

type Entry = (Instant, &'static str, Option<Arc<Value>>);

impl Kept {
    fn find(&self, key: &str, now: Instant) -> Option<Option<Arc<Value>>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, _, answer) = answers.get(key)?;
        (now.duration_since(*at) < KEPT_FOR).then(|| answer.clone())
    }

    /// Keeps an answer that was asked for when so much had been forgotten.
    fn keep(&self, key: String, entry: Entry, forgotten: u64) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.forgotten() != forgotten {
            return;
        }
        if answers.len() >= KEPT_MAX {
            answers.clear();
        }
        answers.insert(key, entry);
    }

    /// A call has changed the service: what was known of it may not be true any more.
    pub(crate) fn forget(&self, service: &str) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        self.forgotten.fetch_add(1, Ordering::Relaxed);
        answers.retain(|_, (_, name, _)| *name != service);
    }
}

impl Kept {
    fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }
}

/// Whether a refusal says nothing of what was asked: the service is in trouble, or the backend's key may not ask. Software that
/// does not know a question answers 500 without a code, or 501.
fn is_unanswered(error: &ServiceError) -> bool {
    let denials =
        ["AccessDenied", "UnauthorizedOperation", "AuthorizationError", "Throttl", "TooManyRequests"];
    matches!(error.status, 401 | 403 | 429 | 502..=599)
        || (error.status == 500 && !error.code.is_empty())
        || denials.iter().any(|denial| error.code.contains(denial))
}

/// Whether a refusal says that there is no such thing.
fn is_missing(error: &ServiceError) -> bool {
    let missing = ["NotFound", "NoSuch", "NotExist", "NonExist", "DoesNotExist", "InvalidResourceId"];
    missing.iter().any(|word| error.code.contains(word)) || (error.status == 404 && !error.code.is_empty())
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(
        calls: &'a Calls,
        (caller, credentials): (&'a Authenticated, &'a Credentials),
        account: &'a str,
        region: &'a str,
    ) -> Self {
        Self { calls, caller, credentials, account, region, silence: OnceLock::new() }
    }

    pub(crate) fn caller_account(&self) -> &str {
        self.caller.account()
    }

    /// Whether the caller's own policies ask for tags of the resource of an action.
    pub(crate) fn caller_reads_tags(&self, action: &str) -> bool {
        self.calls.access().reads_resource_tags(self.caller, action)
    }

    /// Why a question got no answer, where one did not.
    pub(crate) fn silence(self) -> Option<String> {
        self.silence.into_inner()
    }

    /// What an operation answers; nothing where it refuses, because there is no such thing or the backend does not know
    /// the question.
    pub(crate) async fn ask(
        &self,
        service: &'static str,
        name: &'static str,
        input: Value,
    ) -> Option<Arc<Value>> {
        self.answered(service, name, input, is_unanswered).await
    }

    /// The same where a backend that does not know the question leaves the decision open: only that there is no such thing
    /// is an answer.
    pub(crate) async fn must_know(
        &self,
        service: &'static str,
        name: &'static str,
        input: Value,
    ) -> Option<Arc<Value>> {
        self.answered(service, name, input, |error| !is_missing(error)).await
    }

    /// `leaves_open` says of a refusal whether nobody knows the answer.
    async fn answered(
        &self,
        service: &'static str,
        name: &'static str,
        input: Value,
        leaves_open: fn(&ServiceError) -> bool,
    ) -> Option<Arc<Value>> {
        let key = format!("{} {} {service} {name} {input}", self.account, self.region);
        let now = Instant::now();
        if let Some(answer) = self.calls.kept().find(&key, now) {
            return answer;
        }
        let forgotten = self.calls.kept().forgotten();
        match self.asked(service, name, input).await? {
            Ok(answer) => {
                let answer = Some(Arc::new(answer));
                self.calls.kept().keep(key, (now, service, answer.clone()), forgotten);
                answer
            }
            Err(CallError::Service(error, _)) if !leaves_open(&error) => {
                tracing::debug!(?error, operation = name, "a question was refused");
                self.calls.kept().keep(key, (now, service, None), forgotten);
                None
            }
            Err(CallError::Service(error, _)) => {
                let why = error.message.as_deref().unwrap_or("no reason was told");
                self.leave_open(format!("{service} does not answer {name}: {} {why}", error.code))
            }
            Err(CallError::Client(silence)) => self.leave_open(silence),
            Err(error) => self.leave_open(format!("{service} does not answer {name}: {error:?}")),
        }
    }

    fn leave_open(&self, why: String) -> Option<Arc<Value>> {
        let _ = self.silence.set(why);
        None
    }

    async fn asked(&self, service: &str, name: &str, input: Value) -> Option<Result<Value, CallError>> {
        let (service, operation) = operation(service, name)?;
        let backend = Arc::clone(self.calls.backends().of(service)?);
        let call = ApiCall {
            service,
            operation,
            input,
            account: self.account.to_owned(),
            region: self.region.to_owned(),
        };
        Some(self.calls.exchange(&backend, &call, self.credentials).await.map(|answer| answer.output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_asked_for_before_a_change_is_not_kept_after_it() {
        let (kept, now) = (Kept::default(), Instant::now());
        let entry = || (now, "s3", Some(Arc::new(Value::from("policy"))));
        kept.keep("a".to_owned(), entry(), kept.forgotten());
        assert!(kept.find("a", now).is_some());
        let before = kept.forgotten();
        kept.forget("s3");
        kept.keep("a".to_owned(), entry(), before);
        assert!(kept.find("a", now).is_none());
    }

    #[test]
    fn a_backend_that_fails_has_not_said_that_there_is_no_policy() {
        for (status, code, is_silence, is_gone) in [
            (400, "NoSuchEntity", false, true),
            (404, "NoSuchBucketPolicy", false, true),
            (400, "ResourceNotFoundException", false, true),
            (400, "ValidationException", false, false),
            (501, "", false, false),
            // Software that does not know the question; a service that is in trouble says so in its own form.
            (500, "", false, false),
            (500, "InternalFailure", true, false),
            (400, "AccessDeniedException", true, false),
            (403, "", true, false),
            (429, "", true, false),
            (503, "", true, false),
        ] {
            let error = ServiceError { status, code: code.to_owned(), ..ServiceError::default() };
            assert_eq!((is_unanswered(&error), is_missing(&error)), (is_silence, is_gone), "{status} {code}");
        }
    }
}
