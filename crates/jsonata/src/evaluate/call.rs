//! Calls: of lambdas, of functions, of parts of them.

use std::sync::Arc;

use super::Evaluator;
use crate::ast::{Kind, NodeId};
use crate::error::Error;
use crate::functions;
use crate::value::{Function, Lambda, Partial, Value};

/// Tells functions apart: every mention of a built-in one is the same.
fn identity(function: &Value) -> Option<usize> {
    let Value::Function(function) = function else { return None };
    Some(match function.as_ref() {
        Function::Native(native) => native.identity(),
        _ => Arc::as_ptr(function).addr(),
    })
}

/// The error as it leaves a call; 0 is no position.
fn of_call(function: &Value, error: Error, position: usize) -> Error {
    match identity(function) {
        Some(identity) if position > 0 => error.of_call(identity, position),
        _ => error,
    }
}

/// A call as it is written: the function, the arguments, the place.
type Written<'a> = (NodeId, &'a [NodeId], usize);

/// How the body of a lambda ended.
enum End<'a> {
    Value(Value),
    /// In a call that is still to be made, in a scope.
    Call(NodeId, &'a [NodeId], usize),
}

impl<'a> Evaluator<'a> {
    /// `function(arguments)` at a place, with a first argument where `~>` brings one.
    pub(super) fn call(
        &mut self,
        (function, arguments, position): Written<'_>,
        first: Option<Value>,
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let called = self.evaluate(function, input, scope)?;
        let result = if let Some(lambda) = self.own_lambda(&called) {
            self.arguments_of(lambda, first, arguments, (input, scope))?
                .map_err(|error| of_call(&called, error, position))
                .and_then(|inner| self.run(&called, lambda, inner, position))
        } else {
            if let Some(name) = self.misspelled(&called, function, scope) {
                return Err(Error::new("T1005").at(position).token_is(name));
            }
            let mut values: Vec<Value> = Vec::with_capacity(arguments.len() + usize::from(first.is_some()));
            values.extend(first);
            for argument in arguments {
                let value = self.evaluate(*argument, input, scope)?;
                values.push(value);
            }
            self.scope_of_call = scope;
            self.apply_other(&called, values, input).map_err(|error| of_call(&called, error, position))
        };
        self.turns += 1;
        result.map_err(|error| error.at(position).or_token(self.name_of(function)))
    }

