//! Lowering `Retry` and `Catch`.

use std::sync::Arc;

use serde_json::Value;

use super::source::Source;
use super::state::Retrier;

/// AWS's defaults.
const INTERVAL_SECONDS: f64 = 1.0;
const MAX_ATTEMPTS: u32 = 3;
const BACKOFF_RATE: f64 = 2.0;

pub(super) fn retriers(state: &Source<'_>) -> Vec<Retrier> {
    state.objects("Retry").iter().map(retrier).collect()
}

fn retrier(source: &Source<'_>) -> Retrier {
    let number = |name: &str| source.get(name).and_then(Value::as_f64);
    let attempts = source.get("MaxAttempts").and_then(Value::as_u64);
    Retrier {
        error_equals: error_equals(source),
        interval_seconds: number("IntervalSeconds").unwrap_or(INTERVAL_SECONDS),
        max_attempts: attempts.map_or(MAX_ATTEMPTS, |attempts| u32::try_from(attempts).unwrap_or(u32::MAX)),
        backoff_rate: number("BackoffRate").unwrap_or(BACKOFF_RATE),
        max_delay_seconds: number("MaxDelaySeconds"),
        has_full_jitter: source.text("JitterStrategy") == Some("FULL"),
    }
}

pub(super) fn error_equals(source: &Source<'_>) -> Vec<Arc<str>> {
    let names = source.get("ErrorEquals").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    names.iter().filter_map(Value::as_str).map(Arc::from).collect()
}
