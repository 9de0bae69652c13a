//! Questions that the server itself asks backends, to know what a call is about: policies of resources, ARNs of names.
//!
//! Answers are kept for a moment, and forgotten when a call through this server changes the service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use stepward_sigv4::Credentials;

use crate::calls::{ApiCall, CallError, Calls, operation};

const KEPT_FOR: Duration = Duration::from_secs(5);
const KEPT_MAX: usize = 10_000;

/// Asks in the name of a caller, whose credentials sign the question.
pub(crate) struct Lookup<'a> {
    calls: &'a Calls,
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
}

type Entry = (Instant, &'static str, Option<Arc<Value>>);

impl Kept {
    fn find(&self, key: &str, now: Instant) -> Option<Option<Arc<Value>>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, _, answer) = answers.get(key)?;
        (now.duration_since(*at) < KEPT_FOR).then(|| answer.clone())
    }

    fn keep(&self, key: String, entry: Entry) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= KEPT_MAX {
            answers.clear();
        }
        answers.insert(key, entry);
    }

    /// A call has changed the service: what was known of it may not be true any more.
    pub(crate) fn forget(&self, service: &str) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|_, (_, name, _)| *name != service);
    }
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(
        calls: &'a Calls,
        credentials: &'a Credentials,
        account: &'a str,
        region: &'a str,
    ) -> Self {
        Self { calls, credentials, account, region, silence: OnceLock::new() }
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
        let key = format!("{} {} {service} {name} {input}", self.account, self.region);
        let now = Instant::now();
        if let Some(answer) = self.calls.kept().find(&key, now) {
            return answer;
        }
        match self.asked(service, name, input).await? {
            Ok(answer) => {
                let answer = Some(Arc::new(answer));
                self.calls.kept().keep(key, (now, service, answer.clone()));
                answer
            }
            Err(CallError::Client(silence)) => {
                let _ = self.silence.set(silence);
                None
            }
            Err(error) => {
                tracing::debug!(?error, operation = name, "a question was refused");
                self.calls.kept().keep(key, (now, service, None));
                None
            }
        }
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
