//! Questions that the server itself asks backends, to know what a call is about: policies of resources, ARNs of names.
//!
//! Answers are kept for a moment, and forgotten when a call through this server changes the service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use stepward_sigv4::Credentials;

use crate::calls::{ApiCall, Calls, operation};

const KEPT_FOR: Duration = Duration::from_secs(5);
const KEPT_MAX: usize = 10_000;

/// Asks in the name of a caller, whose credentials sign the question.
pub(crate) struct Lookup<'a> {
    pub(crate) calls: &'a Calls,
    pub(crate) credentials: &'a Credentials,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
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

impl Lookup<'_> {
    /// What an operation answers; nothing where it fails.
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
        let answer = self.asked(service, name, input).await.map(Arc::new);
        self.calls.kept().keep(key, (now, service, answer.clone()));
        answer
    }

    async fn asked(&self, service: &str, name: &str, input: Value) -> Option<Value> {
        let (service, operation) = operation(service, name)?;
        let backend = Arc::clone(self.calls.backends().of(service)?);
        let call = ApiCall {
            service,
            operation,
            input,
            account: self.account.to_owned(),
            region: self.region.to_owned(),
        };
        let answer = self.calls.exchange(&backend, &call, self.credentials).await;
        answer
            .map_err(|error| tracing::debug!(?error, operation = name, "a question was not answered"))
            .ok()
            .map(|answer| answer.output)
    }
}
