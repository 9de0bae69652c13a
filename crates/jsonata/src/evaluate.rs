//! Evaluation.

mod call;
mod group;
mod operator;
mod order;
mod path;
mod transform;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::ast::{Kind, Node, NodeId, Stage, Tree};
use crate::budget::Budget;
use crate::error::Error;
use crate::functions;
use crate::host::Host;
use crate::value::{Array, Function, Lambda, Object, Value};

/// `$$`.
static ROOT: LazyLock<Arc<str>> = LazyLock::new(|| "$".into());

/// A parsed expression. Cloning shares.
#[derive(Clone, Debug)]
pub struct Expression {
    inner: Arc<Parsed>,
}

#[derive(Debug)]
struct Parsed {
    tree: Tree,
    root: NodeId,
}

impl Expression {
    /// Parses an expression.
    pub fn compile(text: &str) -> Result<Self, Error> {
        let (tree, root) = crate::parser::parse(text)?;
        Ok(Self { inner: Arc::new(Parsed { tree, root }) })
    }

    /// The names of the variables and functions that it mentions, without `$`; the empty name is the context.
    pub fn variables(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.inner.tree.variables().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(crate) fn tree(&self) -> (&Tree, NodeId) {
        (&self.inner.tree, self.inner.root)
    }

    /// Evaluates the expression on an input, with variables; nothing when it leads nowhere.
    pub fn evaluate(
        &self,
        input: &Value,
        bindings: &HashMap<String, Value>,
        host: &dyn Host,
        budget: &Budget,
    ) -> Result<Option<Value>, Error> {
        let root = input.clone();
        // An array as the input is one thing, until a path goes into it.
        let input = match input {
            Value::Array(array) if !array.is_sequence => Value::Array(Arc::new(Array {
                items: vec![input.clone()],
                is_sequence: true,
                is_wrapper: true,
                ..Array::default()
            })),
            other => other.clone(),
        };
        let mut evaluator = Evaluator::new(&self.inner.tree, host, *budget);
        evaluator.bind(0, Arc::clone(&ROOT), root);
        // Each has a name of its own: the order says nothing.
        bindings.iter().for_each(|(name, value)| evaluator.bind(0, name.as_str().into(), value.clone()));
        let result = evaluator.evaluate(self.inner.root, &input, 0)?;
        Ok(match result {
            Value::Undefined => None,
            Value::Array(array) if array.is_wrapper => array.items.first().cloned(),
            value => Some(value),
        })
    }
}

/// Names of variables with their values.
#[derive(Default)]
struct Scope {
    parent: Option<usize>,
    bindings: Vec<(Arc<str>, Value)>,
    /// A lambda holds on to it.
    is_captured: bool,
}

pub(crate) struct Evaluator<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) host: &'a dyn Host,
    budget: Budget,
    scopes: Vec<Scope>,
    depth: usize,
    steps: u64,
    bytes: usize,
}

impl<'a> Evaluator<'a> {
    fn new(tree: &'a Tree, host: &'a dyn Host, budget: Budget) -> Self {
        Self { tree, host, budget, scopes: vec![Scope::default()], depth: 0, steps: 0, bytes: 0 }
    }

    pub(crate) fn bind(&mut self, scope: usize, name: Arc<str>, value: Value) {
        let Some(scope) = self.scopes.get_mut(scope) else { return };
        match scope.bindings.iter_mut().find(|(known, _)| *known == name) {
            Some((_, bound)) => *bound = value,
            None => scope.bindings.push((name, value)),
        }
    }

