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

impl Evaluator<'_> {
    /// `function(arguments)` at a place, with a first argument where `~>` brings one.
    pub(super) fn call(
        &mut self,
        (function, arguments, position): (NodeId, &[NodeId], usize),
        first: Option<Value>,
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let called = self.evaluate(function, input, scope)?;
        if let Some(name) = self.misspelled(&called, function, scope) {
            return Err(Error::new("T1005").at(position).token_is(name));
        }
        let mut values: Vec<Value> = Vec::with_capacity(arguments.len() + usize::from(first.is_some()));
        values.extend(first);
        for argument in arguments {
            let value = self.evaluate(*argument, input, scope)?;
            values.push(value);
        }
        self.apply_at(&called, values, input, position)
            .map_err(|error| error.at(position).or_token(self.name_of(function)))
    }

    /// What a called expression is named in errors.
    fn name_of(&self, function: NodeId) -> Option<Value> {
        let node = self.tree.node(function);
        Some(match &node.kind {
            Kind::Path { steps, .. } => self.tree.node(*steps.first()?).token(),
            Kind::Lambda { .. } | Kind::Block(_) => return None,
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
            Kind::Name(name) => {
                self.variable(name, &Value::Undefined, scope).to_boolean().map(|_| first.token())
            }
            _ => None,
        }
    }

    /// Applies a function; tail calls go on here instead of nesting.
    pub(crate) fn apply(
        &mut self,
        function: &Value,
        arguments: Vec<Value>,
        input: &Value,
    ) -> Result<Value, Error> {
        self.apply_at(function, arguments, input, 0)
    }

    fn apply_at(
        &mut self,
        function: &Value,
        arguments: Vec<Value>,
        input: &Value,
        position: usize,
    ) -> Result<Value, Error> {
        let of_call = |function: &Value, error: Error, position: usize| match identity(function) {
            Some(identity) if position > 0 => error.of_call(identity, position),
            _ => error,
        };
        let mut result = self
            .apply_once(function, arguments, input)
            .map_err(|error| of_call(function, error, position))?;
        while let Some(thunk) = self.thunk(&result) {
            self.step()?;
            let Kind::Lambda { body, .. } = &self.tree.node(thunk.node).kind else { break };
            let Kind::Call(called, given) = &self.tree.node(*body).kind else { break };
            let next = self.evaluate(*called, &thunk.input, thunk.scope)?;
            let mut values = Vec::with_capacity(given.len());
            for argument in given {
                values.push(self.evaluate(*argument, &thunk.input, thunk.scope)?);
            }
            let procedure = self.tree.node(*called);
            result = self.apply_once(&next, values, &thunk.input).map_err(|error| {
                let name = matches!(procedure.kind, Kind::Variable(_)).then(|| procedure.token());
                of_call(&next, error.or_token(name), procedure.position)
            })?;
        }
        Ok(result)
    }

    fn thunk(&self, value: &Value) -> Option<Lambda> {
        let Value::Function(function) = value else { return None };
        let Function::Lambda(lambda) = function.as_ref() else { return None };
        matches!(self.tree.node(lambda.node).kind, Kind::Lambda { is_thunk: true, .. })
            .then(|| lambda.clone())
    }

    fn apply_once(&mut self, function: &Value, arguments: Vec<Value>, input: &Value) -> Result<Value, Error> {
        let Value::Function(function) = function else { return Err(Error::new("T1006")) };
        match function.as_ref() {
            Function::Lambda(lambda) => self.apply_lambda(lambda, arguments, input),
            Function::Native(native) => native.call(self, arguments, input),
            Function::Host(run) => run(self.host, &arguments),
            Function::Regex(pattern) => Ok(functions::regex_match(pattern, arguments.first(), 0)),
            Function::NextMatch { pattern, text, from } => {
                Ok(functions::regex_match(pattern, Some(&Value::String(Arc::clone(text))), *from))
            }
            Function::Partial(partial) => {
                let mut given = arguments.into_iter();
                let filled = partial.arguments.iter().map(|argument| match argument {
                    Some(value) => value.clone(),
                    None => given.next().unwrap_or_default(),
                });
                let filled: Vec<Value> = filled.collect();
                self.apply(&partial.function, filled, input)
            }
            Function::Composition(first, second) => {
                let between = self.apply(first, arguments, input)?;
                self.apply(second, vec![between], input)
            }
            Function::Transform(transform) => {
                self.transform(transform, arguments.into_iter().next().unwrap_or_default())
            }
        }
    }

    fn apply_lambda(
        &mut self,
        lambda: &Lambda,
        arguments: Vec<Value>,
        input: &Value,
    ) -> Result<Value, Error> {
        let tree = self.tree;
        let Kind::Lambda { parameters, signature, body, .. } = &tree.node(lambda.node).kind else {
            return Ok(Value::Undefined);
        };
        let arguments = match signature {
            Some(signature) => signature.check(arguments, input)?,
            None => arguments,
        };
        let inner = self.open(lambda.scope)?;
        let mut given = arguments.into_iter();
        for parameter in parameters {
            self.bind(inner, Arc::clone(parameter), given.next().unwrap_or_default());
        }
        let result = self.evaluate(*body, &lambda.input, inner)?;
        self.close(inner);
        Ok(result)
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
            return self.call((*function, arguments, node.position), Some(first), input, scope);
        }
        let function = self.evaluate(right, input, scope)?;
        if !function.is_function() {
            return Err(Error::new("T2006").at(position).value(function));
        }
        if first.is_function() {
            return Ok(Value::Function(Arc::new(Function::Composition(first, function))));
        }
        self.apply(&function, vec![first], input)
    }
}
