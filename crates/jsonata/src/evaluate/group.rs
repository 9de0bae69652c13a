//! Grouping: `{key: value}` over a sequence.

use std::sync::Arc;

use super::Evaluator;
use super::path::{at, is_tuples};
use crate::ast::NodeId;
use crate::error::Error;
use crate::functions::append;
use crate::value::{Object, Value};

impl Evaluator<'_> {
    /// `{key: value}` over a sequence: one field per key, whose value sees all items of that key.
    pub(super) fn group(
        &mut self,
        pairs: &[(NodeId, NodeId)],
        position: usize,
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let result = self.grouped(pairs, position, input, scope);
        self.turns += 1;
        result
    }

    fn grouped(
        &mut self,
        pairs: &[(NodeId, NodeId)],
        position: usize,
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let has_tuples = is_tuples(input);
        let items: &[Value] = match input {
            Value::Array(array) if array.items.is_empty() => &[Value::Undefined],
            Value::Array(array) => &array.items,
            single => std::slice::from_ref(single),
        };
        if let ([item], false) = (items, has_tuples) {
            return self.object(pairs, position, item, scope);
        }
        let mut groups: indexmap::IndexMap<Arc<str>, (Value, usize)> = indexmap::IndexMap::new();
        for item in items {
            let inner = match item {
                Value::Object(tuple) if has_tuples => Some(self.tuple_scope(scope, tuple)?),
                _ => None,
            };
            for (number, (key, _)) in pairs.iter().enumerate() {
                let context = if has_tuples { at(item) } else { item.clone() };
                let found = match self.evaluate(*key, &context, inner.unwrap_or(scope))? {
                    Value::Undefined => continue,
                    Value::String(key) => key,
                    other => return Err(Error::new("T1003").at(position).value(other)),
                };
                match groups.get_mut(&found) {
                    Some((_, of)) if *of != number => {
                        return Err(Error::new("D1009").at(position).value(&*found));
                    }
                    Some((data, _)) => *data = append(std::mem::take(data), item.clone()),
                    None => {
                        groups.insert(found, (item.clone(), number));
                    }
                }
            }
            if let Some(inner) = inner {
                self.close(inner);
            }
        }
        let values = self.at_once(groups.len(), |evaluator, place| {
            let Some((_, (data, number))) = groups.get_index(place) else { return Ok(Value::Undefined) };
            let Some((_, value)) = pairs.get(*number) else { return Ok(Value::Undefined) };
            if has_tuples {
                evaluator.grouped_tuples(*value, data, scope)
            } else {
                evaluator.evaluate(*value, data, scope)
            }
        })?;
        self.turns += u64::try_from(groups.len()).unwrap_or(0);
        let mut fields = Object::default();
        for (key, value) in groups.into_keys().zip(values) {
            if !value.is_undefined() {
                self.spend(key.len() + 48)?;
                fields.insert(key, value);
            }
        }
        Ok(Value::object(fields))
    }

    /// An object of one item: every key has one value.
    fn object(
        &mut self,
        pairs: &[(NodeId, NodeId)],
        position: usize,
        item: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let mut keys: Object = Object::with_capacity(pairs.len());
        let mut values = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let found = match self.evaluate(*key, item, scope)? {
                Value::Undefined => continue,
                Value::String(key) => key,
                other => return Err(Error::new("T1003").at(position).value(other)),
            };
            if keys.insert(Arc::clone(&found), Value::Undefined).is_some() {
                return Err(Error::new("D1009").at(position).value(&*found));
            }
            self.spend(found.len() + 48)?;
            values.push(*value);
        }
        let values = self.at_once(values.len(), |evaluator, place| match values.get(place) {
            Some(value) => evaluator.evaluate(*value, item, scope),
            None => Ok(Value::Undefined),
        })?;
        self.turns += u64::try_from(values.len()).unwrap_or(0);
        keys.values_mut().zip(values).for_each(|(field, value)| *field = value);
        if keys.values().any(Value::is_undefined) {
            keys.retain(|_, value| !value.is_undefined());
        }
        Ok(Value::object(keys))
    }

    fn grouped_tuples(&mut self, value: NodeId, data: &Value, scope: usize) -> Result<Value, Error> {
        let mut merged = Object::default();
        for tuple in data.items() {
            let Value::Object(fields) = tuple else { continue };
            for (name, value) in fields.iter() {
                let before = merged.shift_remove(name).unwrap_or_default();
                merged.insert(Arc::clone(name), append(before, value.clone()));
            }
        }
        let context = merged.shift_remove("@").unwrap_or_default();
        let inner = self.tuple_scope(scope, &merged)?;
        let value = self.evaluate(value, &context, inner)?;
        self.close(inner);
        Ok(value)
    }
}
