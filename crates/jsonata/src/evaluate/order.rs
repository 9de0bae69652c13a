//! Order-by: `^(>first, <second)`.

use super::Evaluator;
use super::path::{at, is_tuples, tuples};
use crate::ast::NodeId;
use crate::error::Error;
use crate::sort::merge_sort;
use crate::value::Value;

impl Evaluator<'_> {
    /// Stable, nothing last. A term is evaluated when it decides something, and once for each item.
    pub(super) fn sort(
        &mut self,
        terms: &[(NodeId, bool)],
        position: usize,
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let has_tuples = is_tuples(input);
        let items = input.items();
        // Each key with the turns that it took: the reference evaluates it again for each comparison.
        let mut keys: Vec<Option<(Value, u64)>> = vec![None; items.len() * terms.len()];
        self.spend(keys.len() * 32)?;
        let places: Vec<usize> = (0..items.len()).collect();
        let mut turns = 0;
        let sorted = merge_sort(
            places,
            &mut |left, right| {
                self.turns += 1;
                for (number, (term, is_descending)) in terms.iter().enumerate() {
                    let mut key = |place: usize| -> Result<Value, Error> {
                        let slot = place * terms.len() + number;
                        if let Some(Some((known, turns))) = keys.get(slot) {
                            self.turns += turns;
                            return Ok(known.clone());
                        }
                        let before = self.turns;
                        let found = self.key(
                            *term,
                            items.get(place).unwrap_or(&Value::Undefined),
                            has_tuples,
                            scope,
                        )?;
                        if let Some(slot) = keys.get_mut(slot) {
                            *slot = Some((found.clone(), self.turns - before));
                        }
                        Ok(found)
                    };
                    let order = compare(&key(*left)?, &key(*right)?, *is_descending);
                    match order.map_err(|error| error.at(position))? {
                        std::cmp::Ordering::Equal => {}
                        order => return Ok(order.is_gt()),
                    }
                }
                Ok(false)
            },
            &mut turns,
        );
        self.turns += turns;
        let sorted = sorted?;
        let items: Vec<Value> = sorted.into_iter().filter_map(|place| items.get(place).cloned()).collect();
        Ok(if has_tuples { tuples(items) } else { Value::sequence(items) })
    }

    fn key(&mut self, term: NodeId, item: &Value, has_tuples: bool, scope: usize) -> Result<Value, Error> {
        let Value::Object(tuple) = item else { return self.evaluate(term, item, scope) };
        if !has_tuples {
            return self.evaluate(term, item, scope);
        }
        let inner = self.tuple_scope(scope, tuple)?;
        let key = self.evaluate(term, &at(item), inner)?;
        self.close(inner);
        Ok(key)
    }
}

fn compare(left: &Value, right: &Value, is_descending: bool) -> Result<std::cmp::Ordering, Error> {
    use std::cmp::Ordering;
    let is_sortable = |value: &Value| matches!(value, Value::Number(_) | Value::String(_));
    let ordering = match (left, right) {
        (Value::Undefined, Value::Undefined) => return Ok(Ordering::Equal),
        (Value::Undefined, _) => return Ok(Ordering::Greater),
        (_, Value::Undefined) => return Ok(Ordering::Less),
        (Value::Number(left), Value::Number(right)) if left == right => Ordering::Equal,
        // As in JavaScript, what is no number comes after all.
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right).unwrap_or(Ordering::Greater),
        (Value::String(left), Value::String(right)) => left.encode_utf16().cmp(right.encode_utf16()),
        (left, right) if !is_sortable(left) || !is_sortable(right) => {
            return Err(Error::new("T2008").value(if is_sortable(left) { right } else { left }));
        }
        (left, right) => return Err(Error::new("T2007").value(left).with("value2", right)),
    };
    Ok(if is_descending { ordering.reverse() } else { ordering })
}
