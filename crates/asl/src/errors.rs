//! Error names: which `ErrorEquals` they match, and how long a retrier waits.

use std::sync::Arc;

use crate::failure::Failure;
use crate::machine::Retrier;

/// Whether one of the names matches the failure (AWS: aws-facts §2.9).
pub(crate) fn matches_any(names: &[Arc<str>], failure: &Failure) -> bool {
    names.iter().any(|name| matches(name, failure))
}

fn matches(name: &str, failure: &Failure) -> bool {
    match (name, failure.error.as_deref()) {
        // AWS: not matched by States.ALL; a catcher or a retrier may name the second itself.
        ("States.ALL", Some("States.DataLimitExceeded" | "States.Runtime")) => false,
        ("States.ALL", _) => true,
        ("States.TaskFailed", Some("States.TaskFailed")) => true,
        // AWS: a Map or a Parallel has it for failures of the tasks in it, not for those of other states.
        ("States.TaskFailed", Some(error)) => {
            !matches!(error, "States.Timeout" | "States.Runtime" | "States.DataLimitExceeded")
                && failure.is_of_task != Some(false)
        }
        // A heartbeat that is missed is a kind of timeout.
        ("States.Timeout", Some("States.HeartbeatTimeout")) => true,
        (name, Some(error)) => name == error,
        (_, None) => false,
    }
}

/// The delay before the next try. `random` is in 0..1 and only used for full jitter.
pub(crate) fn delay_millis(retrier: &Retrier, used: u32, random: f64) -> i64 {
    let exponent = i32::try_from(used).unwrap_or(i32::MAX);
    let seconds = retrier.interval_seconds * retrier.backoff_rate.powi(exponent);
    let seconds = retrier.max_delay_seconds.map_or(seconds, |max| seconds.min(max)).min(DELAY_SECONDS_MAX);
    let seconds = if retrier.has_full_jitter { seconds * random } else { seconds };
    #[expect(clippy::cast_possible_truncation, reason = "bounded above, and a cast of NaN gives 0")]
    let millis = (seconds * 1_000.0).round() as i64;
    millis.max(0)
}

/// AWS: the delay is one year at most.
const DELAY_SECONDS_MAX: f64 = 31_622_400.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(name: &str, error: &str) -> bool {
        matches_any(&[name.into()], &Failure::of(Some(error.to_owned()), None))
    }

    #[test]
    fn states_all_matches_everything_but_the_two_that_end_executions() {
        assert!(is_match("States.ALL", "MyError"));
        assert!(is_match("States.ALL", "States.Timeout"));
        assert!(!is_match("States.ALL", "States.Runtime"));
        assert!(!is_match("States.ALL", "States.DataLimitExceeded"));
        assert!(is_match("States.DataLimitExceeded", "States.DataLimitExceeded"));
        assert!(matches_any(&["States.ALL".into()], &Failure::of(None, None)));
    }

    #[test]
    fn states_task_failed_matches_everything_but_timeouts() {
        assert!(is_match("States.TaskFailed", "Lambda.Unknown"));
        assert!(!is_match("States.TaskFailed", "States.Timeout"));
        assert!(is_match("States.Timeout", "States.HeartbeatTimeout"));
        assert!(!is_match("States.Timeout", "Lambda.Unknown"));
    }

    #[test]
    fn states_task_failed_around_another_state_than_a_task_is_compared_by_its_name() {
        let names = ["States.TaskFailed".into()];
        let failure = |error: &str, is_of_task| Failure {
            is_of_task: Some(is_of_task),
            ..Failure::of(Some(error.to_owned()), None)
        };
        assert!(matches_any(&names, &failure("MyError", true)));
        assert!(!matches_any(&names, &failure("MyError", false)));
        assert!(matches_any(&names, &failure("States.TaskFailed", false)));
    }

    #[test]
    fn delays_grow_to_their_limit_and_jitter_shrinks_them() {
        let mut retrier = Retrier {
            error_equals: Vec::new(),
            interval_seconds: 2.0,
            max_attempts: 9,
            backoff_rate: 2.0,
            max_delay_seconds: Some(10.0),
            has_full_jitter: false,
        };
        let delays: Vec<i64> = (0..4).map(|used| delay_millis(&retrier, used, 0.5)).collect();
        assert_eq!(delays, [2_000, 4_000, 8_000, 10_000]);
        retrier.has_full_jitter = true;
        assert_eq!(delay_millis(&retrier, 0, 0.5), 1_000);
        retrier.max_delay_seconds = None;
        assert_eq!(delay_millis(&retrier, u32::MAX, 1.0), 31_622_400_000);
    }
}