    /// The lambda that a function is, if this evaluation made it.
    fn own_lambda<'v>(&self, function: &'v Value) -> Option<&'v Lambda> {
        let Value::Function(function) = function else { return None };
        match function.as_ref() {
            Function::Lambda(lambda) if lambda.evaluation == self.evaluation => Some(lambda),
            _ => None,
        }
    }

    /// Evaluates the arguments into a scope for the lambda's body. The inner error is that of its signature.
    fn arguments_of(
        &mut self,
        lambda: &Lambda,
        first: Option<Value>,
        arguments: &[NodeId],
        (input, scope): (&Value, usize),
    ) -> Result<Result<usize, Error>, Error> {
        let tree = self.trees.get(lambda.tree).copied().unwrap_or(self.tree);
        let parameters = match &tree.node(lambda.node).kind {
            Kind::Lambda { parameters, signature: None, .. } => parameters,
            _ => {
                let mut values: Vec<Value> = first.into_iter().collect();
                for argument in arguments {
                    values.push(self.evaluate(*argument, input, scope)?);
                }
                return Ok(self.bind(lambda, values, input));
            }
        };
        let inner = self.open(lambda.scope)?;
        let mut parameters = parameters.iter();
        if let Some(first) = first {
            parameters
                .next()
                .into_iter()
                .for_each(|name| self.scopes.bind(inner, name.symbol, first.clone()));
        }
        for argument in arguments {
            let value = self.evaluate(*argument, input, scope)?;
            if let Some(parameter) = parameters.next() {
                self.scopes.bind(inner, parameter.symbol, value);
            }
        }
        parameters.for_each(|name| self.scopes.bind(inner, name.symbol, Value::Undefined));
        Ok(Ok(inner))
    }

    /// A scope for the lambda's body, with its parameters.
    fn bind(&mut self, lambda: &Lambda, arguments: Vec<Value>, input: &Value) -> Result<usize, Error> {
        let tree = self.trees.get(lambda.tree).copied().unwrap_or(self.tree);
        let Kind::Lambda { parameters, signature, .. } = &tree.node(lambda.node).kind else {
            return self.open(lambda.scope);
        };
        let arguments = match signature {
            Some(signature) => signature.check(arguments, input)?,
            None => arguments,
        };
        let inner = self.open(lambda.scope)?;
        let mut given = arguments.into_iter();
        for parameter in parameters {
            self.scopes.bind(inner, parameter.symbol, given.next().unwrap_or_default());
        }
        Ok(inner)
    }

    /// Evaluates a lambda's body in a scope that has its parameters.
    fn run(
        &mut self,
        called: &Value,
        lambda: &Lambda,
        inner: usize,
        position: usize,
    ) -> Result<Value, Error> {
        let (tree, depth) = (self.tree, self.depth);
        let result = stacker::maybe_grow(256 * 1_024, 2 * 1_024 * 1_024, || {
            self.run_all(called, lambda, inner, position)
        });
        (self.tree, self.depth) = (tree, depth);
        self.close(inner);
        result
    }

    /// Runs a lambda, then the one that it calls at its end, and so on: nothing nests, and no scope is left behind.
    fn run_all(
        &mut self,
        called: &Value,
        lambda: &Lambda,
        inner: usize,
        position: usize,
    ) -> Result<Value, Error> {
        let (depth, mut inner) = (self.depth, inner);
        // The call that is being made: what it calls, and how it is named and placed in errors.
        let (mut function, mut name, mut position) = (called.clone(), None, position);
        let mut held = lambda.clone();
        loop {
            self.tree = self.trees.get(held.tree).copied().unwrap_or(self.tree);
            let Kind::Lambda { body, .. } = &self.tree.node(held.node).kind else {
                return Ok(Value::Undefined);
            };
            let end = self.end_of(*body, &held.input, inner);
            self.depth = depth;
            self.turns += 2;
            let end = end.map_err(|error| of_call(&function, error.or_token(name.take()), position))?;
            let (callee, arguments, scope) = match end {
                End::Value(value) => return Ok(value),
                End::Call(callee, arguments, scope) => (callee, arguments, scope),
            };
            self.step()?;
            let next = self.evaluate(callee, &held.input, scope)?;
            let procedure = self.tree.node(callee);
            name = matches!(procedure.kind, Kind::Variable(_)).then(|| procedure.token());
            position = procedure.position;
            let Some(lambda) = self.own_lambda(&next).cloned() else {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.evaluate(*argument, &held.input, scope)?);
                }
                self.scope_of_call = scope;
                return self
                    .apply_other(&next, values, &held.input)
                    .map_err(|error| of_call(&next, error.or_token(name), position));
            };
            let following = self
                .arguments_of(&lambda, None, arguments, (&held.input, scope))?
                .map_err(|error| of_call(&next, error.or_token(name.clone()), position))?;
            inner = self.move_scope(following, inner, lambda.scope)?;
            (function, held) = (next, lambda);
        }
    }

    /// Puts a scope into the place of one that is not needed any more.
    fn move_scope(&mut self, from: usize, to: usize, parent: usize) -> Result<usize, Error> {
        let bindings = self.scopes.take(from);
        self.close(to);
        let place = self.open(parent)?;
        let room = self.scopes.put(place, bindings);
        self.scopes.keep_room(from, room);
        Ok(place)
    }

    /// Evaluates a body up to the call that it ends with.
    fn end_of(&mut self, body: NodeId, input: &Value, scope: usize) -> Result<End<'a>, Error> {
        let (tree, mut at, mut scope) = (self.tree, body, scope);
        loop {
            let node = tree.node(at);
            match &node.kind {
                Kind::Lambda { body, is_thunk: true, .. } => {
                    let Kind::Call(function, arguments) = &tree.node(*body).kind else { break };
                    self.turns += 1;
                    return Ok(End::Call(*function, arguments, scope));
                }
                Kind::Condition(test, then, otherwise) if node.is_bare => {
                    self.turns += node.turns;
                    self.step()?;
                    self.enter(at)?;
                    at = if self.evaluate(*test, input, scope)?.to_boolean().unwrap_or(false) {
                        *then
                    } else {
                        match otherwise {
                            Some(otherwise) => *otherwise,
                            None => return Ok(End::Value(Value::Undefined)),
                        }
                    };
                }
                Kind::Block(expressions) if node.is_bare => {
                    self.turns += node.turns;
                    self.step()?;
                    self.enter(at)?;
                    let Some((last, before)) = expressions.split_last() else { break };
                    scope = self.open(scope)?;
                    for expression in before {
                        self.evaluate(*expression, input, scope)?;
                    }
                    at = *last;
                }
                _ => break,
            }
        }
        let value = self.evaluate(at, input, scope)?;
        // A block with a predicate hands its last call on as a value.
        if let Some(Lambda { node, scope, .. }) = self.own_lambda(&value)
            && let Kind::Lambda { body, is_thunk: true, .. } = &tree.node(*node).kind
            && let Kind::Call(function, arguments) = &tree.node(*body).kind
        {
            return Ok(End::Call(*function, arguments, *scope));
        }
        Ok(End::Value(value))
    }

    /// What a called expression is named in errors.
    fn name_of(&self, function: NodeId) -> Option<Value> {
        let node = self.tree.node(function);
        Some(match &node.kind {
            Kind::Path { steps, .. } => self.tree.node(*steps.first()?).token(),
            Kind::Lambda { .. } | Kind::Block(_) | Kind::Parent(_) => return None,
            _ => node.token(),
        })
    }

    /// The name of a function that was called without its `$`.
    fn misspelled(&self, called: &Value, function: NodeId, scope: usize) -> Option<Value> {
        if !called.is_undefined() {
            return None;
        }
        let Kind::Path { steps, .. } = &self.tree.node(function).kind else { return None };
        let first = self.tree.node(*steps.first()?);
        match &first.kind {
            Kind::Name(name) => self.named(name, scope).to_boolean().map(|_| first.token()),
            _ => None,
        }
    }

    /// Applies a function that a function was given.
    pub(crate) fn apply(
        &mut self,
        function: &Value,
        arguments: Vec<Value>,
        input: &Value,
    ) -> Result<Value, Error> {
        let result = self.apply_here(function, arguments, input);
        self.turns += 2;
        result
    }

    fn apply_here(&mut self, function: &Value, arguments: Vec<Value>, input: &Value) -> Result<Value, Error> {
        match self.own_lambda(function) {
            Some(lambda) => {
                let inner = self.bind(lambda, arguments, input)?;
                self.run(function, lambda, inner, 0)
            }
            None => self.apply_other(function, arguments, input),
        }
    }

    /// Applies a function that is no lambda of this evaluation.
    fn apply_other(
        &mut self,
        function: &Value,
        arguments: Vec<Value>,
        input: &Value,
    ) -> Result<Value, Error> {
        let result = self.apply_kind(function, arguments, input);
        self.turns += 1;
        result
    }

    fn apply_kind(&mut self, function: &Value, arguments: Vec<Value>, input: &Value) -> Result<Value, Error> {
        let Value::Function(function) = function else { return Err(Error::new("T1006")) };
        match function.as_ref() {
            // Its scope went with the evaluation that made it.
            Function::Lambda(_) => Err(Error::new("T1006")),
            Function::Native(native) => native.call(self, arguments, input),
            Function::Host(run) => run(self.host, &arguments),
            Function::Regex(pattern) => functions::first_match(self, pattern, arguments.first()),
            Function::NextMatch { pattern, subject, from } => {
                functions::next_match(self, pattern, subject, *from)
            }
            Function::Partial(partial) => {
                let mut given = arguments.into_iter();
                let filled = partial.arguments.iter().map(|argument| match argument {
                    Some(value) => value.clone(),
                    None => given.next().unwrap_or_default(),
                });
                let filled: Vec<Value> = filled.collect();
                match &partial.function {
                    Value::Function(function) if let Function::Native(native) = function.as_ref() => {
                        self.turns += 2;
                        native.call_unchecked(self, &filled, input)
                    }
                    function => self.apply_nested(function, filled, input),
                }
            }
            Function::Composition(first, second) => {
                self.turns += 6;
                let between = self.apply_nested(first, arguments, input);
                self.turns += 3;
                let between = between?;
                self.apply_nested(second, vec![between], input)
            }
            Function::Transform(transform) if transform.evaluation == self.evaluation => {
                let outer = self.go_to(transform.tree);
                self.turns += 3;
                let result = self.transform(transform, arguments.into_iter().next().unwrap_or_default());
                self.tree = outer;
                result
            }
            Function::Transform(_) => Err(Error::new("T1006")),
        }
    }

    /// Applies what another function is made of: that may go as deep as any other evaluation.
    fn apply_nested(
        &mut self,
        function: &Value,
        arguments: Vec<Value>,
        input: &Value,
    ) -> Result<Value, Error> {
        self.step()?;
        stacker::maybe_grow(256 * 1_024, 2 * 1_024 * 1_024, || self.apply_here(function, arguments, input))
    }

    pub(super) fn partial(
        &mut self,
        function: NodeId,
        (arguments, position): (&[Option<NodeId>], usize),
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(match argument {
                Some(argument) => Some(self.evaluate(*argument, input, scope)?),
                None => None,
            });
        }
        let called = self.evaluate(function, input, scope)?;
        if let Some(name) = self.misspelled(&called, function, scope) {
            return Err(Error::new("T1007").at(position).token_is(name));
        }
        if !called.is_function() {
            return Err(Error::new("T1008").at(position).or_token(self.name_of(function)));
        }
        Ok(Value::Function(Arc::new(Function::Partial(Partial { function: called, arguments: values }))))
    }

    /// `left ~> right`: a call with a first argument, a composition, or an application.
    pub(super) fn apply_chain(
        &mut self,
        (left, right, position): (NodeId, NodeId, usize),
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let first = self.evaluate(left, input, scope)?;
        let node = self.tree.node(right);
        if let Kind::Call(function, arguments) = &node.kind {
            let result = self.call((*function, arguments, node.position), Some(first), input, scope);
            self.turns += 1;
            return result;
        }
        let function = self.evaluate(right, input, scope)?;
        if !function.is_function() {
            return Err(Error::new("T2006").at(position).value(function));
        }
        if first.is_function() {
            self.turns += 5;
            return Ok(Value::Function(Arc::new(Function::Composition(first, function))));
        }
        let result = self.apply_here(&function, vec![first], input);
        self.turns += 1;
        result
    }
}
