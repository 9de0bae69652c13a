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
        let has_tuples = is_tuples(input);
        let mut items = input.items();
        if items.is_empty() {
            items.push(Value::Undefined);
        }
        let mut groups: indexmap::IndexMap<Arc<str>, (Value, usize)> = indexmap::IndexMap::new();
        for item in &items {
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
        let mut fields = Object::new();
        for (key, (data, number)) in groups {
            let Some((_, value)) = pairs.get(number) else { continue };
            let value = if has_tuples {
                self.grouped_tuples(*value, &data, scope)?
            } else {
                self.evaluate(*value, &data, scope)?
            };
            if !value.is_undefined() {
                self.spend(key.len() + 48)?;
                fields.insert(key, value);
            }
        }
        Ok(Value::object(fields))
    }

    fn grouped_tuples(&mut self, value: NodeId, data: &Value, scope: usize) -> Result<Value, Error> {
        let mut merged = Object::new();
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
