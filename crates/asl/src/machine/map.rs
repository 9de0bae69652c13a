//! Lowering Map.

use super::QueryLanguage;
use super::ScopeId;
use super::source::{Problems, Source};
use super::state::{Items, Map};

/// The Map's processor, under its new or its old name.
pub(super) fn processor<'a>(state: &Source<'a>) -> Option<Source<'a>> {
    state.object("ItemProcessor").or_else(|| state.object("Iterator"))
}

pub(super) fn map(problems: &mut Problems, state: &Source<'_>, scope: ScopeId) -> Map {
    let config = processor(state).and_then(|processor| processor.object("ProcessorConfig"));
    let mode = config.and_then(|config| config.text("Mode"));
    Map {
        processor: scope,
        is_distributed: mode == Some("DISTRIBUTED"),
        has_writer: state.get("ResultWriter").is_some(),
        has_reader: state.get("ItemReader").is_some(),
        label: state.text("Label").map(Into::into),
        items: items(problems, state),
        item_selector: problems.selector(state, "ItemSelector").or_else(|| old_selector(problems, state)),
        max_concurrency: problems.number(state, "MaxConcurrency", "MaxConcurrencyPath"),
        tolerated_failure_count: problems.number(state, "ToleratedFailureCount", "ToleratedFailureCountPath"),
        tolerated_failure_percentage: problems.number(
            state,
            "ToleratedFailurePercentage",
            "ToleratedFailurePercentagePath",
        ),
    }
}

/// AWS: `Parameters` of a Map is its `ItemSelector`, deprecated.
fn old_selector(problems: &mut Problems, state: &Source<'_>) -> Option<super::Selector> {
    if state.language == QueryLanguage::JsonPath { problems.selector(state, "Parameters") } else { None }
}

fn items(problems: &mut Problems, state: &Source<'_>) -> Items {
    if state.language == QueryLanguage::Jsonata {
        return problems.jsonata(state, "Items").map_or(Items::Input, Items::Jsonata);
    }
    match problems.path(state, "ItemsPath") {
        Some(path) if !path.expression.is_whole_input() => Items::Path(path),
        _ => Items::Input,
    }
}
