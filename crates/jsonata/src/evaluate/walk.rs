//! What going through whole values costs: they may share their parts, so that a small one stands for a vast text.

use std::sync::Arc;

use super::Evaluator;
use crate::error::Error;
use crate::value::Value;

/// Values nest no deeper where something goes through all of them.
const DEPTH_MAX: usize = 1_000;
/// So many values are one step.
const VALUES_PER_STEP: u64 = 16;
/// So many bytes of text are as much work as a value.
const BYTES_PER_VALUE: usize = 64;

impl Evaluator<'_> {
    /// Pays for going through a value and all values in it, with memory for each if something is made of them.
    pub(crate) fn walk(&mut self, value: &Value, bytes_each: usize) -> Result<(), Error> {
        let (mut count, mut bytes) = (0_u64, 0_usize);
        let mut open: Vec<(&Value, usize)> = vec![(value, 0)];
        while let Some((value, depth)) = open.pop() {
            count += 1;
            let weight = match value {
                Value::String(text) => text.len(),
                Value::Array(array) => {
                    open.extend(array.items.iter().map(|item| (item, depth + 1)));
                    0
                }
                Value::Object(fields) => {
                    open.extend(fields.values().map(|field| (field, depth + 1)));
                    fields.keys().map(|key| key.len()).sum()
                }
                _ => 0,
            };
            if depth > DEPTH_MAX {
                return Err(Error::custom("U1001", "Stack overflow error: The value is nested too deeply"));
            }
            count += u64::try_from(weight / BYTES_PER_VALUE).unwrap_or(u64::MAX);
            if bytes_each > 0 {
                bytes = bytes.saturating_add(weight.saturating_add(bytes_each));
            }
            if count >= 1_024 {
                self.take_steps(count / VALUES_PER_STEP)?;
                self.spend(std::mem::take(&mut bytes))?;
                count = 0;
            }
        }
        self.take_steps(count / VALUES_PER_STEP)?;
        self.spend(bytes)
    }

    /// Pays for a value that was just made: one that nobody else holds.
    pub(crate) fn pay_for_new(&mut self, value: &Value) -> Result<(), Error> {
        match value {
            Value::String(text) if Arc::strong_count(text) == 1 => self.spend(text.len()),
            Value::Array(array) if Arc::strong_count(array) == 1 => self.spend(array.items.len() * 24),
            Value::Object(fields) if Arc::strong_count(fields) == 1 => self.spend(fields.len() * 48),
            _ => Ok(()),
        }
    }

    /// Pays for going through the items of values, but not into them.
    pub(crate) fn pass_over(&mut self, values: &[Value]) -> Result<(), Error> {
        let breadth = |value: &Value| match value {
            Value::String(text) => text.len() / BYTES_PER_VALUE,
            Value::Array(array) => array.items.len(),
            Value::Object(fields) => fields.len(),
            _ => 0,
        };
        let count: usize = values.iter().map(breadth).sum();
        self.take_steps(u64::try_from(count).unwrap_or(u64::MAX) / VALUES_PER_STEP)
    }
}
