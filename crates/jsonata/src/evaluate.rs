//! Evaluation.

mod call;
mod group;
mod limits;
mod members;
mod names;
mod operator;
mod order;
mod path;
mod scope;
mod transform;
mod walk;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::ast::{Kind, Names, Node, NodeId, Stage, Symbol, Tree};
use crate::budget::Budget;
use crate::error::Error;
use crate::host::Host;
use crate::value::{Array, Function, Lambda, Object, Value};

use scope::Scopes;

/// How many steps are taken between two looks at the clock.
const STEPS_PER_CHECK: u64 = 256;
/// How many levels go deeper between two looks at the stack.
const LEVELS_PER_STACK_CHECK: usize = 4;
const SCOPE_BYTES: usize = 96;
/// So many moves of a regular expression are one step.
const MOVES_PER_STEP: u32 = 16;

/// The number of the next evaluation.
static EVALUATIONS: AtomicU64 = AtomicU64::new(0);

/// A list of trees that grows while they are borrowed.
#[derive(Default)]
struct Link(OnceLock<Box<(Tree, Link)>>);

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
        let (tree, root) = crate::parser::parse(text, Names::default())?;
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
        let input = as_input(input);
        let (tree, trees) = (&self.inner.tree, Link::default());
        let mut evaluator = Evaluator::new(tree, &trees, host, *budget);
        // What the expression does not mention it cannot see, unless it makes expressions itself.
        if tree.names.contains("eval") {
            let mut names = tree.names.clone();
            names.insert("$".into());
            names.extend(bindings.keys().map(|name| Arc::from(name.as_str())));
            evaluator.names_of_texts = names;
        }
        let known = if evaluator.names_of_texts.is_empty() { &tree.names } else { &evaluator.names_of_texts };
        let names = |name: &str| known.get_index_of(name).map(Symbol::at);
        let scopes = &mut evaluator.scopes;
        names("$").into_iter().for_each(|symbol| scopes.bind(0, symbol, root.clone()));
        // Each has a name of its own: the order says nothing.
        bindings.iter().for_each(|(name, value)| {
            names(name).into_iter().for_each(|symbol| scopes.bind(0, symbol, value.clone()));
        });
        let result = evaluator.evaluate(self.inner.root, &input, 0)?;
        evaluator.walk(&result, 32)?;
        Ok(match result {
            Value::Undefined => None,
            Value::Array(array) if array.is_wrapper => array.items.first().cloned(),
            value => Some(value),
        })
    }
}

pub(crate) struct Evaluator<'a> {
    /// The tree that is evaluated now.
    pub(crate) tree: &'a Tree,
    pub(crate) host: &'a dyn Host,
    /// All trees: the expression's own, and those of `$eval`.
    trees: Vec<&'a Tree>,
    /// Where the next tree of `$eval` is kept.
    next_tree: &'a Link,
    /// Tells the functions of this evaluation from those of others.
    evaluation: u64,
    budget: Budget,
    scopes: Scopes,
    /// What names mean that nobody bound, by their symbols.
    globals: Vec<Option<Value>>,
    /// The names that expressions made by `$eval` may mention, numbered; empty when there are no such expressions.
    names_of_texts: Names,
    /// Where the last call was written.
    scope_of_call: usize,
    /// How many turns the reference would have waited so far.
    pub(crate) turns: u64,
    depth: usize,
    steps: u64,
    /// At how many steps the limits are looked at again.
    steps_checked: u64,
    bytes: usize,
}

impl<'a> Evaluator<'a> {
    fn new(tree: &'a Tree, link: &'a Link, host: &'a dyn Host, budget: Budget) -> Self {
        let mut scopes = Scopes::default();
        scopes.open(None);
        Self {
            tree,
            host,
            trees: vec![tree],
            next_tree: link,
            evaluation: EVALUATIONS.fetch_add(1, Ordering::Relaxed),
            budget,
            scopes,
            globals: Vec::new(),
            names_of_texts: Names::default(),
            scope_of_call: 0,
            turns: 0,
            depth: 0,
            steps: 0,
            steps_checked: budget.steps.min(STEPS_PER_CHECK),
            bytes: 0,
        }
    }

    pub(crate) fn open(&mut self, parent: usize) -> Result<usize, Error> {
        self.spend(SCOPE_BYTES)?;
        Ok(self.scopes.open(Some(parent)))
    }

    /// Drops a scope that nobody holds on to, and what was opened in it.
    pub(crate) fn close(&mut self, scope: usize) {
        let closed = self.scopes.close(scope);
        self.bytes = self.bytes.saturating_sub(closed * SCOPE_BYTES);
    }

