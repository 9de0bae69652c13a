//! Map: runs its processor once for each item.

use std::sync::Arc;

use serde_json::Value;
use stepward_query::Payload;

use crate::evaluate::{self, Data};
use crate::event::{HistoryEventBody, MapStateStarted};
use crate::failure::Failure;
use crate::machine::{Items, Map, Number, QueryLanguage, State};
use crate::run::FrameId;
use crate::step::Step;

pub(crate) fn execute(step: &mut Step<'_>, id: FrameId, state: &State, map: &Map) -> Result<(), Failure> {
    let mut data = Data::of(step, id)?;
    let input = data.effective_input(step, state)?;
    let Iterated { items, has_keys } = items(step, state, map, &data)?;
    let length = items.value().as_array().map(Vec::len).unwrap_or_default();
    let started = MapStateStarted {
        length: u32::try_from(length).unwrap_or(u32::MAX),
        items,
        has_keys,
        input,
        max_concurrency: max_concurrency(step, state, map, &data)?,
        tolerated_failure_count: None,
        tolerated_failure_percentage: None,
    };
    let tolerated = tolerated(step, state, map, &data);
    let (count, percentage) = *tolerated.as_ref().unwrap_or(&(None, None));
    step.record(
        id,
        HistoryEventBody::MapStateStarted(Box::new(MapStateStarted {
            tolerated_failure_count: count,
            tolerated_failure_percentage: percentage,
            ..started
        })),
    );
    // AWS: thresholds that make no sense fail the state after MapStateStarted.
    tolerated?;
    record_run_started(step, id, state, map);
    if map.reader.is_some() {
        return Err(Failure::new("States.ItemReaderFailed", READER_TEXT));
    }
    Ok(())
}

/// Compatibility: `ItemReader` is understood, but nothing is read yet.
const READER_TEXT: &str = "Reading items from Amazon S3 is not supported.";

/// What a Map iterates over.
pub(crate) struct Iterated {
    /// An array.
    pub(crate) items: Payload,
    /// Whether it was an object, whose fields are now `{"Key": …, "Value": …}`.
    pub(crate) has_keys: bool,
}

impl Iterated {
    /// AWS: a Distributed Map takes objects too, an inline one arrays only.
    pub(crate) fn of(items: Payload, map: &Map) -> Option<Self> {
        match items.value() {
            Value::Array(_) => Some(Self { items, has_keys: false }),
            Value::Object(fields) if map.is_distributed => {
                let pair =
                    |(key, value): (&String, &Value)| serde_json::json!({ "Key": key, "Value": value });
                Some(Self { items: Payload::new(fields.iter().map(pair).collect()), has_keys: true })
            }
            _ => None,
        }
    }
}

pub(crate) fn items(step: &Step<'_>, state: &State, map: &Map, data: &Data) -> Result<Iterated, Failure> {
    let items = match &map.items {
        Items::Input => data.effective(),
        Items::Path(path) => Payload::new(data.path(step, state, path)?),
        Items::Jsonata(selector) => {
            let items = data.select(step, state, selector, None)?;
            return Iterated::of(items.clone(), map)
                .ok_or_else(|| data.unexpected_type(step, state, selector, "array", items.value()));
        }
    };
    if let Some(iterated) = Iterated::of(items.clone(), map) {
        return Ok(iterated);
    }
    if state.language == QueryLanguage::Jsonata {
        let cause = format!("Map state input must be an array but was: {}", items.text());
        return Err(data.query_failure(step, state, cause, None));
    }
    let path = match &map.items {
        // AWS: a path into the context object is told as if it were one into the input.
        Items::Path(path) => {
            path.text().strip_prefix("$$").map_or(path.text().to_owned(), |path| format!("${path}"))
        }
        Items::Input | Items::Jsonata(_) => "$".to_owned(),
    };
    Err(data.runtime(step, state, &format!("Reference path \"{path}\" must point to array.")))
}

pub(crate) fn max_concurrency(
    step: &Step<'_>,
    state: &State,
    map: &Map,
    data: &Data,
) -> Result<u32, Failure> {
    let Some(number) = &map.max_concurrency else { return Ok(0) };
    let value = integer(step, state, number, data, "MaxConcurrency")?;
    u32::try_from(value).map_err(|_| data.runtime(step, state, "MaxConcurrency cannot be negative."))
}

/// `ToleratedFailureCount` and `ToleratedFailurePercentage`.
pub(crate) type Tolerated = (Option<u32>, Option<f64>);

