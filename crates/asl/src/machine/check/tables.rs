//! The fields of every object of the language (AWS: the pages of each state type; which type refuses which field is
//! what ValidateStateMachineDefinition answers).

use super::Kind::{
    Any, ErrorNames, Flag, Fraction, Object as Inner, Objects, Open, Path, Reference, ReferenceOrCall,
    Scopes, Text, Texts, Timestamp, Whole, Word,
};
use super::{Field, Object, Roots, exactly_one_of, field, json_path, jsonata, one_of, required};
use crate::event::StateType;

/// The longest timeout and the longest wait, in seconds.
const SECONDS_MAX: i64 = 99_999_999;
/// AWS: the most attempts, and the longest interval of a retrier.
const ATTEMPTS_MAX: i64 = 99_999_999;
/// AWS: the delay before a retry is one year at most.
const DELAY_SECONDS_MAX: i64 = 31_622_400;
/// AWS quota: the items that a Map Run reads at most.
const ITEMS_MAX: i64 = 100_000_000;
/// AWS quota: the bytes of a child execution's input.
const BATCH_BYTES_MAX: i64 = 262_144;

const LANGUAGES: &[&str] = &["JSONPath", "JSONata"];
const COMMENT: Field = field("Comment", Text);
const LANGUAGE: Field = field("QueryLanguage", Word(LANGUAGES));
/// Looked at before everything else.
const TYPE: Field = field("Type", Any);
const NEXT: Field = field("Next", Text);
const END: Field = field("End", Flag);
const ASSIGN: Field = field("Assign", Open);
const INPUT_PATH: Field = json_path("InputPath", Path);
const OUTPUT_PATH: Field = json_path("OutputPath", Path);
const RESULT_PATH: Field = json_path("ResultPath", Reference(Roots::Writable));
const RESULT_SELECTOR: Field = json_path("ResultSelector", Any);
const PARAMETERS: Field = json_path("Parameters", Any);
const ARGUMENTS: Field = jsonata("Arguments", Any);
const OUTPUT: Field = jsonata("Output", Any);
const RETRY: Field = field("Retry", Objects(&RETRIER, true));
const CATCH: Field = field("Catch", Objects(&CATCHER, true));
const NEXT_OR_END: super::Group = exactly_one_of(&["Next", "End"]);

/// What every state has.
const STATE: &[Field] = &[TYPE, COMMENT, LANGUAGE];
/// What every state has that gives an output.
const DATA: &[Field] = &[INPUT_PATH, OUTPUT_PATH, OUTPUT];
/// And those that lead to another state.
const LINE: &[Field] = &[ASSIGN, NEXT, END];
/// What a state has whose result is put into its input.
const RESULT: &[Field] = &[PARAMETERS, RESULT_PATH];
/// And one whose result comes from elsewhere, so that it may fail.
const WORK: &[Field] = &[RESULT_SELECTOR, RETRY, CATCH];
/// A line of states.
const SCOPE: &[Field] = &[required("States", Open), required("StartAt", Text), COMMENT];

/// The whole machine. The order is that of AWS's messages.
pub(in crate::machine) static MACHINE: Object = Object {
    fields: &[
        SCOPE,
        &[LANGUAGE, field("TimeoutSeconds", Whole(0, SECONDS_MAX)), field("Version", Word(&["1.0"]))],
    ],
    groups: &[],
};

/// A branch of a Parallel.
pub(in crate::machine) static BRANCH: Object = Object { fields: &[SCOPE], groups: &[] };

/// The processor of a Map.
pub(in crate::machine) static PROCESSOR: Object =
    Object { fields: &[SCOPE, &[field("ProcessorConfig", Inner(&PROCESSOR_CONFIG))]], groups: &[] };

/// The fields of a state's type.
pub(in crate::machine) fn state(state_type: StateType) -> &'static Object {
    match state_type {
        StateType::Pass => &PASS,
        StateType::Task => &TASK,
        StateType::Choice => &CHOICE,
        StateType::Wait => &WAIT,
        StateType::Succeed => &SUCCEED,
        StateType::Fail => &FAIL,
        StateType::Parallel => &PARALLEL,
        StateType::Map => &MAP,
    }
}

static PASS: Object =
    Object { fields: &[STATE, DATA, RESULT, &[json_path("Result", Any)], LINE], groups: &[NEXT_OR_END] };

static TASK: Object = Object {
    fields: &[
        STATE,
        DATA,
        RESULT,
        WORK,
        LINE,
        &[
            required("Resource", Text),
            ARGUMENTS,
            field("Credentials", Open),
            field("TimeoutSeconds", Whole(1, SECONDS_MAX)),
            json_path("TimeoutSecondsPath", Reference(Roots::Any)),
            field("HeartbeatSeconds", Whole(1, SECONDS_MAX)),
            json_path("HeartbeatSecondsPath", Reference(Roots::Any)),
        ],
    ],
    groups: &[
        NEXT_OR_END,
        one_of(&["TimeoutSeconds", "TimeoutSecondsPath"]),
        one_of(&["HeartbeatSeconds", "HeartbeatSecondsPath"]),
    ],
};

static CHOICE: Object = Object {
    // The rules are looked at one by one.
    fields: &[STATE, DATA, &[required("Choices", Scopes), field("Default", Text), ASSIGN]],
    groups: &[],
};

static WAIT: Object = Object {
    fields: &[
        STATE,
        DATA,
        LINE,
        &[
            field("Seconds", Whole(0, SECONDS_MAX)),
            json_path("SecondsPath", Reference(Roots::Any)),
            field("Timestamp", Timestamp),
            json_path("TimestampPath", Reference(Roots::Any)),
        ],
    ],
    groups: &[NEXT_OR_END, exactly_one_of(&["SecondsPath", "Seconds", "TimestampPath", "Timestamp"])],
};

