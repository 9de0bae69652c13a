//! Paths: steps, filters, groups, sorting, tuples.

use std::sync::Arc;

use super::Evaluator;
use crate::ast::{Kind, Node, NodeId, Stage};
use crate::error::Error;
use crate::value::{Array, Object, Value, deeper};

/// A member of an object, or of every object of an array.
pub(super) fn look_up(input: &Value, name: &str) -> Value {
    match input {
        Value::Object(fields) => fields.get(name).cloned().unwrap_or_default(),
        Value::Array(array) => {
            let mut found = Vec::new();
            for item in &array.items {
                let inner = match item {
                    Value::Array(_) => deeper(|| look_up(item, name)),
                    item => look_up(item, name),
                };
                match inner {
                    Value::Undefined => {}
                    Value::Array(array) => found.extend(array.items.iter().cloned()),
                    value => found.push(value),
                }
            }
            Value::sequence(found)
        }
        _ => Value::Undefined,
    }
}

fn flatten_into(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(array) => deeper(|| array.items.iter().for_each(|item| flatten_into(item, found))),
        value => found.push(value.clone()),
    }
}

pub(super) fn wildcard(input: &Value) -> Value {
    let mut found = Vec::new();
    let input = match input {
        Value::Array(array) if array.is_wrapper => array.items.first().unwrap_or(input),
        other => other,
    };
    let mut add = |value: &Value| match value {
        Value::Array(_) => flatten_into(value, &mut found),
        value => found.push(value.clone()),
    };
    match input {
        Value::Object(fields) => fields.values().for_each(&mut add),
        Value::Array(array) => {
            array.items.iter().for_each(&mut add);
            // In the reference a sequence has a field that says that it is one.
            found.extend(array.is_sequence.then_some(Value::Bool(true)));
        }
        _ => {}
    }
    Value::sequence(found)
}

pub(super) fn descendants(input: &Value) -> Value {
    let mut found = Vec::new();
    let mut open = vec![input];
    while let Some(value) = open.pop() {
        match value {
            Value::Undefined => continue,
            Value::Array(array) => open.extend(array.items.iter().rev()),
            Value::Object(fields) => {
                found.push(value.clone());
                open.extend(fields.values().rev());
            }
            value => found.push(value.clone()),
        }
    }
    Value::sequence(found)
}

pub(super) fn tuples(items: Vec<Value>) -> Value {
    Value::Array(Arc::new(Array { items, is_sequence: true, is_tuples: true, ..Array::default() }))
}

pub(super) fn is_tuples(value: &Value) -> bool {
    matches!(value, Value::Array(array) if array.is_tuples)
}

/// The context of a tuple.
pub(super) fn at(tuple: &Value) -> Value {
    match tuple {
        Value::Object(fields) => fields.get("@").cloned().unwrap_or_default(),
        other => other.clone(),
    }
}

