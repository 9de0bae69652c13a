//! `Retry` and `Catch`: what their tables do not say.

use serde_json::Value;

use crate::machine::source::{Problems, Source};

const ALL: &str = "States.ALL";

/// Checks that `States.ALL` stands alone, and in the last retrier or catcher.
pub(in crate::machine) fn handlers(problems: &mut Problems, state: &Source<'_>) {
    for field in ["Retry", "Catch"] {
        let handlers = state.objects(field);
        let last = handlers.len().saturating_sub(1);
        for (at, handler) in handlers.iter().enumerate() {
            let names = handler.get("ErrorEquals").and_then(Value::as_array);
            let names = names.map(Vec::as_slice).unwrap_or_default();
            let found = names.iter().position(|name| name == ALL);
            if let Some(index) = found.filter(|_| names.len() > 1 || at < last) {
                let place = format!("{}[{index}]", handler.at("ErrorEquals"));
                problems.add("States.ALL must appear alone and at end of list", place);
            }
        }
    }
}
