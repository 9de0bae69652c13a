//! A circuit breaker: a backend that does not answer is left alone for a while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row that open the circuit.
const FAILURES_MAX: u32 = 8;
/// How long it stays open before one request may try.
const OPEN_FOR: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(crate) struct Circuit {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    opened: Option<Instant>,
}

impl Circuit {
    /// Whether a request may be sent. Of an open circuit one may, every while.
    pub(crate) fn lets_pass(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.opened {
            None => true,
            Some(opened) if now.duration_since(opened) >= OPEN_FOR => {
                state.opened = Some(now);
                true
            }
            Some(_) => false,
        }
    }

    /// The backend answered, whatever it said.
    pub(crate) fn answered(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// The backend did not answer.
    pub(crate) fn failed(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES_MAX {
            state.opened = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circuit_opens_after_failures_in_a_row_and_lets_one_try_after_a_while() {
        let (circuit, start) = (Circuit::default(), Instant::now());
        (0..FAILURES_MAX).for_each(|_| {
            assert!(circuit.lets_pass(start));
            circuit.failed(start);
        });
        assert!(!circuit.lets_pass(start));
        assert!(circuit.lets_pass(start + OPEN_FOR));
        assert!(!circuit.lets_pass(start + OPEN_FOR));
        circuit.answered();
        assert!(circuit.lets_pass(start));
    }
}
