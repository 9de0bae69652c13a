//! What an `ItemBatcher` makes of items: the inputs of child executions that process several items each.

use serde_json::{Map, Value};

/// AWS quota: the bytes of a child execution's input.
pub(crate) const BATCH_BYTES_MAX: usize = 262_144;

/// How large a batch may get.
#[derive(Clone, Copy)]
pub(crate) struct BatchLimits {
    pub(crate) items_max: usize,
    pub(crate) bytes_max: usize,
}

/// The batches: `{"BatchInput": …, "Items": […]}`. An item that is too large by itself is a batch of its own.
pub(crate) fn batches(items: Vec<Value>, limits: BatchLimits, input: Option<&Value>) -> Vec<Value> {
    let empty_bytes = batch(Vec::new(), input).to_string().len();
    let mut batches = Vec::new();
    let (mut held, mut bytes) = (Vec::new(), empty_bytes);
    for item in items {
        // A comma goes with every item but the first.
        let item_bytes = item.to_string().len() + usize::from(!held.is_empty());
        let is_full = held.len() >= limits.items_max || bytes + item_bytes > limits.bytes_max;
        if is_full && !held.is_empty() {
            batches.push(batch(std::mem::take(&mut held), input));
            bytes = empty_bytes;
        }
        bytes += item_bytes;
        held.push(item);
    }
    if !held.is_empty() {
        batches.push(batch(held, input));
    }
    batches
}

fn batch(items: Vec<Value>, input: Option<&Value>) -> Value {
    let mut batch = Map::new();
    if let Some(input) = input {
        batch.insert("BatchInput".to_owned(), input.clone());
    }
    batch.insert("Items".to_owned(), Value::Array(items));
    Value::Object(batch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(items_max: usize, bytes_max: usize, input: Option<Value>) -> String {
        let items = vec![json!(1), json!(2), json!(3)];
        Value::Array(batches(items, BatchLimits { items_max, bytes_max }, input.as_ref())).to_string()
    }

    #[test]
    fn batches_have_at_most_so_many_items() {
        assert_eq!(of(2, 1_000, None), r#"[{"Items":[1,2]},{"Items":[3]}]"#);
        assert_eq!(of(9, 1_000, Some(json!({ "a": 0 }))), r#"[{"BatchInput":{"a":0},"Items":[1,2,3]}]"#);
    }

    #[test]
    fn batches_have_at_most_so_many_bytes_unless_one_item_has_more() {
        assert_eq!(of(9, r#"{"Items":[1,2]}"#.len(), None), r#"[{"Items":[1,2]},{"Items":[3]}]"#);
        assert_eq!(of(9, 1, None), r#"[{"Items":[1]},{"Items":[2]},{"Items":[3]}]"#);
    }
}