impl Evaluator<'_> {
    pub(super) fn path(&mut self, node: &Node, input: &Value, scope: usize) -> Result<Value, Error> {
        let Kind::Path { steps, keeps_singleton, .. } = &node.kind else { return Ok(Value::Undefined) };
        let is_variable =
            steps.first().is_some_and(|first| matches!(self.tree.node(*first).kind, Kind::Variable(_)));
        let mut sequence = match input {
            Value::Array(_) if !is_variable => input.clone(),
            other => Value::sequence(vec![other.clone()]),
        };
        let mut result = Value::Undefined;
        let mut bindings: Option<Value> = None;
        let mut has_tuples = false;
        for (number, id) in steps.iter().enumerate() {
            let step = self.tree.node(*id);
            has_tuples |= step.is_tuple;
            if number == 0 && step.is_constructed {
                result = self.evaluate(*id, &sequence, scope)?;
            } else if has_tuples {
                let made = self.tuple_step(*id, &sequence, bindings.take(), scope);
                self.turns += 1;
                bindings = Some(made?);
            } else {
                let made = self.path_step(*id, &sequence, scope, number + 1 == steps.len());
                self.turns += 1;
                result = made?;
            }
            let is_empty = result.is_undefined() || result.as_array().is_some_and(<[Value]>::is_empty);
            if !has_tuples && is_empty {
                break;
            }
            if step.focus.is_none() {
                sequence = result.clone();
            }
        }
        if let Some(bindings) = &bindings {
            result = if node.is_tuple {
                bindings.clone()
            } else {
                Value::sequence(bindings.as_array().unwrap_or_default().iter().map(at).collect())
            };
        }
        if *keeps_singleton {
            result = kept(result);
        }
        if let Some(group) = &node.group {
            let grouped = bindings.as_ref().unwrap_or(&result).clone();
            result = self.group(&group.0, group.1, &grouped, scope)?;
        }
        Ok(result)
    }

    /// The common path: names alone, from object to object. Nothing when anything else is on the way.
    pub(super) fn fields(&mut self, steps: &[NodeId], input: &Value) -> Option<Value> {
        let (mut at, before) = (input, self.turns);
        self.turns += 2;
        for step in steps {
            self.turns += 2;
            let (name, fields) = match (&self.tree.node(*step).kind, at) {
                (Kind::Name(name), Value::Object(fields)) => (name, fields),
                (_, Value::Array(_)) => {
                    self.turns = before;
                    return None;
                }
                _ => return Some(Value::Undefined),
            };
            match fields.get(name) {
                Some(value) => at = value,
                None => return Some(Value::Undefined),
            }
        }
        match at {
            // What is no list of its own collapses like any other result.
            Value::Array(array) if array.is_sequence => {
                self.turns = before;
                None
            }
            value => Some(value.clone()),
        }
    }

    fn path_step(&mut self, id: NodeId, input: &Value, scope: usize, is_last: bool) -> Result<Value, Error> {
        let step = self.tree.node(id);
        if matches!(step.kind, Kind::Sort(_)) {
            let sorted = self.ordered(step, input, scope)?;
            return self.stages(&step.stages, sorted, scope);
        }
        // A constructor in the first step may have given no list: as in the reference, there is nothing to go
        // through then, but the letters of a text.
        let letters: Vec<Value>;
        let items: &[Value] = match input {
            Value::String(text) => {
                letters = text.chars().map(Value::from).collect();
                &letters
            }
            Value::Array(array) => &array.items,
            _ => &[],
        };
        let plain = step.plain_name();
        let mut results = Vec::with_capacity(items.len());
        for item in items {
            if let (Some(name), Value::Object(fields)) = (plain, item) {
                self.step()?;
                self.turns += 1;
                results.extend(fields.get(name).filter(|value| !value.is_undefined()).cloned());
                continue;
            }
            let mut result = self.evaluate(id, item, scope)?;
            for stage in &step.stages {
                if let Stage::Filter(predicate) = stage {
                    result = self.filter(*predicate, &result, scope)?;
                }
            }
            if !result.is_undefined() {
                results.push(result);
            }
        }
        if is_last
            && let [Value::Array(only)] = results.as_slice()
            && !only.is_sequence
        {
            return Ok(results.remove(0));
        }
        if !results.iter().any(|result| matches!(result, Value::Array(_))) {
            self.spend(results.len() * 24)?;
            return Ok(Value::sequence(results));
        }
        let mut sequence = Vec::new();
        for result in results {
            match result {
                Value::Array(array) if !array.is_constructed => sequence.extend(array.items.iter().cloned()),
                value => sequence.push(value),
            }
        }
        self.spend(sequence.len() * 24)?;
        Ok(Value::sequence(sequence))
    }

    fn ordered(&mut self, step: &Node, input: &Value, scope: usize) -> Result<Value, Error> {
        let Kind::Sort(terms) = &step.kind else { return Ok(input.clone()) };
        let sorted = self.sort(terms, step.position, input, scope);
        self.turns += 2;
        sorted
    }

    fn stages(&mut self, stages: &[Stage], value: Value, scope: usize) -> Result<Value, Error> {
        let result = self.each_stage(stages, value, scope);
        self.turns += u64::from(!stages.is_empty());
        result
    }

    fn each_stage(&mut self, stages: &[Stage], mut value: Value, scope: usize) -> Result<Value, Error> {
        for stage in stages {
            value = match stage {
                Stage::Filter(predicate) => self.filter(*predicate, &value, scope)?,
                Stage::Index(name) => {
                    let numbered =
                        value.items().into_iter().zip(0_u32..).map(|(tuple, number)| match tuple {
                            Value::Object(fields) => {
                                let mut fields = fields.as_ref().clone();
                                fields.insert(Arc::clone(&name.text), Value::Number(number.into()));
                                Value::object(fields)
                            }
                            other => other,
                        });
                    tuples(numbered.collect())
                }
            };
        }
        Ok(value)
    }

    fn tuple_step(
        &mut self,
        id: NodeId,
        input: &Value,
        bindings: Option<Value>,
        scope: usize,
    ) -> Result<Value, Error> {
        let step = self.tree.node(id);
        if let Kind::Sort(_) = step.kind {
            let result = match &bindings {
                Some(bindings) => self.ordered(step, bindings, scope)?,
                None => {
                    let sorted = self.ordered(step, input, scope)?;
                    let numbered = sorted.items().into_iter().zip(0_u32..).map(|(item, number)| {
                        let mut tuple = Object::from_iter([("@".into(), item)]);
                        if let Some(index) = &step.index {
                            tuple.insert(Arc::clone(&index.text), Value::Number(number.into()));
                        }
                        Value::object(tuple)
                    });
                    tuples(numbered.collect())
                }
            };
            let result = if is_tuples(&result) { result } else { tuples(result.items()) };
            return self.stages(&step.stages, result, scope);
        }
        let bindings = match bindings {
            Some(bindings) => bindings.items(),
            None => input
                .items()
                .into_iter()
                .map(|item| Value::object(Object::from_iter([("@".into(), item)])))
                .collect(),
        };
        let mut made = Vec::new();
        for binding in bindings {
            let Value::Object(tuple) = &binding else { continue };
            let inner = self.tuple_scope(scope, tuple)?;
            let result = self.evaluate(id, &at(&binding), inner)?;
            self.close(inner);
            if !result.is_undefined() {
                extend_tuple(step, tuple, &result, &mut made);
            }
        }
        self.spend(made.len() * 96)?;
        self.stages(&step.stages, tuples(made), scope)
    }

    /// The items for which a predicate holds, or the item at an index.
    pub(super) fn filter(&mut self, predicate: NodeId, input: &Value, scope: usize) -> Result<Value, Error> {
        let result = self.filter_items(predicate, input, scope);
        self.turns += 1;
        result
    }

    fn filter_items(&mut self, predicate: NodeId, input: &Value, scope: usize) -> Result<Value, Error> {
        // Nothing is one item, too: its predicate is evaluated, and may fail.
        let items: &[Value] = match input {
            Value::Array(array) => &array.items,
            single => std::slice::from_ref(single),
        };
        let has_tuples = is_tuples(input);
        if let Kind::Number(number) = self.tree.node(predicate).kind {
            return Ok(match index(number, items.len()).and_then(|index| items.get(index)) {
                Some(array @ Value::Array(_)) => array.clone(),
                Some(Value::Undefined) => Value::sequence(Vec::new()),
                Some(item) if has_tuples => tuples(vec![item.clone()]),
                Some(item) => Value::sequence(vec![item.clone()]),
                None if has_tuples => tuples(Vec::new()),
                None => Value::sequence(Vec::new()),
            });
        }
        let mut taken = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let result = match item {
                Value::Object(tuple) if has_tuples => {
                    let inner = self.tuple_scope(scope, tuple)?;
                    let result = self.evaluate(predicate, &at(item), inner)?;
                    self.close(inner);
                    result
                }
                item => self.evaluate(predicate, item, scope)?,
            };
            if is_taken(&result, number, items.len()) {
                taken.push(item.clone());
            }
        }
        self.spend(taken.len() * 24)?;
        Ok(if has_tuples { tuples(taken) } else { Value::sequence(taken) })
    }
}

