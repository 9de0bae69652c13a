//! Map: what its tables do not say.

use serde_json::Value;
use stepward_query::jsonata_source;

use crate::machine::map::processor;
use crate::machine::source::{Problems, Source};

/// What may read the items of a Distributed Map, and what may write its results.
const READERS: [&str; 2] = ["s3:getObject", "s3:listObjectsV2"];
const WRITERS: [&str; 1] = ["s3:putObject"];

/// AWS: longer pointers are refused.
const POINTER_CHARACTERS_MAX: usize = 2_000;

/// Checks the fields of a Map that depend on each other.
pub(in crate::machine) fn map(problems: &mut Problems, state: &Source<'_>) {
    items(problems, state);
    if let Some(config) = processor(state).and_then(|processor| processor.object("ProcessorConfig")) {
        let is_distributed = config.text("Mode") == Some("DISTRIBUTED");
        match config.get("ExecutionType") {
            None if is_distributed => {
                problems.add("These fields are required: [ExecutionType]", config.place());
            }
            Some(_) if !is_distributed => {
                problems.add("Field 'ExecutionType' is not supported", config.place());
            }
            _ => {}
        }
    }
    if let Some(reader) = state.object("ItemReader") {
        resource(problems, &reader, &READERS);
        if let Some(config) = reader.object("ReaderConfig") {
            reader_config(problems, &config);
        }
    }
    if let Some(writer) = state.object("ResultWriter") {
        resource(problems, &writer, &WRITERS);
        if writer.get("Resource").is_none() && writer.get("WriterConfig").is_none() {
            problems.add("These fields are required: [Resource]", writer.place());
        }
    }
    if let Some(batcher) = state.object("ItemBatcher") {
        let has_limit = batcher.fields.keys().any(|name| name.starts_with("Max"));
        if !has_limit {
            let message = "This object should have at least one of the following fields: [MaxItemsPerBatch, \
                           MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]";
            problems.add(message, batcher.place());
        }
    }
}

/// Why a Map cannot be distributed here, if it is.
pub(in crate::machine) fn distributed_in_express(problems: &mut Problems, state: &Source<'_>) {
    let config = processor(state).and_then(|processor| processor.object("ProcessorConfig"));
    if let Some(config) = config.filter(|config| config.text("Mode") == Some("DISTRIBUTED")) {
        problems
            .add("Express state machine does not support 'DISTRIBUTED' mode of Map state", config.at("Mode"));
    }
}

/// JSONata's `Items` is an array, an object or an expression.
fn items(problems: &mut Problems, state: &Source<'_>) {
    let is_right = |value: &Value| match value {
        Value::String(text) => jsonata_source(text).is_some(),
        value => value.is_array() || value.is_object(),
    };
    if state.get("Items").is_some_and(|items| !is_right(items)) {
        problems.add("Expected value of type Array", state.at("Items"));
    }
}

fn resource(problems: &mut Problems, source: &Source<'_>, allowed: &[&str]) {
    let Some(text) = source.text("Resource") else { return };
    let action = text.rsplit_once(":::").map(|(_, action)| action);
    let is_states = text.starts_with("arn:") && text.contains(":states:::");
    if !is_states || !action.is_some_and(|action| allowed.contains(&action)) {
        problems.add("The field 'Resource' does not match any of the allowed values", source.at("Resource"));
    }
}

fn reader_config(problems: &mut Problems, config: &Source<'_>) {
    let is_csv = matches!(config.text("InputType"), Some("CSV"));
    let location = config.get("CSVHeaderLocation");
    if is_csv && location.is_none() {
        problems.add("The field 'CSVHeaderLocation' is required", config.place());
    }
    // A manifest may list CSV files.
    let has_no_header = matches!(config.text("InputType"), Some("JSON" | "JSONL" | "PARQUET"));
    for name in ["CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"] {
        if has_no_header && config.get(name).is_some() {
            problems.add(format!("Field '{name}' is not supported"), config.place());
        }
    }
    if location.and_then(Value::as_str) == Some("GIVEN") && config.get("CSVHeaders").is_none() {
        problems.add("These fields are required: [CSVHeaders]", config.place());
    }
    let is_long = |text: &str| text.chars().count() >= POINTER_CHARACTERS_MAX;
    if let Some(pointer) = config.text("ItemsPointer")
        && (is_long(pointer) || !(pointer.is_empty() || pointer.starts_with('/')))
    {
        problems.add("Value must be a valid JSONPointer", config.at("ItemsPointer"));
    }
}