static SUCCEED: Object = Object { fields: &[STATE, DATA], groups: &[] };

static FAIL: Object = Object {
    fields: &[
        STATE,
        &[
            field("Error", Text),
            json_path("ErrorPath", ReferenceOrCall),
            field("Cause", Text),
            json_path("CausePath", ReferenceOrCall),
        ],
    ],
    groups: &[one_of(&["Error", "ErrorPath"]), one_of(&["Cause", "CausePath"])],
};

static PARALLEL: Object = Object {
    fields: &[STATE, DATA, RESULT, WORK, LINE, &[required("Branches", Scopes), ARGUMENTS]],
    groups: &[NEXT_OR_END],
};

static MAP: Object = Object {
    fields: &[
        STATE,
        DATA,
        RESULT,
        WORK,
        LINE,
        &[
            field("ItemProcessor", Open),
            field("Iterator", Open),
            json_path("ItemsPath", Reference(Roots::Any)),
            jsonata("Items", Any),
            field("ItemSelector", Any),
            field("ItemReader", Inner(&ITEM_READER)),
            field("ItemBatcher", Inner(&ITEM_BATCHER)),
            field("ResultWriter", Inner(&RESULT_WRITER)),
            field("MaxConcurrency", Whole(0, i64::MAX)),
            json_path("MaxConcurrencyPath", Reference(Roots::Data)),
            field("ToleratedFailurePercentage", Fraction(0.0, 100.0)),
            json_path("ToleratedFailurePercentagePath", Reference(Roots::Data)),
            field("ToleratedFailureCount", Whole(0, i64::MAX)),
            json_path("ToleratedFailureCountPath", Reference(Roots::Data)),
            field("Label", Text),
        ],
    ],
    groups: &[
        NEXT_OR_END,
        exactly_one_of(&["ItemProcessor", "Iterator"]),
        one_of(&["MaxConcurrency", "MaxConcurrencyPath"]),
        one_of(&["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"]),
        one_of(&["ToleratedFailureCount", "ToleratedFailureCountPath"]),
    ],
};

static RETRIER: Object = Object {
    fields: &[&[
        required("ErrorEquals", ErrorNames),
        COMMENT,
        // AWS: 0 is accepted.
        field("IntervalSeconds", Whole(0, SECONDS_MAX)),
        field("MaxAttempts", Whole(0, ATTEMPTS_MAX)),
        field("BackoffRate", Fraction(1.0, f64::MAX)),
        field("MaxDelaySeconds", Whole(1, DELAY_SECONDS_MAX)),
        field("JitterStrategy", Word(&["NONE", "FULL"])),
    ]],
    groups: &[],
};

static CATCHER: Object = Object {
    fields: &[&[
        required("ErrorEquals", ErrorNames),
        required("Next", Text),
        COMMENT,
        RESULT_PATH,
        OUTPUT,
        ASSIGN,
    ]],
    groups: &[],
};

static PROCESSOR_CONFIG: Object = Object {
    fields: &[&[
        field("Mode", Word(&["INLINE", "DISTRIBUTED"])),
        field("ExecutionType", Word(&["STANDARD", "EXPRESS"])),
        COMMENT,
    ]],
    groups: &[],
};

static ITEM_READER: Object = Object {
    fields: &[&[
        required("Resource", Text),
        PARAMETERS,
        ARGUMENTS,
        field("ReaderConfig", Inner(&READER_CONFIG)),
        COMMENT,
    ]],
    groups: &[],
};

static READER_CONFIG: Object = Object {
    fields: &[&[
        field("InputType", Word(&["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"])),
        field("Transformation", Word(&["NONE", "LOAD_AND_FLATTEN"])),
        field("ManifestType", Word(&["ATHENA_DATA", "S3_INVENTORY"])),
        field("CSVDelimiter", Word(&["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"])),
        field("CSVHeaderLocation", Word(&["FIRST_ROW", "GIVEN"])),
        field("CSVHeaders", Texts),
        field("ItemsPointer", Text),
        field("MaxItems", Whole(0, ITEMS_MAX)),
        json_path("MaxItemsPath", Reference(Roots::Data)),
        COMMENT,
    ]],
    groups: &[one_of(&["MaxItems", "MaxItemsPath"])],
};

static ITEM_BATCHER: Object = Object {
    fields: &[&[
        field("MaxItemsPerBatch", Whole(1, i64::MAX)),
        json_path("MaxItemsPerBatchPath", Reference(Roots::Data)),
        field("MaxInputBytesPerBatch", Whole(1, BATCH_BYTES_MAX)),
        json_path("MaxInputBytesPerBatchPath", Reference(Roots::Data)),
        field("BatchInput", Any),
        COMMENT,
    ]],
    groups: &[
        one_of(&["MaxItemsPerBatch", "MaxItemsPerBatchPath"]),
        one_of(&["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"]),
    ],
};

static RESULT_WRITER: Object = Object {
    fields: &[&[
        field("Resource", Text),
        PARAMETERS,
        ARGUMENTS,
        field("WriterConfig", Inner(&WRITER_CONFIG)),
        COMMENT,
    ]],
    groups: &[],
};

static WRITER_CONFIG: Object = Object {
    fields: &[&[
        field("Transformation", Word(&["NONE", "COMPACT", "FLATTEN"])),
        field("OutputType", Word(&["JSON", "JSONL"])),
        COMMENT,
    ]],
    groups: &[],
};