pub(crate) fn tolerated(
    step: &Step<'_>,
    state: &State,
    map: &Map,
    data: &Data,
) -> Result<Tolerated, Failure> {
    let count = match &map.tolerated_failure_count {
        Some(number) => {
            let value = integer(step, state, number, data, "ToleratedFailureCount")?;
            let count = u32::try_from(value);
            Some(count.map_err(|_| data.runtime(step, state, "ToleratedFailureCount cannot be negative."))?)
        }
        None => None,
    };
    let percentage = match &map.tolerated_failure_percentage {
        Some(number) => {
            let field = "ToleratedFailurePercentage";
            let value = number_of(step, state, number, data, field, "float")?;
            if !(0.0..=100.0).contains(&value) {
                return Err(data.runtime(
                    step,
                    state,
                    "ToleratedFailurePercentage must be between 0 and 100.",
                ));
            }
            Some(value)
        }
        None => None,
    };
    Ok((count, percentage))
}

fn integer(
    step: &Step<'_>,
    state: &State,
    number: &Number,
    data: &Data,
    field: &'static str,
) -> Result<i64, Failure> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    Ok(number_of(step, state, number, data, field, "integer")?.floor() as i64)
}

fn number_of(
    step: &Step<'_>,
    state: &State,
    number: &Number,
    data: &Data,
    field: &'static str,
    kind: &str,
) -> Result<f64, Failure> {
    let Number::Path(path) = number else { return data.number(step, state, number, field) };
    let value = data.path(step, state, path)?;
    // AWS: a text that is a number will do. In the message, any value stands in quotation marks.
    let text = evaluate::plain(&value);
    let is_integer = kind != "integer" || text.parse::<i64>().is_ok();
    text.parse::<f64>().ok().filter(|_| is_integer).ok_or_else(|| {
        let cause = format!(
            "The {field}Path field refers to value \"{text}\" which is not a valid {kind}: {}",
            path.text()
        );
        data.runtime(step, state, &cause)
    })
}

/// Starts as many iterations as may run at a time.
pub(crate) fn start_iterations(
    step: &mut Step<'_>,
    id: FrameId,
    state: &State,
    map: &Map,
) -> Result<(), Failure> {
    while let Some(children) = step.frame(id).and_then(|frame| frame.children.as_ref()) {
        if !children.can_start() {
            break;
        }
        let (index, previous) = (children.next_index, children.last_child_event);
        let Some(started) = &children.map else { break };
        let input = match &map.item_selector {
            Some(selector) => {
                let Some(item) = children.map_item(index, map.is_distributed) else { break };
                let input = started.input.clone();
                let mut data = Data::of(step, id)?;
                data.item = Some(item);
                data.select(step, state, selector, Some(&input))?
            }
            None => match children.item(index) {
                Some(item) => item,
                None => break,
            },
        };
        let body = HistoryEventBody::MapIterationStarted { name: Arc::clone(&state.name), index, input };
        step.record_after(id, previous, body);
        let child = step.frame(id).and_then(|frame| frame.children.as_ref());
        let child = child.and_then(|children| children.frame_of(index));
        match child {
            Some(child) => step.wake(child),
            // The history is full.
            None => break,
        }
    }
    Ok(())
}

/// Whether the Map goes on although iterations failed. AWS: an inline Map tolerates nothing.
pub(crate) fn tolerates(step: &Step<'_>, id: FrameId) -> bool {
    if !step.state(id).is_some_and(State::is_distributed_map) {
        return false;
    }
    let Some(children) = step.frame(id).and_then(|frame| frame.children.as_ref()) else { return false };
    let Some(map) = &children.map else { return false };
    let by_count = map.tolerated_failure_count.is_some_and(|count| children.failed <= count);
    let by_percentage = map
        .tolerated_failure_percentage
        .is_some_and(|percentage| f64::from(children.failed) * 100.0 <= percentage * f64::from(map.length));
    by_count || by_percentage
}

/// AWS: a Distributed Map fails with an error of its own, whatever its child executions failed with.
pub(crate) fn threshold_exceeded() -> Failure {
    Failure::new(
        "States.ExceedToleratedFailureThreshold",
        "The specified tolerated failure threshold was exceeded",
    )
}

/// A Distributed Map has a Map Run.
fn record_run_started(step: &mut Step<'_>, id: FrameId, state: &State, map: &Map) {
    if !map.is_distributed {
        return;
    }
    let label = map.label.as_ref().unwrap_or(&state.name);
    let machine = step.run.info.state_machine_arn.replace(":stateMachine:", ":mapRun:");
    let map_run_arn = format!("{machine}/{label}:{}", step.random.uuid()).into();
    step.record(id, HistoryEventBody::MapRunStarted { map_run_arn });
}

pub(crate) fn record_run_succeeded(step: &mut Step<'_>, id: FrameId, map: &Map) {
    if map.is_distributed {
        step.record(id, HistoryEventBody::MapRunSucceeded);
    }
}