    pub(crate) fn look_up(&self, scope: usize, name: &str) -> Option<&Value> {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get(at)) {
            if let Some((_, value)) = scope.bindings.iter().find(|(known, _)| &**known == name) {
                return Some(value);
            }
            at = scope.parent;
        }
        None
    }

    pub(crate) fn open(&mut self, parent: usize) -> Result<usize, Error> {
        self.spend(96)?;
        self.scopes.push(Scope { parent: Some(parent), ..Scope::default() });
        Ok(self.scopes.len() - 1)
    }

    /// Drops a scope that nobody holds on to, and what was opened in it.
    pub(crate) fn close(&mut self, scope: usize) {
        while self.scopes.len() > scope && self.scopes.last().is_some_and(|last| !last.is_captured) {
            self.scopes.pop();
            self.bytes = self.bytes.saturating_sub(96);
        }
    }

    fn capture(&mut self, scope: usize) {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get_mut(at)) {
            if scope.is_captured {
                return;
            }
            scope.is_captured = true;
            at = scope.parent;
        }
    }

    /// Counts bytes of new values against the budget.
    pub(crate) fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.budget.bytes { Err(Error::new("U1002")) } else { Ok(()) }
    }

    /// What an evaluation inside this one may still use.
    pub(crate) fn rest_of_budget(&self) -> Budget {
        Budget {
            depth: self.budget.depth.saturating_sub(self.depth),
            steps: self.budget.steps.saturating_sub(self.steps),
            bytes: self.budget.bytes.saturating_sub(self.bytes),
            ..self.budget
        }
    }

    pub(crate) fn step(&mut self) -> Result<(), Error> {
        self.steps += 1;
        if self.steps > self.budget.steps {
            return Err(Error::new("U1003"));
        }
        if self.steps.is_multiple_of(256)
            && self.budget.time_ms.is_some_and(|limit| self.host.elapsed_ms() > limit)
        {
            // The reference's code for it is that of the depth, with another sentence.
            return Err(Error::custom("U1001", "Expression evaluation timeout: Check for infinite loop"));
        }
        Ok(())
    }

    pub(crate) fn evaluate(&mut self, id: NodeId, input: &Value, scope: usize) -> Result<Value, Error> {
        self.step()?;
        self.depth += 1;
        if self.depth > self.budget.depth {
            return Err(Error::new("U1001").at(self.tree.node(id).position));
        }
        let result =
            stacker::maybe_grow(256 * 1_024, 2 * 1_024 * 1_024, || self.evaluate_node(id, input, scope));
        self.depth -= 1;
        result
    }

    fn evaluate_node(&mut self, id: NodeId, input: &Value, scope: usize) -> Result<Value, Error> {
        let tree = self.tree;
        let node = tree.node(id);
        let mut result = self.kind(id, node, input, scope)?;
        for stage in &node.predicate {
            if let Stage::Filter(predicate) = stage {
                result = self.filter(*predicate, &result, scope)?;
            }
        }
        if let Some(group) = node.group.as_ref().filter(|_| !matches!(node.kind, Kind::Path { .. })) {
            result = self.group(&group.0, group.1, &result, scope)?;
        }
        Ok(collapse(result, node.keeps_array))
    }

    fn kind(&mut self, id: NodeId, node: &Node, input: &Value, scope: usize) -> Result<Value, Error> {
        Ok(match &node.kind {
            Kind::Number(number) => Value::Number(*number),
            Kind::Text(text) => Value::String(Arc::clone(text)),
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Name(name) => path::look_up(input, name),
            Kind::Variable(name) => self.variable(name, input, scope),
            Kind::Wildcard => path::wildcard(input),
            Kind::Descendant => path::descendants(input),
            Kind::Parent(slot) => {
                self.look_up(scope, &format!("!{}", slot.label)).cloned().unwrap_or_default()
            }
            Kind::Regex(pattern) => Value::Function(Arc::new(Function::Regex(pattern.clone()))),
            Kind::Path { .. } => return self.path(node, input, scope),
            Kind::Negate(operand) => {
                let value = self.evaluate(*operand, input, scope)?;
                match value {
                    Value::Undefined => Value::Undefined,
                    Value::Number(number) if number.is_infinite() => {
                        return Err(Error::new("D1001").value(number));
                    }
                    Value::Number(number) if !number.is_nan() => Value::Number(-number),
                    other => return Err(Error::new("D1002").at(node.position).token_is("-").value(other)),
                }
            }
            Kind::Array(items) => self.array(node, items, input, scope)?,
            Kind::Object(pairs) => self.group(pairs, node.position, input, scope)?,
            Kind::Binary(operator, left, right) => {
                return self.binary((*operator, node.position), (*left, *right), input, scope);
            }
            Kind::Bind(name, value) => {
                let value = self.evaluate(*value, input, scope)?;
                self.bind(scope, Arc::clone(name), value.clone());
                value
            }
            Kind::Block(expressions) => return self.block(expressions, input, scope),
            _ => return self.control(id, node, input, scope),
        })
    }

    /// Nodes that decide which others are evaluated, and those that make functions.
    fn control(&mut self, id: NodeId, node: &Node, input: &Value, scope: usize) -> Result<Value, Error> {
        Ok(match &node.kind {
            Kind::Condition(test, then, otherwise) => {
                if self.evaluate(*test, input, scope)?.to_boolean().unwrap_or(false) {
                    self.evaluate(*then, input, scope)?
                } else {
                    match otherwise {
                        Some(otherwise) => self.evaluate(*otherwise, input, scope)?,
                        None => Value::Undefined,
                    }
                }
            }
            Kind::Default(left, right) => {
                let value = self.evaluate(*left, input, scope)?;
                // Newer than 2.0.6, and its functions are false.
                if !value.is_function() && value.to_boolean().unwrap_or(false) {
                    value
                } else {
                    self.evaluate(*right, input, scope)?
                }
            }
            Kind::Coalesce(left, right) => match self.evaluate(*left, input, scope)? {
                Value::Undefined => self.evaluate(*right, input, scope)?,
                value => value,
            },
            Kind::Call(function, arguments) => {
                return self.call((*function, arguments, node.position), None, input, scope);
            }
            Kind::Partial(function, arguments) => {
                return self.partial(*function, (arguments, node.position), input, scope);
            }
            Kind::Lambda { parameters, .. } => {
                self.capture(scope);
                let lambda = Lambda { node: id, scope, input: input.clone(), parameters: parameters.len() };
                Value::Function(Arc::new(Function::Lambda(lambda)))
            }
            Kind::Sort(terms) => self.sort(terms, node.position, input, scope)?,
            Kind::Transform { .. } => {
                self.capture(scope);
                let transform = crate::value::Transform { node: id, scope };
                Value::Function(Arc::new(Function::Transform(transform)))
            }
            Kind::Apply(left, right) => {
                return self.apply_chain((*left, *right, node.position), input, scope);
            }
            _ => Value::Undefined,
        })
    }

    fn variable(&self, name: &str, input: &Value, scope: usize) -> Value {
        if name.is_empty() {
            return match input {
                Value::Array(array) if array.is_wrapper => array.items.first().cloned().unwrap_or_default(),
                other => other.clone(),
            };
        }
        if let Some(value) = self.look_up(scope, name) {
            return value.clone();
        }
        if let Some(function) = self.host.function(name) {
            return Value::Function(Arc::new(Function::Host(function)));
        }
        if self.host.is_forbidden(name) {
            return Value::Undefined;
        }
        functions::named(name).unwrap_or_default()
    }

    fn array(&mut self, node: &Node, items: &[NodeId], input: &Value, scope: usize) -> Result<Value, Error> {
        let mut made = Vec::new();
        for item in items {
            let value = self.evaluate(*item, input, scope)?;
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

    fn block(&mut self, expressions: &[NodeId], input: &Value, scope: usize) -> Result<Value, Error> {
        let inner = self.open(scope)?;
        let mut result = Value::Undefined;
        for expression in expressions {
            result = self.evaluate(*expression, input, inner)?;
        }
        self.close(inner);
        Ok(result)
    }

    /// A scope with the variables of a tuple.
    pub(crate) fn tuple_scope(&mut self, scope: usize, tuple: &Object) -> Result<usize, Error> {
        let inner = self.open(scope)?;
        for (name, value) in tuple {
            self.bind(inner, Arc::clone(name), value.clone());
        }
        Ok(inner)
    }
}

/// A sequence of one item is the item, of none nothing.
pub(crate) fn collapse(value: Value, keeps_array: bool) -> Value {
    let Value::Array(array) = &value else { return value };
    if !array.is_sequence || array.is_tuples {
        return value;
    }
    let keeps = keeps_array || array.keeps_singleton;
    match array.items.as_slice() {
        [] => Value::Undefined,
        [only] if !keeps => only.clone(),
        _ if keeps_array && !array.keeps_singleton => {
            let mut kept = array.as_ref().clone();
            kept.keeps_singleton = true;
            Value::Array(Arc::new(kept))
        }
        _ => value,
    }
}
