//! Lowering Map.

use std::sync::Arc;

use serde_json::Value;

use super::QueryLanguage;
use super::ScopeId;
use super::source::{Given, Problems, Source};
use super::state::{ItemBatcher, ItemReader, Items, Map, ResultWriter};

/// The Map's processor, under its new or its old name.
pub(super) fn processor<'a>(state: &Source<'a>) -> Option<Source<'a>> {
    state.object("ItemProcessor").or_else(|| state.object("Iterator"))
}

/// Whether the processor runs in Express executions of its own.
pub(super) fn is_express(processor: &Source<'_>) -> bool {
    let config = processor.object("ProcessorConfig");
    config.is_some_and(|config| {
        config.text("Mode") == Some("DISTRIBUTED") && config.text("ExecutionType") == Some("EXPRESS")
    })
}

pub(super) fn map(problems: &mut Problems, state: &Source<'_>, scope: ScopeId) -> Map {
    let processor = processor(state);
    let config = processor.as_ref().and_then(|processor| processor.object("ProcessorConfig"));
    let mode = config.and_then(|config| config.text("Mode"));
    let selector = problems.selector(state, "ItemSelector", Given::Nothing);
    Map {
        processor: scope,
        is_distributed: mode == Some("DISTRIBUTED"),
        reader: state.object("ItemReader").map(|reader| Box::new(reader_of(problems, &reader))),
        batcher: state.object("ItemBatcher").map(|batcher| Box::new(batcher_of(problems, &batcher))),
        writer: state.object("ResultWriter").map(|writer| Box::new(writer_of(problems, &writer))),
        label: state.text("Label").map(Into::into),
        items: items(problems, state),
        item_selector: selector.or_else(|| old_selector(problems, state)),
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
    let has_it = state.language == QueryLanguage::JsonPath && state.get("ItemSelector").is_none();
    if has_it { problems.selector(state, "Parameters", Given::Nothing) } else { None }
}

fn items(problems: &mut Problems, state: &Source<'_>) -> Items {
    if state.language == QueryLanguage::Jsonata {
        return problems.jsonata(state, "Items", Given::Nothing).map_or(Items::Input, Items::Jsonata);
    }
    match problems.path(state, "ItemsPath") {
        Some(path) if !path.expression.is_whole_input() => Items::Path(path),
        _ => Items::Input,
    }
}

fn arguments(problems: &mut Problems, source: &Source<'_>) -> Option<super::Selector> {
    match source.language {
        QueryLanguage::JsonPath => problems.selector(source, "Parameters", Given::Nothing),
        QueryLanguage::Jsonata => problems.selector(source, "Arguments", Given::Nothing),
    }
}

fn config(source: &Source<'_>, field: &str) -> Arc<serde_json::Map<String, Value>> {
    Arc::new(source.object(field).map(|config| config.fields.clone()).unwrap_or_default())
}

fn reader_of(problems: &mut Problems, reader: &Source<'_>) -> ItemReader {
    let config_source = reader.object("ReaderConfig");
    ItemReader {
        resource: reader.text("Resource").unwrap_or_default().into(),
        arguments: arguments(problems, reader),
        config: config(reader, "ReaderConfig"),
        max_items: config_source.and_then(|config| problems.number(&config, "MaxItems", "MaxItemsPath")),
    }
}

fn batcher_of(problems: &mut Problems, batcher: &Source<'_>) -> ItemBatcher {
    ItemBatcher {
        max_items: problems.number(batcher, "MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        max_bytes: problems.number(batcher, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
        input: problems.selector(batcher, "BatchInput", Given::Nothing),
    }
}

fn writer_of(problems: &mut Problems, writer: &Source<'_>) -> ResultWriter {
    ResultWriter {
        resource: writer.text("Resource").map(Into::into),
        arguments: arguments(problems, writer),
        config: config(writer, "WriterConfig"),
    }
}
