//! A Map under test: its items are found, selected and batched, its iterations are the mock's.

use serde_json::Value;
use stepward_query::Payload;

use super::flow::Flow;
use super::{TestStateConfiguration, TestStateError};
use crate::evaluate::Data;
use crate::failure::Failure;
use crate::item_batcher::{BATCH_BYTES_MAX, BatchLimits, batches};
use crate::item_reader;
use crate::machine::{ItemBatcher, ItemReader, Items, Map, Number, Selector};
use crate::run::{FrameId, MapItem};
use crate::states;
use crate::states::map::Iterated;
use crate::step::Step;

const ROOT: FrameId = FrameId::ROOT;

/// What the selected items of one test may come to, together: far more than any answer can show.
const SELECTED_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// What a Map iterates over, once its fields were evaluated.
pub(super) struct Found {
    pub(super) length: u32,
    pub(super) tolerated: states::map::Tolerated,
}

impl Found {
    /// Whether so many failed iterations are more than the state tolerates.
    pub(super) fn is_exceeded_by(&self, failures: u32) -> bool {
        let (count, percentage) = self.tolerated;
        count.is_some_and(|count| failures > count)
            || percentage.is_some_and(|most| f64::from(failures) * 100.0 > most * f64::from(self.length))
    }
}

/// AWS: more iterations than there are items cannot have failed. The words are ours.
pub(super) fn check_failures(
    configuration: &TestStateConfiguration,
    length: u32,
) -> Result<(), TestStateError> {
    match configuration.map_iteration_failure_count {
        Some(count) if count > length => Err(TestStateError::Validation(format!(
            "mapIterationFailureCount must not exceed the number of items: {count} > {length}"
        ))),
        _ => Ok(()),
    }
}

impl Flow<'_> {
    /// Evaluates the fields of a Map, and tells what they came to.
    pub(super) fn items_of(
        &mut self,
        step: &mut Step<'_>,
        map: &Map,
        data: &Data,
        configuration: &TestStateConfiguration,
    ) -> Result<Found, Failure> {
        let iterated = match &map.reader {
            Some(reader) => self.read(step, (map, reader), data, configuration)?,
            None => states::map::items(step, self.state, map, data)?,
        };
        let items = iterated.items.value().as_array().cloned().unwrap_or_default();
        if let (true, Items::Path(_)) = (self.is_json_path(), &map.items) {
            self.inspection.put_items("afterItemsPath", &items);
        }
        let max_concurrency = states::map::max_concurrency(step, self.state, map, data)?;
        self.inspection.put_number("maxConcurrency", max_concurrency);
        let tolerated = states::map::tolerated(step, self.state, map, data)?;
        if let Some(count) = tolerated.0 {
            self.inspection.put_number("toleratedFailureCount", count);
        }
        if let Some(percentage) = tolerated.1 {
            self.inspection.put_number("toleratedFailurePercentage", percentage);
        }
        let length = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let mut items = items;
        if let Some(selector) = &map.item_selector {
            items = self.select(step, (map, selector), (items, iterated.has_keys), data)?;
            self.inspection.put_items("afterItemSelector", &items);
        }
        if let Some(batcher) = &map.batcher {
            let batches = self.batch(step, batcher, items, data)?;
            self.inspection.put_items("afterItemBatcher", &batches);
        }
        Ok(Found { length, tolerated })
    }

    /// The items of a file: given as it is, else the state's input stands for what was read.
    fn read(
        &mut self,
        step: &Step<'_>,
        (map, reader): (&Map, &ItemReader),
        data: &Data,
        configuration: &TestStateConfiguration,
    ) -> Result<Iterated, Failure> {
        let Some(text) = &configuration.map_item_reader_data else {
            let found = states::map::items(step, self.state, map, data);
            let nothing = Iterated { items: Payload::new(Value::Array(Vec::new())), has_keys: false };
            return Ok(found.unwrap_or(nothing));
        };
        let read = item_reader::read(&reader.config, text)?;
        let max_items = self.number(step, reader.max_items.as_ref(), data, "MaxItems")?;
        let items = Payload::new(item_reader::limited(read.items, max_items)?);
        if read.has_pointer {
            self.inspection.put("afterItemsPointer", &items);
        }
        Iterated::of(items, map)
            .ok_or_else(|| Failure::runtime("The items are neither an array nor an object."))
    }

    fn number(
        &self,
        step: &Step<'_>,
        number: Option<&Number>,
        data: &Data,
        field: &'static str,
    ) -> Result<Option<f64>, Failure> {
        number.map(|number| data.number(step, self.state, number, field).map(f64::floor)).transpose()
    }

    /// Applies `ItemSelector` to each item.
    fn select(
        &self,
        step: &mut Step<'_>,
        (map, selector): (&Map, &Selector),
        (items, has_keys): (Vec<Value>, bool),
        data: &Data,
    ) -> Result<Vec<Value>, Failure> {
        let (mut selected, mut bytes) = (Vec::with_capacity(items.len()), 0);
        for (index, item) in (0_u32..).zip(items) {
            let item = MapItem::of(index, item, has_keys, map.is_distributed);
            if let Some(context) = step.given_context.as_mut().and_then(Value::as_object_mut) {
                let map = item.context();
                context.insert("Map".to_owned(), map);
            }
            let input = data.effective();
            let value = Data::of(step, ROOT)?.select(step, self.state, selector, Some(&input))?;
            bytes += value.bytes();
            if bytes > SELECTED_BYTES_MAX {
                return Err(Failure::data_limit(&self.state.name));
            }
            selected.push(value.into_value());
        }
        if let Some(context) = step.given_context.as_mut().and_then(Value::as_object_mut) {
            context.remove("Map");
        }
        Ok(selected)
    }

    fn batch(
        &self,
        step: &Step<'_>,
        batcher: &ItemBatcher,
        items: Vec<Value>,
        data: &Data,
    ) -> Result<Vec<Value>, Failure> {
        let items_max = self.number(step, batcher.max_items.as_ref(), data, "MaxItemsPerBatch")?;
        let bytes_max = self.number(step, batcher.max_bytes.as_ref(), data, "MaxInputBytesPerBatch")?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let limit = |most: Option<f64>, otherwise: usize| most.map_or(otherwise, |most| most as usize);
        let limits = BatchLimits {
            items_max: limit(items_max, usize::MAX),
            bytes_max: limit(bytes_max, BATCH_BYTES_MAX).min(BATCH_BYTES_MAX),
        };
        let input = batcher.input.as_ref();
        let input = input.map(|input| data.select(step, self.state, input, None)).transpose()?;
        Ok(batches(items, limits, input.as_ref().map(Payload::value)))
    }
}