    #[inline]
    pub(crate) fn evaluate(&mut self, id: NodeId, input: &Value, scope: usize) -> Result<Value, Error> {
        let tree = self.tree;
        let node = tree.node(id);
        // Leaves and names need no room: most nodes are such.
        if node.is_bare && self.depth < self.budget.depth {
            match &node.kind {
                Kind::Number(number) => {
                    self.turns += 1;
                    self.step()?;
                    return Ok(Value::Number(*number));
                }
                Kind::Text(text) => {
                    self.turns += 1;
                    self.step()?;
                    return Ok(Value::String(Arc::clone(text)));
                }
                Kind::Variable(name) => {
                    self.turns += 1;
                    self.step()?;
                    return Ok(collapse(self.variable(name, input, scope), false));
                }
                Kind::Path { steps, .. } if node.is_names => {
                    self.step()?;
                    if let Some(found) = self.fields(steps, input) {
                        return Ok(found);
                    }
                }
                _ => {}
            }
        }
        self.evaluate_nested(id, input, scope)
    }

    fn evaluate_nested(&mut self, id: NodeId, input: &Value, scope: usize) -> Result<Value, Error> {
        self.step()?;
        self.enter(id)?;
        let result = if self.depth.is_multiple_of(LEVELS_PER_STACK_CHECK) {
            stacker::maybe_grow(256 * 1_024, 2 * 1_024 * 1_024, || self.evaluate_node(id, input, scope))
        } else {
            self.evaluate_node(id, input, scope)
        };
        self.depth -= 1;
        self.turns += self.tree.node(id).turns;
        result
    }

    /// Goes one level deeper.
    fn enter(&mut self, id: NodeId) -> Result<(), Error> {
        if self.depth >= self.budget.depth {
            return Err(Error::new("U1001").at(self.tree.node(id).position));
        }
        self.depth += 1;
        Ok(())
    }

    fn evaluate_node(&mut self, id: NodeId, input: &Value, scope: usize) -> Result<Value, Error> {
        let tree = self.tree;
        let node = tree.node(id);
        let mut result = self.kind(id, node, input, scope)?;
        if node.is_bare {
            return Ok(collapse(result, false));
        }
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
            Kind::Name(name) => {
                self.pass_over(std::slice::from_ref(input))?;
                let found = path::look_up(input, name);
                self.pay_for_new(&found)?;
                found
            }
            Kind::Variable(name) => self.variable(name, input, scope),
            Kind::Wildcard => {
                self.pass_over(std::slice::from_ref(input))?;
                let found = path::wildcard(input);
                self.pay_for_new(&found)?;
                found
            }
            Kind::Descendant => {
                self.walk(input, 24)?;
                path::descendants(input)
            }
            Kind::Parent(slot) => {
                self.scopes.look_up(scope, Symbol::of_label(slot.label)).cloned().unwrap_or_default()
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
                self.scopes.bind(scope, name.symbol, value.clone());
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
                self.scopes.capture(scope);
                self.spend(SCOPE_BYTES)?;
                let lambda = Lambda {
                    evaluation: self.evaluation,
                    tree: self.tree_number(),
                    node: id,
                    scope,
                    input: input.clone(),
                    parameters: parameters.len(),
                };
                Value::Function(Arc::new(Function::Lambda(lambda)))
            }
            Kind::Sort(terms) => self.sort(terms, node.position, input, scope)?,
            Kind::Transform { .. } => {
                self.scopes.capture(scope);
                let (evaluation, tree) = (self.evaluation, self.tree_number());
                let transform = crate::value::Transform { evaluation, tree, node: id, scope };
                Value::Function(Arc::new(Function::Transform(transform)))
            }
            Kind::Apply(left, right) => {
                return self.apply_chain((*left, *right, node.position), input, scope);
            }
            _ => Value::Undefined,
        })
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
        for (name, value) in tuple.iter() {
            let symbol = match name.strip_prefix('!').and_then(|label| label.parse().ok()) {
                Some(label) => Symbol::of_label(label),
                None => match self.tree.names.get_index_of(name) {
                    Some(at) => Symbol::at(at),
                    None => continue,
                },
            };
            self.scopes.bind(inner, symbol, value.clone());
        }
        Ok(inner)
    }
}

/// An array as the input is one thing, until a path goes into it.
pub(crate) fn as_input(value: &Value) -> Value {
    match value {
        Value::Array(array) if !array.is_sequence => Value::Array(Arc::new(Array {
            items: vec![value.clone()],
            is_sequence: true,
            is_wrapper: true,
            ..Array::default()
        })),
        other => other.clone(),
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