fn extend_tuple(step: &Node, tuple: &Object, result: &Value, made: &mut Vec<Value>) {
    let result_has_tuples = is_tuples(result);
    for (item, number) in result.items().into_iter().zip(0_u32..) {
        let mut next = tuple.clone();
        match &item {
            Value::Object(inner) if result_has_tuples => {
                next.extend(inner.iter().map(|(name, value)| (Arc::clone(name), value.clone())))
            }
            item => {
                match &step.focus {
                    Some(focus) => {
                        next.insert(Arc::clone(&focus.text), item.clone());
                    }
                    None => {
                        next.insert("@".into(), item.clone());
                    }
                }
                if let Some(index) = &step.index {
                    next.insert(Arc::clone(&index.text), Value::Number(number.into()));
                }
                if let Some(label) = step.ancestor {
                    next.insert(format!("!{label}").into(), tuple.get("@").cloned().unwrap_or_default());
                }
            }
        }
        made.push(Value::object(next));
    }
}

fn is_taken(result: &Value, number: usize, length: usize) -> bool {
    let is_here = |value: &Value| value.as_number().and_then(|wanted| index(wanted, length)) == Some(number);
    match result {
        Value::Number(_) => is_here(result),
        Value::Array(array)
            if !array.items.is_empty() && array.items.iter().all(|item| matches!(item, Value::Number(_))) =>
        {
            array.items.iter().any(is_here)
        }
        other => other.to_boolean().unwrap_or(false),
    }
}

/// The position of an index; negative ones count from the end.
fn index(number: f64, length: usize) -> Option<usize> {
    let floor = number.floor();
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in the range of an array")]
    let whole = if floor.abs() < 9e15 { floor as i64 } else { return None };
    let length = i64::try_from(length).ok()?;
    usize::try_from(if whole < 0 { length + whole } else { whole }).ok()
}

fn kept(value: Value) -> Value {
    match value {
        Value::Array(array) => {
            let mut array = array.as_ref().clone();
            if array.is_constructed && !array.is_sequence {
                array = Array { items: vec![Value::Array(Arc::new(array))], ..Array::default() };
            }
            array.is_sequence = true;
            array.keeps_singleton = true;
            Value::Array(Arc::new(array))
        }
        Value::Undefined => Value::Undefined,
        other => Value::Array(Arc::new(Array {
            items: vec![other],
            is_sequence: true,
            keeps_singleton: true,
            ..Array::default()
        })),
    }
}
