//! Submissions of jobs are carried through once they have begun: only then it is known what was made, and what nobody
//! waits for any more can be stopped. A server that stops waits a moment for those that were given up.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;

use crate::calls::Calls;

/// How long a server that stops waits for jobs that are to be stopped.
const SETTLING: Duration = Duration::from_secs(10);

/// Counts what a server that stops should not cut short.
pub(crate) struct Unfinished(Arc<watch::Sender<usize>>);

/// One thing that is counted, until it is dropped.
pub(crate) struct Begun(Arc<watch::Sender<usize>>);

impl Default for Unfinished {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Unfinished {
    pub(crate) fn begin(&self) -> Begun {
        self.0.send_modify(|count| *count += 1);
        Begun(Arc::clone(&self.0))
    }

    /// Waits until nothing is left, or for as long as a stop may take.
    pub(crate) async fn settled(&self) {
        let mut count = self.0.subscribe();
        if tokio::time::timeout(SETTLING, count.wait_for(|count| *count == 0)).await.is_err() {
            tracing::warn!("jobs that nobody waits for may go on: their services did not answer in time");
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// Says that a submission was given up by its execution, not by a server that stops and asks again later.
#[derive(Clone, Default)]
pub struct GivenUp(Arc<OnceLock<Begun>>);

impl GivenUp {
    pub fn is_true(&self) -> bool {
        self.0.get().is_some()
    }
}

/// Performs a submission to its end, also when nobody waits for it any more: then what it gives is dropped, and what
/// stops the job must be among that. Nothing if it panics.
pub async fn carried_through<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    calls: &Arc<Calls>,
    submit: impl FnOnce(GivenUp) -> F,
) -> Option<T> {
    let given_up = GivenUp::default();
    let submission = tokio::spawn(submit(given_up.clone()));
    let mut waiting = Waiting { calls: Arc::clone(calls), given_up: Some(given_up) };
    let submitted = submission.await;
    waiting.given_up = None;
    submitted.ok()
}

struct Waiting {
    calls: Arc<Calls>,
    given_up: Option<GivenUp>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(given_up) = self.given_up.take().filter(|_| !self.calls.is_closing()) {
            given_up.0.get_or_init(|| self.calls.unfinished().begin());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_stops_waits_for_what_is_unfinished() {
        let unfinished = Unfinished::default();
        unfinished.settled().await;
        let (first, second) = (unfinished.begin(), unfinished.begin());
        drop(first);
        let waits = tokio::time::timeout(Duration::ZERO, unfinished.settled()).await;
        assert!(waits.is_err());
        drop(second);
        unfinished.settled().await;
    }
}
