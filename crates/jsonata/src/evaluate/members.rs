//! Lists, and how the members of lists and objects are evaluated.

use std::sync::Arc;

use super::Evaluator;
use crate::ast::{Kind, Node, NodeId};
use crate::error::Error;
use crate::value::{Array, Value};

impl Evaluator<'_> {
    pub(super) fn array(
        &mut self,
        node: &Node,
        items: &[NodeId],
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let mut made = Vec::with_capacity(items.len());
        let values = self.at_once(items.len(), |evaluator, number| match items.get(number) {
            Some(item) => evaluator.evaluate(*item, input, scope),
            None => Ok(Value::Undefined),
        })?;
        for (item, value) in items.iter().zip(values) {
            let is_nested = matches!(self.tree.node(*item).kind, Kind::Array(_));
            match value {
                Value::Undefined => {}
                Value::Array(array) if !is_nested => {
                    self.spend(array.items.len() * 24)?;
                    made.extend(array.items.iter().cloned());
                }
                value => made.push(value),
            }
        }
        self.spend(made.len() * 24)?;
        Ok(Value::Array(Arc::new(Array {
            items: made,
            is_constructed: node.is_constructed,
            ..Array::default()
        })))
    }

    /// Evaluates the members of a list or an object as the reference does: all at once, so that the error of the member
    /// that fails after the fewest turns is the one that counts.
    pub(super) fn at_once(
        &mut self,
        count: usize,
        mut member: impl FnMut(&mut Self, usize) -> Result<Value, Error>,
    ) -> Result<Vec<Value>, Error> {
        let start = self.turns;
        let (mut slowest, mut failed) = (start, None::<(u64, Error)>);
        let mut values = Vec::with_capacity(count);
        for number in 0..count {
            self.turns = start;
            match member(self, number) {
                Ok(value) => values.push(value),
                Err(error) if error.is_of_budget() => return Err(error),
                Err(error) if failed.as_ref().is_none_or(|(turns, _)| self.turns < *turns) => {
                    failed = Some((self.turns, error));
                }
                Err(_) => {}
            }
            slowest = slowest.max(self.turns);
        }
        // One turn tells that all are there, one that they are waited for.
        match failed {
            Some((turns, error)) => {
                self.turns = turns + 2;
                Err(error)
            }
            None => {
                self.turns = if count == 0 { start + 1 } else { slowest + 2 };
                Ok(values)
            }
        }
    }
}
