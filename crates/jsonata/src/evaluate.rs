//! Evaluation.

mod call;
mod group;
mod operator;
mod order;
mod path;
mod scope;
mod transform;
mod walk;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::ast::{Kind, Name, Names, Node, NodeId, Stage, Symbol, Tree};
use crate::budget::Budget;
use crate::error::Error;
use crate::functions;
use crate::host::Host;
use crate::regex::{BYTES_PER_BRANCH, Found, Limits, Pattern};
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

    /// Counts bytes of new values against the budget.
    pub(crate) fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.budget.bytes { Err(Error::new("U1002")) } else { Ok(()) }
    }

    #[inline]
    pub(crate) fn step(&mut self) -> Result<(), Error> {
        self.steps += 1;
        if self.steps < self.steps_checked { Ok(()) } else { self.check_limits() }
    }

    /// Counts steps that were taken elsewhere.
    pub(crate) fn take_steps(&mut self, count: u64) -> Result<(), Error> {
        self.steps = self.steps.saturating_add(count);
        if self.steps < self.steps_checked { Ok(()) } else { self.check_limits() }
    }

    #[cold]
    fn check_limits(&mut self) -> Result<(), Error> {
        if self.steps > self.budget.steps {
            return Err(Error::new("U1003"));
        }
        self.steps_checked = (self.budget.steps.saturating_add(1)).min(self.steps + STEPS_PER_CHECK);
        if self.budget.time_ms.is_some_and(|limit| self.host.elapsed_ms() > limit) {
            // The reference's code for it is that of the depth, with another sentence.
            return Err(Error::custom("U1001", "Expression evaluation timeout: Check for infinite loop"));
        }
        Ok(())
    }

    /// Looks for a regular expression, within what is left of the budget.
    pub(crate) fn find(
        &mut self,
        pattern: &Pattern,
        text: &[u16],
        from: usize,
    ) -> Result<Option<Found>, Error> {
        let branches_max = self.budget.bytes.saturating_sub(self.bytes) / BYTES_PER_BRANCH;
        let mut tick = |moves: u32| self.take_steps(u64::from(moves / MOVES_PER_STEP) + 1);
        pattern.find(text, from, &mut Limits { tick: &mut tick, branches_max })
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
                path::look_up(input, name)
            }
            Kind::Variable(name) => self.variable(name, input, scope),
            Kind::Wildcard => {
                self.pass_over(std::slice::from_ref(input))?;
                path::wildcard(input)
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

    fn variable(&mut self, name: &Name, input: &Value, scope: usize) -> Value {
        if name.text.is_empty() {
            return match input {
                Value::Array(array) if array.is_wrapper => array.items.first().cloned().unwrap_or_default(),
                other => other.clone(),
            };
        }
        match self.scopes.look_up(scope, name.symbol) {
            Some(value) => value.clone(),
            None => self.global(name),
        }
    }

    /// The function of a name that nobody bound.
    fn global(&mut self, name: &Name) -> Value {
        let place = usize::try_from(name.symbol.0).unwrap_or(usize::MAX);
        if let Some(Some(known)) = self.globals.get(place) {
            return known.clone();
        }
        let found = self.function(&name.text);
        if place >= self.globals.len() && place < self.tree.names.len() {
            self.globals.resize(self.tree.names.len(), None);
        }
        if let Some(known) = self.globals.get_mut(place) {
            *known = Some(found.clone());
        }
        found
    }

    fn function(&self, name: &str) -> Value {
        if let Some(function) = self.host.function(name) {
            return Value::Function(Arc::new(Function::Host(function)));
        }
        if self.host.is_forbidden(name) {
            return Value::Undefined;
        }
        functions::named(name).unwrap_or_default()
    }

    /// What a name means, given as text.
    fn named(&self, name: &str, scope: usize) -> Value {
        let symbol = self.tree.names.get_index_of(name).map(Symbol::at);
        match symbol.and_then(|symbol| self.scopes.look_up(scope, symbol)) {
            Some(value) => value.clone(),
            None => self.function(name),
        }
    }

    /// The place of the current tree among all.
    fn tree_number(&self) -> usize {
        self.trees.iter().position(|tree| std::ptr::eq(*tree, self.tree)).unwrap_or(0)
    }

    /// Goes to another tree of this evaluation; gives the one to come back to.
    fn go_to(&mut self, number: usize) -> &'a Tree {
        let tree = self.trees.get(number).copied().unwrap_or(self.tree);
        std::mem::replace(&mut self.tree, tree)
    }

    /// Evaluates a text as an expression with the variables of the place of the call. The outer error is that of
    /// parsing it.
    pub(crate) fn evaluate_text(&mut self, text: &str, input: &Value) -> Result<Result<Value, Error>, Error> {
        let (tree, root) = crate::parser::parse(text, self.names_of_texts.clone())?;
        self.names_of_texts = tree.names.clone();
        self.spend(tree.len().saturating_mul(std::mem::size_of::<Node>()))?;
        let link = self.next_tree.0.get_or_init(|| Box::new((tree, Link::default())));
        self.next_tree = &link.1;
        self.trees.push(&link.0);
        let outer = std::mem::replace(&mut self.tree, &link.0);
        let result = self.evaluate(root, input, self.scope_of_call);
        self.tree = outer;
        Ok(result)
    }

    fn array(&mut self, node: &Node, items: &[NodeId], input: &Value, scope: usize) -> Result<Value, Error> {
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
    fn at_once(
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
