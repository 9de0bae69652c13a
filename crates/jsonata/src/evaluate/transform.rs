//! Transforms: a copy in which the matched objects are changed.

use std::sync::Arc;

use super::Evaluator;
use crate::ast::Kind;
use crate::error::Error;
use crate::value::{Object, Transform, Value};

impl Evaluator<'_> {
    pub(super) fn transform(&mut self, transform: &Transform, value: Value) -> Result<Value, Error> {
        if value.is_undefined() {
            return Ok(Value::Undefined);
        }
        if !matches!(value, Value::Object(_) | Value::Array(_)) {
            return Err(Error::new("T0410").value(value).with("index", 1_usize));
        }
        let Kind::Transform { pattern, update, delete } = &self.tree.node(transform.node).kind else {
            return Ok(value);
        };
        self.walk(&value, 24)?;
        let value = crate::functions::copied(&value).unwrap_or(value);
        let matches = self.evaluate(*pattern, &value, transform.scope)?;
        let mut result = value;
        for matched in matches.items() {
            // What is no object stays as it is, but the clauses are evaluated and checked.
            let before = match &matched {
                Value::Object(fields) => Some(fields),
                _ => None,
            };
            let mut fields = before.map(|fields| fields.as_ref().clone()).unwrap_or_default();
            match self.evaluate(*update, &matched, transform.scope)? {
                Value::Undefined => {}
                Value::Object(changes) => {
                    fields.extend(changes.iter().map(|(key, value)| (Arc::clone(key), value.clone())))
                }
                other => {
                    return Err(Error::new("T2011").at(self.tree.node(*update).position).value(other));
                }
            }
            if let Some(delete) = delete {
                let deleted = self.evaluate(*delete, &matched, transform.scope)?;
                for name in deleted.items() {
                    let Value::String(name) = &name else {
                        return Err(Error::new("T2012").at(self.tree.node(*delete).position).value(deleted));
                    };
                    fields.shift_remove(name);
                }
            }
            self.spend(fields.len() * 48)?;
            if let Some(before) = before {
                self.walk(&result, 0)?;
                result = replace(&result, before, &Value::object(fields)).unwrap_or(result);
            }
        }
        Ok(result)
    }
}

/// The value with one of its objects replaced: the very object, not one that is equal. Nothing when it is not there:
/// what is not touched stays the very same.
fn replace(value: &Value, target: &Arc<Object>, by: &Value) -> Option<Value> {
    match value {
        Value::Object(fields) if Arc::ptr_eq(fields, target) => Some(by.clone()),
        Value::Object(fields) => {
            let (key, changed) =
                fields.iter().find_map(|(key, value)| Some((key, replace(value, target, by)?)))?;
            let mut fields = fields.as_ref().clone();
            fields.insert(Arc::clone(key), changed);
            Some(Value::object(fields))
        }
        Value::Array(array) => {
            let (at, changed) = array
                .items
                .iter()
                .enumerate()
                .find_map(|(at, item)| Some((at, replace(item, target, by)?)))?;
            let mut array = array.as_ref().clone();
            if let Some(item) = array.items.get_mut(at) {
                *item = changed;
            }
            Some(Value::Array(Arc::new(array)))
        }
        _ => None,
    }
}
